"""The candidates of an ops repository, as lines that a shell can read without help.

    d SITE                     the site that is meant where none is named
    s SITE                     a site
    h SITE NAMES               its hosts
    g SITE NAMES               its groups, each with its @
    k NAME                     a secret
    n SITE KIND NAMES          what runs have learned of its hosts, such as daos.pools
    w PATH                     the file is old where PATH is newer, or not there
    t TASK ABOUT               a name of the command line
    o TASK FLAG KIND ABOUT     a flag of a task, those of every verb with TASK `*`

in this order, by which a shell finds them sooner. The fields of a line have a tab between them,
names a blank. KIND is what the flag's value is: `-` (it takes none), hosts, sites, secrets, files,
any, `=` and the words that it can be, or `names:` and the kind of names that runs learn.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from invoke import Collection, Task

from fairlead.cli.cli_tasks import CliTask
from fairlead.cli.flags import Flag
from fairlead.cli.group_sources import GroupSources, remembered
from fairlead.cli.options import COMMON, Option
from fairlead.contract.loader import Plugins
from fairlead.inventory import kinds, run_groups
from fairlead.inventory import site as sites
from fairlead.inventory.nodesets import LOCAL
from fairlead.model.errors import FairleadError

EVERY = "*"  # in place of a task: of every verb
KINDS: Mapping[str, str] = {
    "site": "sites",
    "host": "hosts",
    "fail-on": "=changed",
    "fix": "=safe",
    "file": "files",
}


def of_files(paths: Iterable[Path]) -> Iterator[str]:
    """What the candidates are made of."""
    return (_line("w", path) for path in paths)


def of_tasks(
    tasks: Collection,
    sources: Iterable[str],
) -> Iterator[str]:
    """Every name of the command line, and every flag. `sources`: what site.import reads."""
    lists = {"sources": f"={','.join(sources)}"}
    every = dict(_tasks(tasks))
    for name, task in every.items():
        yield _line("t", name, (task.__doc__ or "").strip().partition("\n\n")[0])
    for option in COMMON:
        yield _line("o", EVERY, option.flag, _kind_of_option(option), option.about)
    for name, task in every.items():
        yield from _flags(name, task, lists)


def of_secrets(folder: Path) -> Iterator[str]:
    """The secrets of an ops repository, by name."""
    paths = (folder / "secrets").glob("*.age")
    return (_line("k", path.stem) for path in sorted(paths))


def of_sites(
    plugins: Plugins,
    folder: Path,
    configured: str,
) -> Iterator[str]:
    """The sites of an ops repository. What cannot be read, for it has a mistake, is left out."""
    with suppress(FairleadError):
        yield _line("d", sites.find("", {}, folder, configured).stem)
    asker = GroupSources(plugins)
    for path in sorted((folder / "sites").glob("*.yml")):
        yield _line("s", path.stem)
        with suppress(FairleadError):
            site = sites.load(path, plugins.systems, plugins.settings(), asker)
            yield from _of_site(site, path.stem)


def _of_site(
    site: sites.Site,
    name: str,
) -> Iterator[str]:
    hosts = (host for host in site.hosts if host != LOCAL)
    yield _line("h", name, " ".join((*hosts, LOCAL)))
    elsewhere = remembered(site)
    groups = dict.fromkeys((*site.groups, "all", *elsewhere, *run_groups.STATES))
    yield _line("g", name, " ".join(f"@{group}" for group in groups))


def _line(*fields: object) -> str:
    return "\t".join(" ".join(str(field).split()) for field in fields)


def _tasks(
    collection: Collection,
    above: str = "",
) -> Iterator[tuple[str, Task]]:
    """Every task below a collection, by the name that it is called by."""
    for name, task in collection.tasks.items():
        is_default = name == collection.default
        yield above.rstrip(".") if is_default and above else f"{above}{name}", task
    for name, inner in collection.collections.items():
        yield from _tasks(inner, f"{above}{name}.")


def _flags(
    name: str,
    task: Task,
    lists: Mapping[str, str],
) -> Iterator[str]:
    if isinstance(task, CliTask):
        for flag in task.flags():
            kind = _kind(flag)
            yield _line("o", name, f"--{flag.words}", lists.get(kind, kind), flag.about)
        return
    for argument in task.get_arguments():
        kind = "any" if argument.takes_value else "-"
        for text in argument.names:
            dashes = "--" if len(text) > 1 else "-"
            yield _line("o", name, f"{dashes}{text}", kind, argument.help or "")


def _kind_of_option(option: Option) -> str:
    return "-" if option.read is None else KINDS.get(option.name, "any")


def _kind(flag: Flag) -> str:
    """What the value of a flag is, as its type says, else its name."""
    if flag.is_switch:
        return "-"
    words = kinds.words(flag.annotation)
    choices = kinds.choices(flag.annotation)
    if choices:
        return f"={','.join(choices)}"
    if flag.is_learned:
        return f"names:{flag.completes}"
    if flag.completes:
        return flag.completes
    return "hosts" if words.get("names") else KINDS.get(flag.words, "any")
