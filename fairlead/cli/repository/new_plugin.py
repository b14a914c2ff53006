"""A system of one's own: a folder in plugins/, and its tests."""

import keyword
import re
from typing import Annotated

from msgspec import Meta

from fairlead.cli import templates
from fairlead.cli.command_texts import command_modules
from fairlead.cli.commands import CommandResult
from fairlead.contract.verbs import VERBS
from fairlead.model.errors import CommandLineError
from fairlead.runner.context import Context
from fairlead.runner.request import Common

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)
FILES = ("plugins/SYSTEM/__init__.py", "plugins/SYSTEM/server.py", "tests/test_SYSTEM.py")


def new_plugin(
    context: Context,
    common: Common,
    *,
    name: Annotated[str, Meta(description="What the system is called: plugins/NAME.")],
) -> CommandResult:
    """Write a system of your own to begin with: plugins/NAME, and its tests, which pass."""
    _check(name, context)
    folder = templates.folder_of(context)
    files = plugin_files(name)
    taken = templates.existing(folder, files)
    if taken:
        raise CommandLineError("--name", f"{taken[0]} is there already", "choose another name")
    layout = templates.lay_out(folder, files, writes=not common.only_shows)
    lines = (
        *layout.lines,
        f"its section of a site, with every key: inv site.draft --system={name}",
        f"its tests: python -m pytest tests/test_{name}.py",
    )
    data = {"name": name, "written": [*layout.written]}
    return CommandResult("\n".join(lines), data)


def plugin_files(name: str) -> dict[str, str]:
    """The files of a plugin of this name: path -> text."""
    sources = ("plugin/__init__.py", "plugin/server.py", "plugin/test_plugin.py")
    words = {"SYSTEM": name}
    paths = (path.replace("SYSTEM", name) for path in FILES)
    return {
        path: templates.text(source, words) for path, source in zip(paths, sources, strict=True)
    }


def _check(name: str, context: Context) -> None:
    """Can a system be called so? Raises CommandLineError."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        what = f"{name!r} is no name of a system"
        raise CommandLineError("--name", what, "lower case letters, digits and _, such as chrony")
    commands = {module for module, _ in (*command_modules(), *command_modules("repository"))}
    if name in commands | set(VERBS):
        what = f"{name!r} is a verb or a command of fairlead's own"
        raise CommandLineError("--name", what, "choose another name")
    if name in context.plugins.systems:
        what = f"there is a system {name!r}"
        raise CommandLineError("--name", what, "choose another name, or change that one")
