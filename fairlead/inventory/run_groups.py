"""Groups that a run has made: `@failed`, `@changed`, `@unreachable`, and `@failed:RUN`."""

import re
from collections.abc import Callable, Mapping, Sequence

STATES = {  # group -> the states of a host that belongs to it
    "failed": ("failed", "rolled-back", "locked"),
    "changed": ("changed",),
    "unreachable": ("unreachable",),
}
RunHosts = Callable[[str, str], Sequence[str]]  # group, run ("": the last) -> its hosts


class RunGroups(dict[str, str]):
    """The groups of a site, and those of runs when they are looked up; a group of the site of the
    same name wins. Only the site's own are listed.

    What a name stands for is looked up once: a run that ends meanwhile does not change it.
    """

    def __init__(self, groups: Mapping[str, str], hosts: RunHosts):
        super().__init__(groups)
        self._groups, self._hosts = groups, hosts
        self._known: dict[str, str] = {}

    def __contains__(
        self,
        name: object,
    ) -> bool:
        return name in self._groups or str(name).partition(":")[0] in STATES

    def __missing__(
        self,
        name: str,
    ) -> str:
        if name in self._groups:
            return self._groups[name]
        group, _, run = name.partition(":")
        if name not in self._known:
            self._known[name] = ",".join(self._hosts(group, run))
        return self._known[name]


def names_runs(text: str) -> bool:
    """Does a node set name a group that a run has made?"""
    return bool(re.search(rf"@({'|'.join(STATES)})\b", text))
