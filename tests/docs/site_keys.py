"""docs/site-keys.md, made of the types of a site file: `python -m tests.docs.site_keys` writes it
anew.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec

from fairlead.contract import loader
from fairlead.contract.loader import Plugins
from fairlead.inventory import draft, kinds
from fairlead.inventory.announcements import Announcement
from fairlead.inventory.hosts import HostSpec
from fairlead.inventory.site import Ssh
from fairlead.inventory.windows import Window

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "site-keys.md"
HEAD = """\
# The keys of a site file

Every key, its default and what it means, as the type says that checks it; [sites.md](sites.md) has
the rules, sites/example.yml an example of each. `inv site.draft --system=NAME` prints one system's
as a section to be filled in, `inv site.schema` all as a JSON Schema.

`a.b` is the key `b` of the map `a`; NAME is a name of your own; `a[].b` is the key `b` of each item
of the list `a`. *must* stands for a key without a default, nothing for a default of none.
"""
MAPS = {"hosts.NODES": HostSpec, "ssh": Ssh}
NAMED = {"windows.NAME": Window, "announcements.NAME": Announcement}


def page() -> str:
    """The whole page."""
    plugins = loader.load([ROOT / "plugins"], entry_points=False)
    sections = (_section(name, about, kind) for name, about, kind in _parts(plugins))
    return "\n".join([HEAD, *sections])


def _parts(plugins: Plugins) -> Iterator[tuple[str, str, type[msgspec.Struct]]]:
    """Title, a sentence, the type."""
    for name, kind in (MAPS | NAMED).items():
        yield name, _summary(kind), kind
    for name in plugins.sources:
        kind = plugins.source(name).Settings
        yield f"sources.NAME, from: {name}", _summary(kind), kind
    for name, kind in plugins.settings().items():
        yield f"secrets.{name}", _summary(kind), kind
    for name, system in plugins.systems.items():
        yield name, f"{system.about}.", system.section_type


def _summary(kind: type[msgspec.Struct]) -> str:
    return " ".join((kind.__doc__ or "").partition("\n\n")[0].split())


def _section(title: str, about: str, kind: type[msgspec.Struct]) -> str:
    rows = "".join(_row(*key) for key in keys(kind))
    table = f"| key | default | |\n|---|---|---|\n{rows}" if rows else "No keys.\n"
    return f"## {title}\n\n{about[:1].upper()}{about[1:]}\n\n{table}"


def keys(kind: type[msgspec.Struct], path: str = "") -> Iterator[tuple[str, str, str]]:
    """Path, default and meaning of each key, those of maps and lists within it too."""
    for name, field in kinds.fields(kind).items():
        inner = list(_inner(field.type))
        default = "*must*" if field.required else _default(name, field, bool(inner))
        yield f"{path}{name}", default, draft._about(field.type)
        for ending, struct in inner:
            yield from keys(struct, f"{path}{name}{ending}.")


def _inner(kind: Any) -> Iterator[tuple[str, type[msgspec.Struct]]]:
    """The maps with keys of their own in a type, and how their path goes on."""
    for part in kinds.members(kind):
        if kinds.is_struct(part):
            yield "", part
        elif kinds.is_map(part) or kinds.is_list(part):
            ending = ".NAME" if kinds.is_map(part) else "[]"
            values = get_args(part)[-1:] if kinds.is_map(part) else get_args(part)[:1]
            for value in values:
                yield from ((f"{ending}{more}", struct) for more, struct in _inner(value))


def _default(name: str, field: Any, is_open: bool) -> str:
    value = "" if is_open else draft._defaulted(name, field).partition(":")[2].strip()
    return f"`{value}`" if value else ""


def _row(path: str, default: str, about: str) -> str:
    cells = (f"`{path}`", default.replace("|", "\\|"), about.replace("|", "\\|"))
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
