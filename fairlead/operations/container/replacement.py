"""The transaction in which one container takes another's place.

Nothing of the old container is lost before the new one is healthy by its own word: it keeps its ID
under another name, its state is copied before the new one may touch it, and every step's undo
speaks of it by that ID, so that half a change can be put back too.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Command, Step, either, not_, then
from fairlead.operations import script
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container, Volume
from fairlead.operations.container import adoption, lasting, steps
from fairlead.operations.container.state import (
    ContainerState,
    container_state,
    has_copy,
    volumes,
)

sh = script.beside(__file__)

BACKUPS = "/var/lib/fairlead/backups"
WITHOUT = "mend what it says, or go on without it: --skip-dump"


class DumpOptions(msgspec.Struct, frozen=True):
    """The flags of a verb that may replace a container which has a dump."""

    skip_dump: Annotated[
        bool,
        Meta(description="without a dump of the old one's database, which fails; journalled"),
    ] = False


def skips_dump(ask: Ask) -> bool:
    """Is it said that the old one cannot answer for itself any more?"""
    return bool(getattr(ask.options, "skip_dump", False))


def replace(
    c: Container,
    ask: Ask,
    old: ContainerState,
    is_done: Command,
    after: tuple[str, ...] = (),
) -> tuple[Step, ...]:
    """The steps in which `c` takes the place of what stands there under its name.

    `is_done`: is that so already? Then nothing is stopped. `after`: the names of the steps before
    it that alter the answer. Raises FairleadError where the old one was started by hand, and the
    host holds the state of another one.
    """
    seeded = volumes(c, ask)
    if seeded and not old.ours:
        raise FairleadError(
            ask.target.host,
            f"{c.name} was started by hand, yet {c.root} holds the state of another one",
            f"move {c.root}/current away",
        )
    missing = [v for v in c.state if v.path not in seeded]
    if not old.ours:
        lasting.require(c, ask, old)
        c = adoption.adopted(c, ask)
    away = (
        *_remember(c, old, ask),
        *dump(c, old, ask),
        *_fetch_defaults(c),
        *_let_go(c, ask, old),
        *stop(c, old),
    )
    aside = (
        *_copy(c, bool(seeded)),
        *_adopt(c, old, missing),
        *_aside(c, old),
        *make_way(c, ask),
    )
    return (
        *_unless(away, is_done, after),
        archive(c, ask, old, is_done, after),
        *_unless(aside, is_done, after),
        *steps.compose_file(c),
        *_unless(_merge(c), is_done, after),
        *_unless((_launch(c, old),), is_done, after),
        steps.healthy(c, gate=True),
        *_verify(c),
        _finish(c, old, bool(seeded)),
    )


def _unless(sequence: Iterable[Step], is_done: Command, after: tuple[str, ...]) -> Iterator[Step]:
    """Each step asks first whether there is anything to do at all."""
    return (msgspec.structs.replace(step, unless=is_done, after=after) for step in sequence)


def _let_go(c: Container, ask: Ask, old: ContainerState) -> Iterator[Step]:
    """What somebody started by hand is let go by what started it, its options written down."""
    if not old.ours:
        yield from adoption.keep_options(c, ask, old.id)
        yield from adoption.units_off(c, ask)


def _is_recreated(c: Container, old: ContainerState) -> bool:
    """Does Compose take the old container away, and make it anew?

    It does so in a project of its own: the old one's image and state are what there is to return
    to.
    """
    project = c.project or compose.project(c.name)
    return bool(c.compose) and old.labels.get("com.docker.compose.project") == project


# While the old one runs


def _remember(c: Container, old: ContainerState, ask: Ask) -> Iterator[Step]:
    """What it says of itself, to be compared with the new one's words; nothing is compared where it
    says nothing and --skip-dump is given.
    """
    if c.verify and old.running:
        note = f"{c.root}/remembered"
        words, forget = docker.inside(c, *c.verify), sh("forget", note)
        remember = sh("remember", note, *words)
        do = either(remember, forget) if skips_dump(ask) else remember
        yield Step(name="remember", do=do, undo=forget, remedy=_without(ask))


def dump(c: Container, old: ContainerState, ask: Ask) -> Iterator[Step]:
    """A backup of its database, by its own program."""
    if c.dump and old.running and not skips_dump(ask):
        words = docker.inside(c, *c.dump, user=c.dump_as)
        save = sh("save", f"{BACKUPS}/{ask.target.system}", c.name, *words)
        remedy = _without(ask)
        yield Step(name="dump", do=save, timeout=3600, interruptible=True, remedy=remedy)


def _without(ask: Ask) -> str:
    """The way on where the old one does not answer, for a verb that has the flag."""
    return WITHOUT if hasattr(ask.options, "skip_dump") else ""


def _fetch_defaults(c: Container) -> Iterator[Step]:
    """The files that the new image brings."""
    if c.state:
        words = (c.engine, c.image, steps.temporary(c), c.root, *steps.volume_words(c.state))
        yield Step(
            name="defaults",
            do=sh("fetch", *words),
            undo=sh("unfetch", c.engine, steps.temporary(c), c.root),
        )


def archive(
    c: Container,
    ask: Ask,
    old: ContainerState,
    is_done: Command | None = None,
    after: tuple[str, ...] = (),
) -> Step:
    """What it holds in no volume is archived among the backups, once it has stopped."""
    folder = f"{BACKUPS}/{ask.target.system}"
    return adoption.archive(c, ask, old.id, folder, unless=is_done, ours=old.ours, after=after)


# It stops, and stands aside


def stop(c: Container, old: ContainerState) -> Iterator[Step]:
    """Stop a container that another takes the place of.

    It must not come up beside the new one after a reboot: its restart policy goes before it stops,
    and comes back with it. Where the power was cut in between nobody has started it since: who
    gives the policy back starts it. Podman starts none that was stopped.
    """
    again, within = _start_again(c, old), c.steady + c.patience
    proof = steps.answers(c) if old.alive else None
    restarts = c.engine == "docker" and old.policy not in ("", "no")
    if restarts and not _is_recreated(c, old):
        policy = docker.policy(c, old.id, old.policy)
        yield Step(
            name="no restart",
            do=docker.policy(c, old.id, "no"),
            undo=then(policy, again) if again else policy,
            proof=proof,
            proof_within=within,
        )
        proof = None  # once is enough
    yield Step(
        name="stop",
        do=docker.stop(c, old.id),
        undo=again,
        proof=proof,
        proof_within=within,
        timeout=60 + c.stop_timeout,
    )


def _start_again(c: Container, old: ContainerState) -> Command | None:
    if not old.alive:
        return None
    return start_or_up(c, old) if _is_recreated(c, old) else docker.start(c, old.id)


def start_or_up(c: Container, old: ContainerState) -> Command:
    """Start it; if Compose has taken it away, make it again by the old image and the old file."""
    return sh("start_or", c.engine, old.id, *compose.up(c))


def _copy(c: Container, has_state: bool) -> Iterator[Step]:
    merges = any(v.kind == "config" for v in c.state)
    if has_state and (merges or c.reversible == "state"):
        yield Step(
            name="copy the state",
            do=sh("copy_state", c.root),
            undo=sh("return_state", c.root),
            timeout=3600,
        )


def _adopt(c: Container, old: ContainerState, missing: list[Volume]) -> Iterator[Step]:
    """What the old one holds inside is brought out, with its owners and modes; inside it stays."""
    if missing:
        images = (old.id, old.image, steps.temporary(c))
        yield Step(
            name="bring out the state",
            do=sh(
                "adopt",
                c.engine,
                *images,
                c.root,
                *steps.volume_words(missing),
            ),
            undo=steps.unseed(c, missing),
            timeout=3600,
        )


def _aside(c: Container, old: ContainerState) -> Iterator[Step]:
    if not _is_recreated(c, old):
        yield Step(
            name="keep the old one",
            do=docker.rename(c, old.id, f"{c.name}.kept"),
            undo=rename(c, old.id, c.name),
        )


def make_way(c: Container, ask: Ask) -> Iterator[Step]:
    """The version before goes where Compose would start it in place of the one that is asked for.

    Compose knows its containers by their labels, whatever they are called. It would go at the end
    in any case, for there is one version before.
    """
    previous, project = container_state(c, ask, ".previous"), c.project or compose.project(c.name)
    mine = {"com.docker.compose.project": project, "com.docker.compose.service": c.service}
    if previous and c.compose and mine.items() <= previous.labels.items():
        yield Step(
            name="make way",
            unless=docker.is_lost(c, previous.id),
            do=docker.remove(c, previous.id),
            undo=("true",),
        )


def rename(c: Container, which: str, name: str) -> Command:
    """Give a container this name, whatever it is called now."""
    return sh("rename", c.engine, which, name)


# The new one


def _merge(c: Container) -> Iterator[Step]:
    """Nothing is to be undone: the copy of the state comes back."""
    if any(v.kind == "config" for v in c.state):
        passes = (sh.text("merge_new"), sh.text("merge_old"))
        merge = sh("merge", *passes, c.root, *steps.volume_words(c.state))
        yield Step(name="merge the defaults", do=merge, undo=("true",))


def _launch(c: Container, old: ContainerState) -> Step:
    """The new one is made; the undo gives the image's name back to the old image."""
    return Step(
        name="container",
        do=steps.launch(c),
        undo=then(
            steps.discard(c, keep=old.id),
            _halt_previous(c),
            *name_back(c, old),
            *_remake(c, old),
        ),
        timeout=300,
        progress=True,
    )


def again(c: Container, old: ContainerState) -> Step:
    """What stands there, as it is asked for, runs again from the image that it has, whatever that
    image's name means by now. Compose makes it anew only where the files of a checkout say
    something else today.
    """
    start = docker.start(c)
    if len(c.compose) < 2:
        return Step(
            name="container",
            unless=steps.is_right(c, old),
            do=start,
            undo=docker.stop(c),
            timeout=120,
        )
    back = start_or_up(c, old) if old.alive else docker.stop(c)
    return Step(
        name="container",
        unless=steps.is_right(c, old),
        do=either(then(compose.is_unchanged(c), start), steps.launch(c)),
        undo=then(steps.discard(c, keep=old.id), *name_back(c, old), *_remake(c, old), back),
        proof=steps.answers(c) if old.alive else None,
        proof_within=c.steady + c.patience,
        timeout=300,
        progress=True,
        after=("compose file",),
    )


def _remake(c: Container, old: ContainerState) -> Iterator[Command]:
    """One that stood still, and that Compose has taken away, stands there again."""
    if _is_recreated(c, old) and not old.alive:
        yield either(not_(docker.is_gone(c)), compose.up(c, "--no-start"))


def name_back(c: Container, old: ContainerState) -> Iterator[Command]:
    """Where the old one was made by the image's name of today, that means the old image again;
    Compose would make another container of another one.
    """
    if _is_recreated(c, old):
        yield docker.tag(c, old.image, c.image)
    elif old.reference == c.image:
        yield sh("name_image", c.engine, old.image, docker.with_tag(c.image), "")


def _halt_previous(c: Container) -> Command:
    """Nothing but the old one may run once it is back, whatever was started."""
    return sh("halt", c.engine, docker.pattern(f"{c.name}.previous"))


def _verify(c: Container) -> Iterator[Step]:
    if c.verify:
        until = sh("recall", f"{c.root}/remembered", *docker.inside(c, *c.verify))
        yield Step(
            name="verify",
            until=until,
            every=2,
            timeout=min(60, c.patience),
            gate=True,
        )


def _finish(c: Container, old: ContainerState, copied: bool) -> Step:
    """From here on the one kept is the previous one, to which `rollback` returns."""
    word = "copied" if copied else ""
    if _is_recreated(c, old):
        return Step(
            name="finish",
            unless=("test", "!", "-e", f"{c.root}/kept"),
            do=sh("finish_compose", c.engine, c.root, old.image, memory(c), steps.spare(c)),
            undo=sh("unfinish_compose", c.root, word),
            after=("container",),
        )
    words = (c.engine, old.id, c.name, docker.pattern(f"{c.name}.previous"), c.root)
    return Step(
        name="finish",
        unless=docker.is_gone(c, f"{c.name}.kept"),
        do=sh("finish", *words, old.image, memory(c), steps.spare(c)),
        undo=sh("unfinish", *words, word),
        after=("container",),
    )


def settle(c: Container, ask: Ask) -> Iterator[Step]:
    """Settle a change that was cut short and not undone: the one kept becomes the previous one.

    Where only a copy of the state is there, the change was cut before anything was kept, or Compose
    keeps none: the copy is laid by.
    """
    kept, copied = container_state(c, ask, ".kept"), has_copy(ask)
    name = "settle the change before"
    if kept:
        yield msgspec.structs.replace(_finish(c, kept, copied), name=name)
    elif copied:
        yield Step(
            name=name,
            do=sh("lay_by", c.root),
            undo=("true",),
        )


def memory(c: Container) -> str:
    """The name under which the image of the version before is kept from pruning."""
    return f"fairlead/{compose.project(c.name)}:previous"
