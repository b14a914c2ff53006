"""The way from what somebody started by hand to a site that has it: `inv adopt` proposes, writes,
`up` takes over, and what is proposed then is the same, with an empty plan."""

from pathlib import Path
from typing import Any

import yaml

from tests.e2e.ground import containers, listing
from tests.e2e.inv import SITE, Said, inv


def site_without(folder: Path, *systems: str) -> str:
    """A copy of the lab's site that has no section of these systems."""
    site = yaml.safe_load(Path(SITE).read_text("utf-8"))
    for system in systems:
        site.pop(system, None)
    site["secrets"] = {"environment": {}}
    folder.mkdir(exist_ok=True)
    path = folder / Path(SITE).name  # the name of a site is on the labels of its containers
    path.write_text(yaml.safe_dump(site, sort_keys=False), "utf-8")
    return str(path)


class ByHand:
    """What somebody started on a host, and a site without it."""

    def __init__(self, system: str, host: str, folder: Path, **env: str):
        self.system, self.host, self.folder, self.env = system, host, folder, env

    def inv(self, *argv: str, site: str) -> Said:
        said = inv(*argv, f"--site={site}", timeout=600, **self.env)
        assert said.code == 0, f"{argv}: {said.code}\n{said.err}\n{said.out}"
        return said

    def adopt(self, site: str, *words: str) -> Any:
        which = (f"--host={self.host}", f"--system={self.system}")
        return self.inv("adopt", *which, "--json", *words, site=site).json

    def proposed(self) -> Any:
        """What `inv adopt` says, which changes nothing on the host."""
        before = listing(self.host, of="containers")
        first = self.adopt(site_without(self.folder, self.system))
        assert listing(self.host, of="containers") == before
        assert (first["written"], first["unknown"]) == (False, {})
        return first

    def taken_over(self, *components: str) -> Any:
        """The section, once the site has it, `up` is done and the proposal is the same again."""
        site = site_without(self.folder, self.system)
        first = self.adopt(site, "--write")
        assert first["written"] is True, first
        assert [plan["empty"] for plan in first["plans"]] != [True]
        for component in components or (self.system,):
            self.inv(f"{component}.up", site=site)
            again = (f"{component}.up", "--dry-run", "--fail-on=changed")
            self.inv(*again, site=site)
        second = self.adopt(site_without(self.folder, self.system))
        assert second["sections"] == first["sections"], second["sections"]
        assert {plan["name"]: plan["empty"] for plan in second["plans"]} == {
            plan["name"]: True for plan in first["plans"]
        }
        return first


def stands(host: str, name: str) -> tuple[str, str]:
    """The states of a container and of the one that it took the place of."""
    there = containers(host)
    return there.get(name, ""), there.get(f"{name}.previous", "")
