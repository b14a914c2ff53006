"""Workers and a registry that run already, as a section of a site: `inv adopt`.

Nothing is proposed of the engines themselves: what the site does not say of them is left to `up` of
the component `engine`, which is not planned here.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from fairlead.api import HostReport, Proposal, RunningContainer, hookimpl, running

from .registry import by_hand
from .sections.worker import TOKENS, Worker

WORKER_UP = "inv triumf.worker.up"
LOG = "/var/log/condor"
GRID = {"/cvmfs", "/etc/grid-security"}  # where a worker of the grid has what the engine has
PROGRAMS = {"init", "condor_master"}  # the document's /root/init, and what it ends with
SPREAD = ("rshared", "rslave")
BY_ENGINE = re.compile(r"[a-z]+_[a-z]+[0-9]?")  # a name of Docker's or Podman's own making
DEFAULT = Worker(names={})
ENGINE = (
    "of the engines nothing is proposed: say of them what inv triumf.engine.up shall keep, and see "
    "its plan before it"
)

PROBES = (by_hand.fact(),)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The workers of an engine, and the registry of its host."""
    workers = [c for c in report.containers if _is_worker(c)]
    config: by_hand.Config = report.evidence[PROBES[0].name]
    servers = [c for c in report.containers if by_hand.is_registry(c)]
    section: dict[str, Any] = {}
    remarks: list[str] = []
    components: list[str] = []
    servers.sort(key=lambda c: (c.name != config.container, not c.running))
    if config.unit == "active" or (servers and (config.file or config.container)):
        section["registry"] = by_hand.section(report.host, config, servers, remarks)
        components.append("registry")
    if workers:
        section |= _workers(report.host, workers, remarks)
        components.append("worker")
        remarks.append(ENGINE)
    if not components:
        return None
    known = (*workers, *(servers if "registry" in section else ()))
    return Proposal(
        section={"hosts": report.host, **section},
        remarks=tuple(remarks),
        containers=tuple(c.name for c in known),
        components=tuple(components),
    )


# The workers


def _is_worker(container: RunningContainer) -> bool:
    """Condor's logs lie on the engine; or it has the document's mounts and what it runs."""
    places = {mount.split(":")[1] for mount in container.values("--volume")}
    runs = {word.rpartition("/")[2] for word in container.command[:1]}
    return LOG in places or (places >= GRID and bool(runs & PROGRAMS))


def _logs(container: RunningContainer) -> str:
    """Where the logs of condor lie on the engine; "": they lie inside."""
    mounts = (mount.split(":") for mount in container.values("--volume"))
    return next((source for source, at, *_ in mounts if at == LOG), "")


def _workers(host: str, workers: Sequence[RunningContainer], remarks: list[str]) -> dict[str, Any]:
    """The engine with the part `worker`; who differs from the first is left out."""
    workers = sorted(workers, key=lambda c: (_port(c)[0], c.name))
    first = _keys(workers[0])
    alike = [c for c in workers if _keys(c) == first]
    for other in workers:
        if other not in alike:
            keys = _keys(other)
            names = sorted(k for k in {*keys, *first} if keys.get(k) != first.get(k))
            remarks.append(f"{other.name}: is left out: it has another {', '.join(names)}")
        remarks += _remarks(other) if other in alike else ()
    ports = [_port(c)[0] for c in alike]
    if ports != [*range(ports[0], ports[0] + len(ports))] and any(ports):
        shown = " ".join(map(str, ports))
        remarks.append(f"worker: ports that do not follow one another ({shown}) no key says")
    published = {"port": _port(alike[0])[1]} if ports[0] else {"port": "none"}
    keys = {"first_port": ports[0], **published}
    defaults = {"first_port": DEFAULT.first_port, "port": DEFAULT.port}
    of_host = {host: [c.name for c in alike]}
    return {"worker": {"names": of_host, **first, **by_hand.differing(keys, defaults)}}


def _port(worker: RunningContainer) -> tuple[int, int]:
    """Outside and inside; 0 for none."""
    for published in worker.values("--publish"):
        *_, outside, inside = published.split(":")
        number = inside.partition("/")[0]
        if outside.isdigit() and number.isdigit():
            return int(outside), int(number)
    return 0, 0


def _keys(worker: RunningContainer) -> dict[str, Any]:
    """What is said of all workers alike, where it is not as by default."""
    lists = {
        "mounts": _same_places(worker),
        "devices": tuple(map(_device, worker.values("--device"))),
        "security_opt": worker.values("--security-opt"),
        "capabilities": tuple(c.removeprefix("CAP_") for c in worker.values("--cap-add")),
    }
    own: dict[str, Any] = {
        "engine": worker.engine,
        "image": _in_registry(worker)[1],
        "tag": worker.tag or "latest",
        "command": _command(worker),
        "logs": _folder_of_logs(worker),
        "domain": _domain(worker),
        "memory": _size(worker, "--memory"),
        "shm_size": _size(worker, "--shm-size"),
        "cpus": float("".join(worker.values("--cpus")[:1]) or 0),
    }
    keys = by_hand.differing(own, {key: getattr(DEFAULT, key) for key in own})
    for key, values in lists.items():
        if sorted(values) != sorted(getattr(DEFAULT, key)):
            keys[key] = sorted(values)
    if worker.values("--ulimit"):
        keys["ulimits"] = dict(_ulimits(worker))
    spread = {path: word for path, word in _spread(worker) if path in _same_places(worker)}
    return keys | ({"propagation": spread} if spread else {})


def _in_registry(worker: RunningContainer) -> tuple[str, str]:
    """The registry of its image, "" where its name has none, and its name there."""
    first, slash, name = worker.repository.partition("/")
    if slash and ("." in first or ":" in first or first == "localhost"):
        return first, name
    return "", worker.repository


def _command(worker: RunningContainer) -> str:
    """The program that it runs, where a site can say that; "" else."""
    return worker.command[0] if len(worker.command) == 1 and worker.command[0][0] == "/" else ""


def _folder_of_logs(worker: RunningContainer) -> str:
    """In which each worker has one of its name; "" where it is not so."""
    folder, _, name = _logs(worker).rpartition("/")
    return folder if name == worker.name else ""


def _domain(worker: RunningContainer) -> str:
    """Where its host name is its own name with one."""
    start = f"{worker.name}."
    return worker.hostname.removeprefix(start) if worker.hostname.startswith(start) else ""


def _same_places(worker: RunningContainer) -> tuple[str, ...]:
    """What of the engine is at the same place inside, but tokens, which have a key of their own."""
    mounts = (mount.split(":") for mount in worker.values("--volume"))
    return tuple(at for source, at, *_ in mounts if source == at and at not in (TOKENS, LOG))


def _spread(worker: RunningContainer) -> Iterator[tuple[str, str]]:
    for mount in worker.values("--volume"):
        _, at, *words = mount.split(":")
        for word in ",".join(words).split(","):
            if word in SPREAD:
                yield at, word


def _device(word: str) -> str:
    """/dev/fuse for /dev/fuse:/dev/fuse:rwm."""
    source, at, rights = (*word.split(":"), "", "")[:3]
    if source == at:
        return source if rights == "rwm" else f"{source}:{at}:{rights}"
    return word


def _size(worker: RunningContainer, flag: str) -> str:
    size = "".join(worker.values(flag)[:1])
    return f"{int(size) >> 20}m" if size and not int(size) % (1 << 20) else size


def _ulimits(worker: RunningContainer) -> Iterator[tuple[str, int]]:
    """Soft and hard are one number in the section; else the soft one."""
    for value in worker.values("--ulimit"):
        name, _, limits = value.partition("=")
        yield name, int(limits.partition(":")[0])


# What no key says of a worker


def _remarks(worker: RunningContainer) -> Iterator[str]:
    said = (
        *("--device=", "--security-opt=", "--cap-add=", "--ulimit=", "--memory=", "--shm-size="),
        *("--cpus=", "--publish=", f"--hostname={worker.name}"),
    )
    logs = f"--volume={_logs(worker)}:{LOG}"
    lost = tuple(_lost(worker))
    at_places = [w for w in worker.options if _place(w) in _same_places(worker) or w == logs]
    known = [word for word in worker.options if word.startswith(said)]
    commands = [word for word in worker.lost if word.startswith("command ") and _command(worker)]
    bare = replace(worker, lost=(*worker.lost, *lost))
    yield from running.remarks(bare, up=WORKER_UP, known=(*known, *at_places, *commands))
    yield from _otherwise(worker)


def _place(word: str) -> str:
    """Where a mount lies inside; "" of another flag."""
    return word.split(":")[1] if word.startswith("--volume=") else ""


def _lost(worker: RunningContainer) -> Iterator[str]:
    """Parts of words that a key says otherwise."""
    for mount in worker.values("--volume"):
        _, at, *words = mount.split(":")
        rest = [w for w in ",".join(words).split(",") if w not in ("", "z", "Z", *SPREAD)]
        if rest and at in _same_places(worker):
            yield f"{','.join(rest)} of --volume={mount}"
    for value in worker.values("--ulimit"):
        soft, _, hard = value.partition("=")[2].partition(":")
        if soft != hard:
            yield f"the hard limit of --ulimit={value}"


def _otherwise(worker: RunningContainer) -> Iterator[str]:
    """What becomes otherwise, or has to be said besides."""
    name = worker.name
    if BY_ENGINE.fullmatch(name):
        what = "its engine has named it, and workers are called as in DNS"
        yield f"{name}: {what}: {worker.engine} rename {name} NAME, and adopt it then"
    if not _command(worker):
        shown = " ".join(worker.command) or "its image's own command"
        yield f"{name}: it runs {shown}, and a worker here {DEFAULT.command}: say worker.command"
    if not _folder_of_logs(worker):
        place = f"in {_logs(worker)}" if _logs(worker) else "inside"
        yield f"{name}: its logs lie {place}; those after {WORKER_UP} in {DEFAULT.logs}/{name}"
    registry, image = _in_registry(worker)
    if registry:
        what = f"its image is of {registry}: the section's registry has to be that one"
        yield f"{name}: {what}: adopt its host, too"
    if "/" in image:
        yield f"{name}: no key says {image}: worker.image is a name without a path"
    if worker.network not in ("default", "bridge", "podman", ""):
        what = f"it is in the network {worker.network}, and no key says its address"
        yield f"{name}: {what}: engine.ranges and worker.domain give one"
    if any(f":{TOKENS}:" in f"{mount}:" for mount in worker.values("--volume")):
        yield f"{name}: it joins by a token: name the secret of it in worker.token_secret"
