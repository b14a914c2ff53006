"""A command of the site's own that prints its groups: a line `GROUP: NODESET` for each."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import Inventory, SiteError, SourceAccess, SourceHost, hookimpl, nodesets

from .common import RemoteSettings, command, group_name, left_out


class Settings(RemoteSettings, kw_only=True, forbid_unknown_fields=True):
    """The command, word for word; no shell reads it."""

    argv: Annotated[
        tuple[str, ...], Meta(min_length=1, description="the command, word for word")
    ] = ("./groups",)


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    argv = command(access.settings.argv, access.settings.through)
    where = access.file or argv[0]
    text = access.read(access.file) if access.file else access.run(argv)
    groups: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, node_set = (part.strip() for part in line.partition(":"))
        if not colon or name != group_name(name):
            raise SiteError(f"{where}:{number}", f"{line[:40]!r} is no line", "write io: n[1-3]")
        groups[name] = node_set
    full = {name: text for name, text in groups.items() if text}
    hosts = nodesets.members(full.values(), full, where, SiteError)
    return Inventory(
        hosts=tuple(SourceHost(name=name) for name in hosts),
        groups=full,
        remarks=tuple(left_out(name for name in groups if not groups[name])),
    )
