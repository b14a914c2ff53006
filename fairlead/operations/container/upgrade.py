"""The verbs with judgement, written once: upgrade and rollback, and the transaction in which one container takes another's place.

Nothing of the old container is lost before the new one is healthy by its own word: it keeps its ID under another name, its state is copied before
the new one may touch it, and every step's undo speaks of it by that ID, so that half a change can be put back too.
"""

from collections.abc import Iterator

import msgspec

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Command, Phase, Registered, Step, Word, either, then
from fairlead.operations import script
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container, Volume
from fairlead.operations.container import scripts, steps
from fairlead.operations.container.state import ContainerState, is_half, standing, volumes

sh = script.beside(__file__)
BACKUPS = "/var/lib/fairlead/backups"


def upgrade(c: Container, ask: Ask) -> tuple[Phase, ...]:
    """Phases: the first host asks the registry what the tag means today; all others pull that very image; then, by batches, it goes into service.

    Where the image is the one that runs, nothing is stopped. Raises FairleadError where there is nothing to upgrade.
    """
    there = standing(c, ask)
    if not there:
        raise FairleadError(
            ask.target.host,
            f"there is no container {c.name} to upgrade",
            f"inv {ask.target.system}.up",
        )
    first = ask.target.host == ask.target.peers[0]
    several = len(ask.target.peers) > 1
    return (
        Phase("resolve", tuple(_resolve(c, several)) if first else ()),
        Phase("pull", (_pull_pinned(c, ask.target.peers[0]),) if not first else ()),
        Phase("replace", (*settle(c, ask), *replace(c, ask, there, current(c))), rolling=True),
    )


def _resolve(c: Container, several: bool) -> Iterator[Step]:
    if len(c.compose) > 1:
        yield compose.build(c, "--pull")
    else:
        fresh = is_fresh(c.engine, docker.with_tag(c.image))
        yield Step(
            name="pull",
            unless=fresh,
            do=docker.pull(c),
            timeout=1800,
            progress=True,
            remedy=docker.NOT_PULLED,
        )
    if several:
        yield Step(
            name="digest",
            do=_sh(scripts.DIGEST, "digest", c.engine, docker.with_tag(c.image)),
            register="image",
            read_only=True,
        )


def is_fresh(engine: str, reference: str) -> Command:
    """The question whether the registry has nothing newer under this name than the engine has.

    It ends with 0: nothing newer; 1: something newer, or no image here; 2: no answer of the engine.
    A registry that cannot be asked counts as having something newer.
    """
    return sh("fresh", engine, reference)


def _pull_pinned(c: Container, first: str) -> Step:
    """The same image as on the first host, by its digest, under the name that the site gives it."""
    if len(c.compose) > 1:
        return compose.build(c, "--pull")
    image = Registered(first, "image")
    return Step(
        name="pull",
        unless=_sh(scripts.PINNED, "pinned", c.engine, image, docker.with_tag(c.image)),
        do=_sh(scripts.PULL_PINNED, "pull", c.engine, image, docker.with_tag(c.image)),
        timeout=1800,
        progress=True,
        remedy=docker.NOT_PULLED,
    )


def current(c: Container) -> Command:
    """Does it run as the site says, on the image that its name means now?"""
    return _sh(
        scripts.CURRENT,
        "current",
        c.engine,
        docker.pattern(c.name),
        docker.spec(c),
        docker.with_tag(c.image),
    )


# One container takes another's place


def replace(c: Container, ask: Ask, old: ContainerState, current: Command) -> tuple[Step, ...]:
    """The steps in which `c` takes the place of what stands there under its name. `current`: is that done already? then nothing is stopped."""
    there = volumes(c, ask)
    if there and not old.ours:
        raise FairleadError(
            ask.target.host,
            f"{c.name} was started by hand, yet {c.root} holds the state of another one",
            f"move {c.root}/current away",
        )
    missing = [v for v in c.state if v.path not in there]
    return (
        *(_unless(step, current) for step in _before(c, old, ask)),
        *(_unless(step, current) for step in _stop(c, old)),
        *(
            _unless(step, current)
            for step in (*_copy(c, bool(there)), *_adopt(c, old, missing), *_aside(c, old))
        ),
        *steps.compose_file(c),
        *(_unless(step, current) for step in _merge(c)),
        _launch(c, old, current),
        steps.healthy(c, gate=True),
        *_verify(c),
        _finish(c, old, bool(there)),
    )


def _unless(step: Step, current: Command) -> Step:
    """The step asks first whether there is anything to do at all."""
    return msgspec.structs.replace(step, unless=current)


def _recreated(c: Container, old: ContainerState) -> bool:
    """Compose makes a container of its own project anew, and takes the old one away: its image and its state are what there is to return to."""
    return bool(c.compose) and old.labels.get("com.docker.compose.project") == (
        c.project or compose.project(c.name)
    )


def _before(c: Container, old: ContainerState, ask: Ask) -> Iterator[Step]:
    """While the old one runs: what it says of itself, its database's backup, the files that the new image brings."""
    if c.verify and old.running:
        note = f"{c.root}/remembered"
        words = docker.inside(c, *c.verify)
        yield Step(
            name="remember",
            do=_sh(scripts.REMEMBER, "remember", note, *words),
            undo=_sh(scripts.FORGET, "forget", note),
        )
    if c.dump and old.running:
        yield Step(
            name="dump",
            do=_sh(
                scripts.SAVE,
                "dump",
                f"{BACKUPS}/{ask.target.system}",
                c.name,
                *docker.inside(c, *c.dump, user=c.dump_as),
            ),
            timeout=3600,
        )
    if c.state:
        words = (c.engine, c.image, f"{c.name}.seed", c.root, *steps.volume_words(c.state))
        yield Step(
            name="defaults",
            do=_sh(scripts.FETCH, "defaults", *words),
            undo=_sh(scripts.UNFETCH, "defaults", c.root),
        )


def _stop(c: Container, old: ContainerState) -> Iterator[Step]:
    """The old one must not come up beside the new one after a reboot: its restart policy goes before it stops, and comes back with it."""
    if (
        c.engine == "docker" and old.policy not in ("", "no") and not _recreated(c, old)
    ):  # podman starts none that was stopped
        yield Step(
            name="no restart",
            do=docker.policy(c, old.id, "no"),
            undo=docker.policy(c, old.id, old.policy),
        )
    yield Step(
        name="stop",
        do=docker.stop(c, old.id),
        undo=_start_again(c, old),
        timeout=60 + c.stop_timeout,
    )


def _start_again(c: Container, old: ContainerState) -> Command | None:
    """A container that Compose has taken away is made again, by the old image and the old file."""
    if not old.running:
        return None
    return (
        _sh(scripts.START_OR, "start", c.engine, old.id, *compose.up(c))
        if _recreated(c, old)
        else docker.start(c, old.id)
    )


def _copy(c: Container, there: bool) -> Iterator[Step]:
    if there and (c.reversible == "state" or any(v.kind == "config" for v in c.state)):
        yield Step(
            name="copy the state",
            do=_sh(scripts.COPY, "copy", c.root),
            undo=_sh(scripts.RETURN, "return", c.root),
            timeout=3600,
        )


def _adopt(c: Container, old: ContainerState, missing: list[Volume]) -> Iterator[Step]:
    """What the old one holds inside is brought out, with its owners and modes; inside it stays as it is."""
    if missing:
        words = (
            c.engine,
            old.id,
            old.image,
            f"{c.name}.seed",
            c.root,
            *steps.volume_words(missing),
        )
        yield Step(
            name="bring out the state",
            do=_sh(scripts.ADOPT, "adopt", *words),
            undo=steps.unseed(c, missing),
            timeout=3600,
        )


def _aside(c: Container, old: ContainerState) -> Iterator[Step]:
    if not _recreated(c, old):
        yield Step(
            name="keep the old one",
            do=docker.rename(c, old.id, f"{c.name}.kept"),
            undo=rename(c, old.id, c.name),
        )


def rename(c: Container, which: str, name: str) -> Command:
    """Give a container this name, whatever it is called now."""
    return _sh(scripts.RENAME, "rename", c.engine, which, name)


def _merge(c: Container) -> Iterator[Step]:
    if any(v.kind == "config" for v in c.state):
        words = (scripts.MERGE_NEW, scripts.MERGE_OLD, c.root, *steps.volume_words(c.state))
        yield Step(
            name="merge the defaults", do=_sh(scripts.MERGE, "merge", *words), undo=("true",)
        )  # the copy comes back


def _launch(c: Container, old: ContainerState, current: Command) -> Step:
    gone = steps.discard(c, keep=old.id)
    same_name = (
        _recreated(c, old) or old.reference == c.image
    )  # then that name has to mean the old image again
    undo = then(gone, docker.tag(c, old.image, c.image)) if same_name else gone
    return Step(
        name="container", unless=current, do=steps.launch(c), undo=undo, timeout=300, progress=True
    )


def _verify(c: Container) -> Iterator[Step]:
    if c.verify:
        until = _sh(scripts.RECALL, "verify", f"{c.root}/remembered", *docker.inside(c, *c.verify))
        yield Step(name="verify", until=until, every=2, timeout=min(60, c.patience), gate=True)


def _finish(c: Container, old: ContainerState, copied: bool) -> Step:
    """From here on the one kept is the previous one, to which `rollback` returns."""
    word = "copied" if copied else ""
    if _recreated(c, old):
        return Step(
            name="finish",
            unless=("test", "!", "-e", f"{c.root}/kept"),
            do=_sh(scripts.FINISH_COMPOSE, "finish", c.engine, c.root, old.image, memory(c)),
            undo=_sh(scripts.UNFINISH_COMPOSE, "finish", c.root, word),
        )
    words = (c.engine, old.id, c.name, docker.pattern(f"{c.name}.previous"), c.root)
    return Step(
        name="finish",
        unless=docker.is_gone(c, f"{c.name}.kept"),
        do=_sh(scripts.FINISH, "finish", *words, old.image, memory(c)),
        undo=_sh(scripts.UNFINISH, "finish", *words, word),
    )


def settle(c: Container, ask: Ask) -> Iterator[Step]:
    """What a change has left behind that was cut short and not undone: the one kept is the previous one from now on."""
    kept, copied = standing(c, ask, ".kept"), "kept" in ask.facts.get("state", ())
    if kept:
        yield msgspec.structs.replace(_finish(c, kept, copied), name="settle the change before")
    elif copied:  # it was cut before anything was kept, or Compose keeps none
        yield Step(
            name="settle the change before",
            do=_sh(scripts.LAY_BY, "settle", c.root),
            undo=("true",),
        )


def _sh(script: str, *words: Word) -> Command:
    return ("sh", "-c", script, *words)


def memory(c: Container) -> str:
    """The name under which the image of the version before is kept from pruning."""
    return f"fairlead/{compose.project(c.name)}:previous"


# Back


def rollback(c: Container, ask: Ask) -> tuple[Phase, ...]:
    """Return to the version before the last upgrade, with the state of that time; what is newer is set aside, never deleted.

    Raises FairleadError where no version before is known, or a change was cut short.
    """
    if is_half(c, ask):
        raise FairleadError(
            ask.target.host,
            f"a change of {c.name} was cut short",
            f"inv {ask.target.system}.up goes on from there",
        )
    now, before = standing(c, ask), standing(c, ask, ".previous")
    if c.compose and "previous" in ask.facts.get("state", ()):
        return (Phase("return", tuple(_return_compose(c, now)), rolling=True),)
    if not before:
        raise FairleadError(
            ask.target.host,
            f"there is no version of {c.name} to return to",
            "it has not been upgraded since it was brought up",
        )
    return (
        Phase(
            "return",
            tuple(_while_there(c, now, step) for step in _return(c, ask, now, before)),
            rolling=True,
        ),
    )


def _while_there(c: Container, now: ContainerState | None, step: Step) -> Step:
    """Once the newer one is removed there is nothing to go back to: what was begun then stays as it is."""
    if not now or step.undo is None:
        return step
    return msgspec.structs.replace(step, undo=either(docker.is_lost(c, now.id), step.undo))


def _return(
    c: Container, ask: Ask, now: ContainerState | None, before: ContainerState
) -> Iterator[Step]:
    if now:
        yield from (step for step in _before(c, now, ask) if step.name == "dump")
        yield from _stop(c, now)
        yield Step(
            name="set the newer one aside",
            do=docker.rename(c, now.id, f"{c.name}.kept"),
            undo=rename(c, now.id, c.name),
        )
    yield from _state_back(c)
    yield Step(
        name="take the old name",
        do=rename(c, before.id, c.name),
        undo=rename(c, before.id, f"{c.name}.previous"),
    )
    yield Step(
        name="image",
        do=docker.tag(c, before.image, c.image),
        undo=docker.tag(c, now.image, c.image) if now else None,
    )
    yield Step(name="container", do=docker.start(c, before.id), undo=docker.stop(c, before.id))
    yield steps.healthy(c, gate=True)
    if c.engine == "docker":
        yield Step(
            name="restart policy",
            do=docker.policy(c, before.id, c.restart),
            undo=docker.policy(c, before.id, "no"),
        )
    yield from _shelve(c)
    if now:
        yield Step(name="remove the newer one", do=docker.remove(c, now.id))


def _return_compose(c: Container, now: ContainerState | None) -> Iterator[Step]:
    if now:
        yield Step(
            name="stop",
            do=docker.stop(c, now.id),
            undo=_sh(scripts.START_OR, "start", c.engine, now.id, *compose.up(c)),
        )
    yield from _state_back(c)
    undo = docker.tag(c, now.image, c.image) if now else None
    yield Step(name="image", do=docker.tag(c, memory(c), c.image), undo=undo)
    yield Step(name="container", do=compose.up(c, "--force-recreate"), undo=steps.discard(c))
    yield steps.healthy(c, gate=True)
    yield from _shelve(c)


def _state_back(c: Container) -> Iterator[Step]:
    if c.state and c.reversible != "yes":
        yield Step(
            name="state of that time",
            do=_sh(scripts.ASIDE, "state", c.root),
            undo=_sh(scripts.UNASIDE, "state", c.root),
        )


def _shelve(c: Container) -> Iterator[Step]:
    if c.state and c.reversible != "yes":
        undo = _sh(scripts.UNSHELVE, "shelve", c.root)
        yield Step(
            name="shelve the newer state", do=_sh(scripts.SHELVE, "shelve", c.root), undo=undo
        )
