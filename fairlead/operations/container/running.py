"""All containers of a host, with the options that each was started by: one question for all."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.model.adoption import RunningContainer
from fairlead.model.plan import Fact, Noun
from fairlead.operations import script
from fairlead.operations.argv.docker import SPEC
from fairlead.operations.argv.flags import unclaimed
from fairlead.operations.container import adoption, units
from fairlead.operations.container.options import Inspected, options, site_decides

sh = script.beside(__file__)

COLUMNS = (
    "{{.Name}}",
    "{{.State.Status}}",
    "{{.Image}}",
    "{{.Config.Image}}",
    "{{.HostConfig.RestartPolicy.Name}}",
)
KEPT_BESIDE = (".kept", ".previous")  # how names end of what an upgrade keeps
UNIT = "PODMAN_SYSTEMD_UNIT"  # a label: of which unit Podman's container is


class Running(Noun):
    """The containers of a host. `problems`: sentences on engines that have not answered."""

    containers: tuple[RunningContainer, ...] = ()
    problems: tuple[str, ...] = ()


def fact(*folders: str) -> Fact:
    """`running`: a Running. `folders`: where units lie, else in those of systemd."""
    # shell/running.sh counts on the place of the image
    rows = ("\t".join((*COLUMNS, adoption.FORMATS[engine])) for engine in ("docker", "podman"))
    words = (*rows, adoption.IMAGE_FORMAT, *(folders or units.FOLDERS))
    return Fact("running", sh("running", *words), running, timeout=60)


def running(code: int, text: str) -> Running:
    """The lines of shell/running.sh. Raises ValueError where they are none of its."""
    rows = [line.split("\t") for line in text.splitlines()]
    if code or not all(row[0] in ("C", "E") for row in rows):
        raise ValueError("it does not tell its containers")
    problems = (f"{row[1]} does not answer: {row[2]}" for row in rows if row[0] == "E")
    containers = (_container(row) for row in rows if row[0] == "C")
    kept = (c for c in containers if not c.name.endswith(KEPT_BESIDE))
    return Running(tuple(kept), tuple(problems))


def _container(row: Sequence[str]) -> RunningContainer:
    """One line, split. Raises ValueError."""
    _, engine, name, state, _, image, policy, inspected, of_image, names, starters = row
    known = Inspected(json.loads(inspected), json.loads(of_image or "{}"))
    labels = known.container.get("labels") or {}
    of_podman = (labels[UNIT],) if UNIT in labels else ()
    return RunningContainer(
        name=name.lstrip("/"),
        engine=engine,
        image=image,
        running=state == "running",
        ours=SPEC in labels,
        hostname=known.container.get("hostname") or "",
        network=known.host.get("NetworkMode") or "",
        policy=policy,
        command=tuple(known.container.get("cmd") or ()),
        options=options(known, engine),
        variables=tuple(names.split()),
        labels=labels,
        lost=tuple(word for word in site_decides(known, ()) if word != "--workdir=/"),
        units=_starters((*starters.split(), *of_podman)),
        autoremove=bool(known.host.get("AutoRemove")),
    )


def _starters(files: Iterable[str]) -> tuple[str, ...]:
    """Each unit once: one that Podman names is made of the quadlet of its name."""
    by_stem: dict[str, str] = {}
    for file in files:
        name = file.rpartition("/")[2]
        stem = name.rpartition(".")[0]
        by_stem.setdefault(stem, file)
    return tuple(by_stem.values())


def holding_fact(*paths: str) -> Fact:
    """`holding`: path -> the names of the containers that hold a file there, as
    images may be called anything."""
    return Fact("holding", sh("holding", *paths), holding, timeout=60)


def holding(code: int, text: str) -> Mapping[str, frozenset[str]]:
    """The lines of shell/holding.sh."""
    rows = [line.split(" ", 1) for line in text.splitlines()]
    names: dict[str, set[str]] = {}
    for name, path in rows:
        names.setdefault(path, set()).add(name)
    return {path: frozenset(every) for path, every in names.items()}


# What a proposal says of one


def remarks(
    container: RunningContainer,
    *,
    up: str,
    options: Iterable[str] = (),
    state: Iterable[str] = (),
    known: Iterable[str] = (),
) -> Iterator[str]:
    """Sentences on what no key says of a container that somebody started by hand.

    `up`: the command line that takes it over. `options`: the flags of its successor, `state`: the
    folders inside that are brought out, `known`: words of the old one that the section expresses.
    """
    if container.ours:
        return
    name, folders = container.name, tuple(state)
    yield f"{name}: fairlead did not start it{_taken_over(container, up)}"
    mounts = [word for word in container.values("--volume") if _is_within(word, folders)]
    expressed = {*known, *(f"--volume={mount}" for mount in mounts)}
    rest = [word for word in container.options if word not in expressed]
    kept = [*unclaimed(rest, tuple(options), ()), *(f"--env={v}=..." for v in container.variables)]
    if kept:
        yield f"{name}: no key says {' '.join(kept)}; {up} keeps them where the engine can"
    for mount in mounts:
        yield f"{name}: what lies in --volume={mount} is copied into its state, and stays there too"
    lost = [word for word in container.lost if word not in expressed]
    if lost:
        yield f"{name}: not expressed, and not kept by {up}: {', '.join(lost)}"
    if "@" in container.image:
        yield f"{name}: no key says the digest in {container.image}: {up} takes what the tag is"
    yield from _others(container, up)


def _taken_over(
    container: RunningContainer,
    up: str,
) -> str:
    if not container.autoremove:
        return f": {up} takes it over once, and starts it anew"
    return (
        f", and it was started with --rm: {up} refuses it, for once it stops it is gone with what "
        "it holds inside, and says what to type, so that one stands there that stays"
    )


def _others(
    container: RunningContainer,
    up: str,
) -> Iterator[str]:
    """What else starts it, and would start it beside ours."""
    for unit in container.units:
        what = f"{container.name}: {unit} starts it, too"
        if unit.endswith(".container"):
            yield f"{what}; move it away, and systemctl daemon-reload, before {up}"
        else:
            yield f"{what}; {up} disables it where it runs, or would at boot"
    if container.compose:
        remedy = f"put that away after {up}"
        yield f"{container.name}: is of Compose ({container.compose}); {remedy}"


def _is_within(mount: str, folders: Iterable[str]) -> bool:
    at = mount.split(":")[1]
    return any(f"{at}/".startswith(f"{folder}/") for folder in folders)
