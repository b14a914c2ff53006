"""`backup` and `restore`: declared state and database of a container, as one file of its host."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Step
from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import replacement, steps
from fairlead.operations.container.state import ContainerState, container_state, is_half

sh = script.beside(__file__)

FILE = Meta(
    pattern=r"^[A-Za-z0-9._:+@/-]{0,255}(?!\n)$",
    description="a backup on the host: its path, or its name; default: the newest of each host",
)
FOLDER = Meta(description="a folder on this machine: each file is copied there too, as HOST/NAME")
MINUTES = 3600  # seconds, of what reads or writes all of a state


class BackupOptions(msgspec.Struct, frozen=True):
    """Where the files go besides."""

    to: Annotated[str, FOLDER] = ""


class DumpAndBackupOptions(replacement.DumpOptions, frozen=True):
    """The flags of `backup` for a container that has a dump."""

    to: Annotated[str, FOLDER] = ""


class RestoreOptions(msgspec.Struct, frozen=True, rename={"file": "from"}):
    """Which backup comes back; the newest one of each host where none is named."""

    file: Annotated[str, FILE] = ""


def backup(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """Its database by its own program, then its state as it is at one moment, in one file.

    A container that runs stands still while its state is copied, and has to be healthy after it.
    """
    existing = _existing(c, ask)
    folder, work = _folder(ask), _work(c, ask)
    copied = (c.engine, existing.id, c.root, work)
    if c.dump and existing.running and not replacement.skips_dump(ask):
        yield _dump(c, work)
    yield Step(
        name="copy the state",
        do=sh("copy_frozen", *copied),
        undo=sh("copy_undone", c.engine, existing.id, work),
        timeout=MINUTES,
    )
    owner = (ask.target.system, ask.target.component, ask.target.host)
    yield Step(
        name="backup",
        do=sh("backup", c.engine, existing.id, work, folder, c.name, *owner),
        timeout=MINUTES,
        interruptible=True,
        show_output=True,
        register="backup",
        fetch_to=ask.options.to,
    )
    if existing.running:
        yield steps.healthy(c, existing=existing)


def _dump(c: Container, work: str) -> Step:
    """What a person may load where the files of the database are of no use."""
    words = docker.inside(c, *c.dump, user=c.dump_as)
    return Step(
        name="dump",
        do=sh("remember", f"{work}/dump", *words),
        undo=("rm", "-rf", "--", work),
        timeout=MINUTES,
        interruptible=True,
        remedy=replacement.WITHOUT,
    )


def restore(c: Container, ask: Ask[RestoreOptions]) -> Iterator[Step]:
    """The state of a backup takes the place of today's, which is laid by; where the container is
    not healthy on it, today's is back.
    """
    existing = _existing(c, ask)
    yield _opened(c, ask, existing)
    yield from replacement.stop(c, existing)
    yield Step(
        name="state of the backup",
        do=sh("swap_state", c.root, *(volume.path for volume in c.state)),
        undo=sh("swap_back", c.root),
        timeout=MINUTES,
    )
    yield Step(
        name="container",
        do=docker.start(c, existing.id),
        undo=docker.stop(c, existing.id),
        timeout=120,
    )
    yield steps.healthy(c, gate=True)
    if c.engine == "docker":
        yield Step(
            name="restart policy",
            do=docker.policy(c, existing.id, c.restart),
            undo=docker.policy(c, existing.id, "no"),
        )
    yield Step(
        name="shelve the newer state",
        do=sh("shelve", c.root),
        undo=sh("unshelve", c.root),
        show_output=True,
    )


def _opened(c: Container, ask: Ask[RestoreOptions], existing: ContainerState) -> Step:
    """It is read, proved and laid ready before anything is stopped."""
    place = (ask.options.file, _folder(ask), c.root, c.name)
    owner = (ask.target.system, ask.target.component)
    return Step(
        name="read the backup",
        do=sh("open_backup", c.engine, existing.id, *place, *owner),
        undo=("rm", "-rf", "--", f"{c.root}/restoring"),
        timeout=MINUTES,
        interruptible=True,
        show_output=True,
        remedy=f"ls {_folder(ask)} on {ask.target.host} names those that there are",
    )


def _existing(c: Container, ask: Ask) -> ContainerState:
    """The container of this name. Raises FairleadError where it is not ours, or a change was cut
    short.
    """
    existing = container_state(c, ask)
    if not existing:
        what, remedy = f"there is no container {c.name}", f"{ask.target.typed('up')} first"
        raise FairleadError(ask.target.host, what, remedy)
    if not existing.ours:
        what = f"{c.name} was not started by fairlead and may hold its state inside"
        raise FairleadError(ask.target.host, what, f"{ask.target.typed('up')} adopts it first")
    if is_half(c, ask):
        what, remedy = f"a change of {c.name} was cut short", ask.target.typed("up")
        raise FairleadError(ask.target.host, what, f"{remedy} goes on from there")
    return existing


def _folder(ask: Ask) -> str:
    return f"{replacement.BACKUPS}/{ask.target.system}"


def _work(c: Container, ask: Ask) -> str:
    """Where a backup is gathered."""
    return f"{_folder(ask)}/.{c.name}-backup"
