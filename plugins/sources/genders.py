"""A genders file: an attribute is a group, and so is an attribute with a value."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import Inventory, SourceAccess, SourceHost, SourceSettings, hookimpl

from .common import Groups, expanded

PLACE = "/etc/genders"


class Settings(SourceSettings, kw_only=True, forbid_unknown_fields=True):
    """Where the file lies."""

    file: Annotated[str, Meta(description="the genders file; default: /etc/genders")] = ""


@hookimpl
def read_inventory(access: SourceAccess) -> Inventory:
    file = access.file or PLACE
    groups, hosts, values = Groups(), dict[str, SourceHost](), dict[str, None]()
    for number, line in enumerate(access.read(file).splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        names = expanded(words[0], f"{file}:{number}")
        hosts |= {name: SourceHost(name=name) for name in names}
        for attribute in ",".join(words[1:]).split(","):
            _add(attribute, names, groups, values)
    return Inventory(
        hosts=tuple(hosts.values()),
        groups=groups.node_sets,
        remarks=(*_remarks(values), *groups.remarks),
    )


def _add(attribute: str, names: tuple[str, ...], groups: Groups, values: dict[str, None]) -> None:
    key, equals, value = attribute.partition("=")
    for name in names if key else ():
        groups.add(key, name)
        if equals and key != "altname":
            written = value.replace("%n", name).replace("%%", "%")
            values[f"{key}={written}"] = None
            groups.add(f"{key}_{written}", name)


def _remarks(values: dict[str, None]) -> tuple[str, ...]:
    if not values:
        return ()
    first = next(iter(values))
    name = first.replace("=", "_", 1)
    return (f"a group has no value: {first} is the group {name}, and so on ({len(values)})",)
