"""What goes with a container when another takes its place, and what of it can be kept.

The engine knows: `diff` what somebody changed inside, `inspect` how it was started. Options, mounts
and environment of a container that somebody started by hand are kept: they are written down on the
host, where every later plan reads them, and the values of variables never leave it. Of any
container the files that lie in no volume go into an archive.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping

import msgspec

from fairlead.model.plan import Ask, Command, Fact, Noun, Step, either
from fairlead.operations import script
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.argv.flags import pairs, unclaimed
from fairlead.operations.container import units
from fairlead.operations.container.options import Inspected, options, site_decides

sh = script.beside(__file__)

KEPT = "/var/lib/fairlead/kept"  # a file for each container: its options; NAME.env: its variables
VERBS = {
    "up": "hand",
    "upgrade": "all",
    "rollback": "all",
}  # verb -> of which containers it has to know more
MOST_LINES = 40  # of files, each with a line of its own

FORMAT = (
    '{"host":{{json .HostConfig}},"mounts":{{json .Mounts}},"cmd":{{json .Config.Cmd}},'
    '"entrypoint":{{json .Config.Entrypoint}},"hostname":{{json .Config.Hostname}},'
    '"domainname":{{json .Config.Domainname}},"user":{{json .Config.User}},'
    '"workdir":{{json .Config.WorkingDir}},"labels":{{json .Config.Labels}},"id":{{json .Id}}}'
)
FORMATS = {  # of `container inspect`; Podman has other names for two of its fields
    "docker": FORMAT,
    "podman": FORMAT.replace(".Config.Domainname", ".Config.DomainName").replace(".Id}", ".ID}"),
}
IMAGE_FORMAT = (
    '{"cmd":{{json .Config.Cmd}},"entrypoint":{{json .Config.Entrypoint}},'
    '"user":{{json .Config.User}},"workdir":{{json .Config.WorkingDir}},'
    '"labels":{{json .Config.Labels}}}'
)


class Details(Noun):
    """What a container has beside what its name and image say.

    `variables`: "N NAME" of each that its image does not give it; M: of several lines, Q: with a
    quote. `changes`: "A PATH", "C PATH" or "D PATH" of what lies in no volume. `starters`: units
    that start it, where fairlead did not.
    """

    inspected: Inspected
    variables: tuple[str, ...]
    changes: tuple[str, ...]
    starters: tuple[units.Unit, ...] = ()

    @property
    def removes_itself(self) -> bool:
        """Was it started with --rm?"""
        return bool(self.inspected.host.get("AutoRemove"))


def facts(
    engine: str,
    which: str,
    row_format: str,
    ask: Ask,
    *paths: str,
) -> Iterator[Fact]:
    """`kept`: options that containers keep, by name; where the verb may replace one, `details`:
    what those of these names have, without what lies below `paths`. `which` and `row_format` are
    those of the fact `container`.
    """
    yield Fact("kept", sh("kept", KEPT), kept_words)
    if ask.verb in VERBS:
        formats = (FORMATS[engine], IMAGE_FORMAT, " ".join(units.FOLDERS))
        words = (engine, which, row_format, VERBS[ask.verb], *formats, *paths)
        yield Fact("details", sh("details", *words), details, timeout=60)


def kept_words(
    code: int,
    text: str,
) -> Mapping[str, tuple[str, ...]]:
    """The lines of shell/kept.sh. One that is no list of words is passed over."""
    return {name: words for name, words in map(_kept_line, text.splitlines()) if name}


def _kept_line(line: str) -> tuple[str, tuple[str, ...]]:
    name, _, encoded = line.partition(" ")
    try:
        return name, msgspec.json.decode(encoded, type=tuple[str, ...])
    except msgspec.DecodeError:
        return "", ()


def details(
    code: int,
    text: str,
) -> Mapping[str, Details]:
    """The rows of shell/details.sh, by name; {} where the engine did not answer.

    Raises ValueError: of a container it did not tell all.
    """
    if code == 3:
        raise ValueError(text.strip().rpartition("\n")[2])
    rows = [line.split("\t") for line in text.splitlines()] if code == 0 else []
    return {row[0]: _details(*map(_decoded, row[1:])) for row in rows if len(row) == 6}


def _decoded(word: str) -> str:
    return b64decode(word).decode("utf-8", "replace")


def _details(
    container: str,
    image: str,
    variables: str,
    changes: str,
    starters: str,
) -> Details:
    known = json.loads(container)
    # an engine tells them in any order, and in another one the next time
    mounts = sorted(known.get("mounts") or (), key=lambda mount: mount["Destination"])
    return Details(
        Inspected(known | {"mounts": mounts}, json.loads(image or "{}")),
        variables=(*variables.splitlines(),),
        changes=(*changes.splitlines(),),
        starters=units.units(starters.splitlines()),
    )


def details_of(
    c: Container,
    ask: Ask,
) -> Details | None:
    """What is known of the container that stands under this name; None: nothing was asked."""
    known: Details | None = (ask.facts.get("details") or {}).get(c.name)
    return known


# What would take it away, or start it anew


def units_off(
    c: Container,
    ask: Ask,
) -> Iterator[Step]:
    """The units that start it go. Raises FairleadError."""
    known = details_of(c, ask)
    if known:
        yield from units.off(c, ask, known.starters)


# Options, mounts, environment


def adopted(
    c: Container,
    ask: Ask,
) -> Container:
    """The container with what it keeps of the one that somebody started by hand under its name."""
    known = details_of(c, ask)
    if not known:
        return c
    return msgspec.structs.replace(c, kept=_words(c, known))


def keep_options(
    c: Container,
    ask: Ask,
    old_id: str,
) -> Iterator[Step]:
    """Write down what `adopted` keeps; the difference says it, and what the site decides."""
    known = details_of(c, ask)
    if not known:
        return
    kept, names = docker.kept(c), _variables(c, known)
    lost = _lost(c, known)
    if not kept and not lost:
        return
    form = "quoted" if c.compose else "plain"
    yield Step(
        name="keep its options",
        do=sh("keep", c.engine, old_id, KEPT, c.name, form, json.dumps(kept), *names),
        undo=sh("unkeep", KEPT, c.name),
        diff=_difference(c, kept, names, lost),
    )


def _words(
    c: Container,
    known: Details,
) -> tuple[str, ...]:
    """Flags that the old one was started with and the site leaves open, --FLAG=VALUE each."""
    words = [word for word in options(known.inspected, c.engine) if _is_possible(c, word)]
    if _variables(c, known):
        words.append(f"--env-file={KEPT}/{c.name}.env")
    state = {volume.path for volume in c.state}
    outside = (word for word in words if not _is_mount_in(word, state))
    return unclaimed(outside, c.options, docker.mounts(c))


def _is_possible(
    c: Container,
    word: str,
) -> bool:
    """May the container have this flag, launched as it is, on the network that it has?"""
    flag = word.partition("=")[0]
    if word.startswith(c.not_kept):
        return False
    network = dict(pairs(c.options)).get("--network", "")
    if flag in ("--publish", "--hostname") and network in ("host", "none"):
        return False
    return not c.compose or compose.knows(flag)


def _is_mount_in(
    word: str,
    paths: set[str],
) -> bool:
    """Is it a mount whose content is brought out as state, or one that lies within?"""
    if not word.startswith("--volume="):
        return False
    at = word.split(":")[1]
    return any(f"{at}/".startswith(f"{path}/") for path in paths)


def _variables(
    c: Container,
    known: Details,
) -> tuple[str, ...]:
    """Names of the variables that can be kept and that the site does not set itself."""
    own = {value.partition("=")[0] for flag, value in pairs(c.options) if flag == "--env"}
    names = (line.split(" ", 1) for line in known.variables)
    return tuple(name for kind, name in names if name not in own and _is_keepable(c, kind, name))


def _is_keepable(
    c: Container,
    kind: str,
    name: str,
) -> bool:
    if f"--env={name}".startswith(c.not_kept):
        return False
    return kind == "N" or (kind == "Q" and not c.compose)


def _lost(
    c: Container,
    known: Details,
) -> tuple[str, ...]:
    """What the new one has not of the one before: the site decides it, or it cannot be kept."""
    flags = [word for word in options(known.inspected, c.engine) if not _is_possible(c, word)]
    own = {value.partition("=")[0] for flag, value in pairs(c.options) if flag == "--env"}
    names = (line.split(" ", 1) for line in known.variables)
    lost = [
        f"--env={name}" for kind, name in names if name in own or not _is_keepable(c, kind, name)
    ]
    return (*site_decides(known.inspected, c.command), *flags, *lost)


def _difference(
    c: Container,
    kept: tuple[str, ...],
    names: tuple[str, ...],
    lost: tuple[str, ...],
) -> str:
    lines = (
        f"--- {c.name}, as it was started by hand",
        f"+++ {KEPT}/{c.name}",
        *(f"-{word} (not kept)" for word in lost),
        *(f"+{word}" for word in kept),
        *(f"+{name}=... (in the file of variables)" for name in names),
    )
    return "".join(f"{line}\n" for line in lines)


# Files


def archive(
    c: Container,
    ask: Ask,
    old_id: str,
    folder: str,
    *,
    unless: Command | None,
    ours: bool,
    after: tuple[str, ...] = (),
) -> Step:
    """What the old one holds in no volume goes into an archive.

    Volumes without a name too, of ours; of one that was started by hand they are kept as mounts. Of
    ours the list is shown by a dry run, and the archive afterwards: it may stay as it is.
    """
    known = details_of(c, ask)
    diff = _listing(c, known, folder, ours=ours) if known else ""
    words = ("volumes" if ours else "", *(volume.path for volume in c.state))
    nothing = sh("holds_nothing", c.engine, old_id, *words)
    return Step(
        name="archive what is inside",
        unless=either(unless, nothing) if unless else nothing,
        do=sh("archive", c.engine, old_id, folder, c.name, *words),
        timeout=3600,
        interruptible=True,
        show_output=ours or not known,
        diff=diff,
        after=after if diff else (),
    )


def _listing(
    c: Container,
    known: Details,
    folder: str,
    *,
    ours: bool,
) -> str:
    """The files that only the container has, as a difference; of many, how many in each folder."""
    changes = sorted(known.changes, key=lambda line: line[2:])
    lines = [_MARKS[line[:1]].format(line[2:]) for line in changes if line[:1] in _MARKS]
    if len(lines) > MOST_LINES:
        lines = _by_folder(lines)
    if ours:
        lines += [f"-{path} (a volume without a name)" for path in _nameless(c, known.inspected)]
    if not lines:
        return ""
    head = (f"--- {c.name}, what lies in none of its volumes", f"+++ {folder}/{c.name}-inside-*")
    return "".join(f"{line}\n" for line in (*head, *lines))


def _nameless(
    c: Container,
    inspected: Inspected,
) -> list[str]:
    """Where its volumes without a name lie inside, but those that are state."""
    state = {volume.path for volume in c.state}
    mounts = inspected.container.get("mounts") or ()
    nameless = (mount for mount in mounts if re.fullmatch("[0-9a-f]{64}", mount.get("Name") or ""))
    return [mount["Destination"] for mount in nameless if mount["Destination"] not in state]


_MARKS = {"A": "-{}", "C": "-{} (changed)", "D": "+{} (was taken away, the image has it)"}


def _by_folder(lines: list[str]) -> list[str]:
    counts: dict[str, int] = {}
    for line in lines:
        folder = "/".join(line.split("/")[:3])
        counts[folder] = counts.get(folder, 0) + 1
    return [f"{folder}/... ({count} files)" for folder, count in sorted(counts.items())]
