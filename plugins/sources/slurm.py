"""Slurm: what sinfo prints. A partition is a group."""

from collections.abc import Iterator, Mapping

from fairlead.api import Inventory, SiteError, SourceAccess, SourceHost, hookimpl

from .common import Groups, RemoteSettings, command, expanded

SINFO = ("sinfo", "--all", "--Node", "--format", "%N %o %R")


class Settings(RemoteSettings, kw_only=True, forbid_unknown_fields=True):
    """Where sinfo is run."""


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    argv = command(SINFO, access.settings.through)
    where = access.file or "sinfo"
    text = access.read(access.file) if access.file else access.run(argv)
    groups, hosts = Groups(), dict[str, SourceHost]()
    for row in _rows(text, where):
        names = expanded(row["NODELIST"], where) if row.get("NODELIST") else ()
        address = row.get("NODE_ADDR", "")
        for name in names:
            alone = len(names) == 1 and address != name
            hosts[name] = SourceHost(name=name, address=address if alone else "")
        groups.add(row["PARTITION"].rstrip("*"), *names)  # * marks the default
    if not hosts:
        raise SiteError(where, "names no node", "see what sinfo prints")
    return Inventory(hosts=tuple(hosts.values()), groups=groups.node_sets, remarks=groups.remarks)


def _rows(text: str, where: str) -> Iterator[Mapping[str, str]]:
    """The lines of sinfo's table by the heads of its columns; a line with the date may precede."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    heads = [n for n, words in enumerate(lines) if {"NODELIST", "PARTITION"} <= set(words)]
    if not heads:
        remedy = "give what sinfo prints, with its heads: sinfo -a -N"
        raise SiteError(where, "has no columns NODELIST and PARTITION", remedy)
    head = lines[heads[0]]
    for words in lines[heads[0] + 1 :]:
        yield dict(zip(head, words, strict=False))
