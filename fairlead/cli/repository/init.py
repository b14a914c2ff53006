"""A new ops repository, in an empty folder or beside what a repository has."""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from fairlead import __version__
from fairlead.cli import templates
from fairlead.cli.commands import CommandResult
from fairlead.cli.repository.new_plugin import plugin_files
from fairlead.inventory import draft
from fairlead.inventory.site import files_in
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import Noun, System
from fairlead.runner.context import Context
from fairlead.runner.request import Common
from fairlead.secrets import identities, recipients
from fairlead.secrets.store import IGNORE

EXAMPLE = "example"  # the plugin that shows how one is made
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
NONE = "none"
HOSTS = "Its hosts, for instance n[1-3] (none: inv site.import brings those of an inventory)?"
PLACEHOLDER = "n1"  # a section has to have hosts
TASKS = "from fairlead.cli.tasks import namespace; ns = namespace(globals())"
CI = (".gitlab-ci.yml", ".github/workflows/fairlead.yml")
CHECKS = "./inv site.validate, ./inv secrets.check and python -m pytest tests"
INV = "inv, as pages and messages have it, is ./inv here, and fairlead in any folder below"
NEXT = "next: say in sites/ what is where; ./inv site.validate; ./inv hosts.check"
NEXT_IMPORT = (
    "next: ./inv site.import --from=ansible --file=hosts.ini (--help names other sources), or "
    "write the hosts into sites/ yourself; ./inv hosts.check"
)
DRAFT = "sites/{site}.yml is yours: inv site.draft --system={system} prints what to add"
SITE = """\
# What is where at {name}. `./inv site.validate` checks it; `./inv site.schema` is its schema for
# editors. A key behind a # has its default: take the # away where yours is another.

"""


class Choice(Noun):
    """What the repository is to have: a site's name, its hosts, its systems."""

    site: str
    hosts: str
    systems: tuple[System, ...]


def init(
    context: Context,
    common: Common,
    *,
    systems: Annotated[
        tuple[str, ...],
        Meta(description="What runs here: NAME,NAME; none: nothing of ours."),
    ] = (),
) -> CommandResult:
    """Make an ops repository here, and never write to what is there: tasks.py, a site (--site,
    --host), secrets/, a plugin of your own, CI.
    """
    folder = templates.folder_of(context)
    site = _existing_site(folder, common.site)
    more: tuple[System, ...] = ()
    if site:
        choice = Choice(site, "", ())
        more = _systems(",".join(systems), context.plugins.systems)
    else:
        choice = _choice(folder, systems, common, context.plugins.systems)
    key, without_key = _own_key()
    files = _files(choice, folder, key)
    layout = templates.lay_out(folder, files, writes=not common.only_shows)
    lines = (
        f"an ops repository in {folder}:",
        *layout.lines,
        *(DRAFT.format(site=site, system=system.name) for system in more),
        *_remarks(
            folder,
            layout,
            without_key,
            has_no_hosts=choice.hosts == NONE,
        ),
    )
    data = {
        "folder": str(folder),
        "site": choice.site,
        "systems": [system.name for system in choice.systems],
        "written": [*layout.written],
        "kept": [*layout.kept],
    }
    return CommandResult("\n".join(lines), data)


def _existing_site(folder: Path, name: str) -> str:
    """The site that is meant, where it has its file: the one of this name, else the first."""
    names = [path.stem for path in files_in(folder)]
    if name:
        return name if (folder / _site_path(name)).exists() else ""
    return names[0] if names else ""


def _site_path(name: str) -> str:
    return f"sites/{name}.yml"


def _choice(
    folder: Path,
    texts: Iterable[str],
    common: Common,
    known: Mapping[str, System],
) -> Choice:
    """As the command line says, else as a person answers. Raises CommandLineError."""
    asks = sys.stdin.isatty() and not common.yes
    if not (asks or common.yes or list(texts)):
        what = "there is no terminal to ask which systems run here"
        remedy = f"say --systems=NAME,NAME ({', '.join(known)}), or --systems={NONE}"
        raise CommandLineError("inv init", what, remedy)
    default = NAME.search(folder.name)
    site = common.site or _answer(
        "What is the site called?", default[0] if default else "site", asks
    )
    if not NAME.fullmatch(site):
        what = f"{site!r} is no name of a site"
        raise CommandLineError("--site", what, "letters, digits and . _ -, such as nord")
    hosts = ",".join(common.hosts) or _answer(HOSTS, NONE, asks)
    question = f"Which systems run there ({', '.join(known)})?"
    systems = _systems(",".join(texts) or _answer(question, NONE, asks), known)
    if hosts == NONE and systems:
        hosts = PLACEHOLDER
    return Choice(site, hosts, systems)


def _answer(question: str, default: str, asks: bool) -> str:
    """What a person types; the default where nothing is typed, or nobody is asked."""
    if not asks:
        return default
    sys.stderr.write(f"{question} [{default}] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() or default


def _systems(names: str, known: Mapping[str, System]) -> tuple[System, ...]:
    from fairlead.model.suggest import suggestion

    words = [word for word in re.split(r"[,\s]+", names) if word not in ("", NONE)]
    for word in words:
        if word not in known:
            raise CommandLineError("--systems", f"no such system {word!r}", suggestion(word, known))
    return tuple(known[word] for word in dict.fromkeys(words))


def _files(choice: Choice, folder: Path, key: str) -> dict[str, str]:
    """path -> text of all that an ops repository has."""
    major, minor, _ = __version__.split(".")
    words = {
        "SITE": choice.site,
        "VERSION": __version__,
        "NEXT": f"{major}.{int(minor) + 1}",
    }
    sources = {
        "tasks.py": "tasks.py",
        "invoke.yaml": "invoke.yaml",
        "inv": "inv.sh",
        ".gitignore": "gitignore",
        "requirements.txt": "requirements.txt",
        "README.md": "README.md",
        "tests/test_site.py": "test_site.py",
        ".gitlab-ci.yml": "gitlab-ci.yml",
        ".github/workflows/fairlead.yml": "github.yml",
    }
    files = {path: templates.text(source, words) for path, source in sources.items()}
    files["secrets/.gitignore"] = IGNORE
    if key:
        files["secrets/recipients"] = f"{recipients.HEAD}{key}\n"
    has_plugins = any(folder.glob("plugins/*/__init__.py"))
    example = {} if has_plugins else plugin_files(EXAMPLE)
    site = {_site_path(choice.site): _site(choice)}
    return files | site | example


def _site(choice: Choice) -> str:
    """The text of a new site file; "" for one that is there."""
    if not choice.hosts:
        return ""
    head = SITE.format(name=choice.site)
    if choice.hosts == NONE:
        return head + draft.NO_HOSTS
    hosts = draft.of(choice.hosts)
    parts = [hosts.of_hosts(), *map(hosts.of_system, choice.systems)]
    return head + "\n".join(parts)


def _own_key() -> tuple[str, str]:
    """The line of our own public key for secrets/recipients, else why there is none."""
    try:
        return recipients.parse(identities.own_public_key(os.environ), "your key").line, ""
    except FairleadError as error:
        return "", f"{error.what}; {error.remedy}"


def _lacks(path: str, word: str, folder: Path, layout: templates.Layout) -> bool:
    """Was the file there, without this word?"""
    if path not in layout.kept or not (folder / path).is_file():
        return False
    return word not in (folder / path).read_text("utf-8", errors="replace")


def _remarks(
    folder: Path,
    layout: templates.Layout,
    without_key: str,
    *,
    has_no_hosts: bool,
) -> list[str]:
    """What else there is to do."""
    remarks = [INV]
    if _lacks("tasks.py", "fairlead", folder, layout):
        remarks.append(f"tasks.py knows no fairlead: put its two lines into it: {TASKS}")
    for path in CI:
        if _lacks(path, "site.validate", folder, layout):
            remarks.append(f"{path} is yours: let it do {CHECKS}")
    if without_key and "secrets/recipients" not in layout.kept:
        remarks.append(
            f"nobody can read secrets here yet: {without_key}; after that: inv secrets.init"
        )
    remarks.append(NEXT_IMPORT if has_no_hosts else NEXT)
    return remarks
