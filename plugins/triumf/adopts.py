"""Workers and a registry that run already, as a section of a site: `inv adopt`.

Nothing is proposed of the engines themselves: what the site does not say of them is left to `up` of
the component `engine`, which is not planned here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.api import (
    Fact,
    HostReport,
    Noun,
    Proposal,
    RunningContainer,
    hookimpl,
    running,
    script,
)

from .sections.registry import Registry
from .sections.worker import TOKENS, Worker

WORKER_UP = "inv triumf.worker.up"
LOG = "/var/log/condor"
DEFAULT = Worker(names={})
REGISTRY = Registry(hosts="n1", name="registry", users={"user": "secret"})
IMAGES = ("registry", "distribution")  # how the names of images of registries end
ENGINE = (
    "of the engines nothing is proposed: say of them what inv triumf.engine.up shall keep, and see "
    "its plan before it"
)

sh = script.beside(__file__)


class Config(Noun):
    """What a registry's configuration says, by the last word of each key; and who may log in."""

    file: str = ""
    unit: str = ""  # active, inactive or "": there is none
    values: Mapping[str, str] = {}
    users: tuple[str, ...] = ()


def _config(code: int, text: str) -> Config:
    """The lines of shell/registry_there.sh."""
    rows = [line.partition(" ") for line in text.splitlines()]
    files = [rest for kind, _, rest in rows if kind == "F"]
    pairs = [rest.partition(":") for kind, _, rest in rows if kind == "K"]
    return Config(
        file="".join(files[:1]),
        unit="".join(rest for kind, _, rest in rows if kind == "S"),
        values={key.strip(): value.strip().strip("\"'") for key, _, value in pairs},
        users=tuple(rest for kind, _, rest in rows if kind == "U"),
    )


PROBES = (Fact("triumf registry", sh("registry_there", ""), _config),)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The workers of an engine, and the registry of its host."""
    workers = [c for c in report.containers if _logs(c)]
    config = report.evidence[PROBES[0].name]
    servers = [c for c in report.containers if c.repository.rpartition("/")[2] in IMAGES]
    section: dict[str, Any] = {}
    remarks: list[str] = []
    components: list[str] = []
    if config.unit == "active" or (servers and config.file):
        section["registry"] = _registry(report.host, config, servers, remarks)
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


# The registry


def _registry(
    host: str, config: Config, servers: Sequence[RunningContainer], remarks: list[str]
) -> dict[str, Any]:
    values = config.values
    name, _, port = values.get("host", "").rpartition("/")[2].partition(":")
    address, _, own = values.get("addr", "").rpartition(":")
    keys: dict[str, Any] = {
        "hosts": host,
        "name": name or host,
        "users": {user: f"registry.{user}" for user in config.users},
        "launch": "container" if servers else "package",
    }
    bare = address.strip("[]")
    keys |= {"address": bare} if bare else {}
    keys |= {"port": int(port or own)} if (port or own).isdigit() else {}
    keys |= _without(
        {"root": values.get("rootdirectory", ""), "log_level": values.get("level", "")},
        {"root": REGISTRY.root, "log_level": REGISTRY.log_level},
    )
    keys |= {"tls": tls} if (tls := _tls(values)) else {}
    for server in servers[:1]:
        keys |= _image(server)
        remarks += running.remarks(server, up="inv triumf.registry.up")
    remarks += _unsaid(config, name)
    return keys


def _image(server: RunningContainer) -> dict[str, str]:
    """Of a registry that is a container; Docker Hub's by its whole name."""
    name = server.repository
    whole = f"docker.io/library/{name}" if "/" not in name else name
    own = {"image": whole, "tag": server.tag or "latest", "engine": server.engine}
    defaults = {key: getattr(REGISTRY, key) for key in own}
    return _without(own, defaults)


def _tls(values: Mapping[str, str]) -> dict[str, str]:
    own = {key: values.get(key, "") for key in ("certificate", "key")}
    return _without(own, {key: getattr(REGISTRY.tls, key) for key in own})


def _without(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in own.items() if value and value != defaults[key]}


def _unsaid(config: Config, name: str) -> Iterator[str]:
    if not name:
        yield "registry: its configuration does not say by what name it is asked (http.host)"
    if not config.values.get("certificate"):
        yield "registry: it serves without a certificate, and ours has one: name it in registry.tls"
    if not config.users:
        yield "registry: nobody has to log in, and ours asks for it: name registry.users"
    for user in config.users:
        yield (
            f"registry: inv secrets.set --name=registry.{user} has to be told the password of "
            f"{user}: the host has its hash alone"
        )


# The workers


def _logs(container: RunningContainer) -> str:
    """Where the logs of condor lie on the engine; "": it is no worker."""
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
    return {"worker": {"names": of_host, **first, **_without(keys, defaults)}}


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
        "image": worker.repository.rpartition("/")[2],
        "tag": worker.tag or "latest",
        "command": "".join(worker.command[:1]),
        "logs": _logs(worker).removesuffix(f"/{worker.name}"),
        "domain": worker.hostname.removeprefix(worker.name).removeprefix("."),
        "memory": _size(worker, "--memory"),
        "shm_size": _size(worker, "--shm-size"),
        "cpus": float("".join(worker.values("--cpus")[:1]) or 0),
    }
    keys = _without(own, {key: getattr(DEFAULT, key) for key in own})
    for key, values in lists.items():
        if sorted(values) != sorted(getattr(DEFAULT, key)):
            keys[key] = [*values]
    if worker.values("--ulimit"):
        keys["ulimits"] = _ulimits(worker)
    spread = {path: word for path, word in _spread(worker) if path in _same_places(worker)}
    return keys | ({"propagation": spread} if spread else {})


def _same_places(worker: RunningContainer) -> tuple[str, ...]:
    """What of the engine is at the same place inside, but tokens, which have a key of their own."""
    mounts = (mount.split(":") for mount in worker.values("--volume"))
    return tuple(at for source, at, *_ in mounts if source == at and at not in (TOKENS, LOG))


def _spread(worker: RunningContainer) -> Iterator[tuple[str, str]]:
    for mount in worker.values("--volume"):
        _, at, *words = mount.split(":")
        for word in ",".join(words).split(","):
            if word in ("rshared", "rslave"):
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


def _ulimits(worker: RunningContainer) -> dict[str, int]:
    """Soft and hard are one number in the section; else the soft one."""
    pairs = (value.partition("=") for value in worker.values("--ulimit"))
    return {name: int(limits.partition(":")[0]) for name, _, limits in pairs}


def _remarks(worker: RunningContainer) -> Iterator[str]:
    said = (
        *("--device=", "--security-opt=", "--cap-add=", "--ulimit=", "--memory=", "--shm-size="),
        *("--cpus=", "--hostname=", "--publish="),
    )
    same = tuple(f"--volume={path}:" for path in (*_same_places(worker), _logs(worker)))
    known = [word for word in worker.options if word.startswith((*said, *same))]
    commands = [word for word in worker.lost if word.startswith("command ")]
    yield from running.remarks(worker, up=WORKER_UP, known=(*known, *commands))
    registry = worker.repository.rpartition("/")[0]
    if registry:
        what = f"its image is of {registry}: the section's registry has to be that one"
        yield f"{worker.name}: {what}: adopt its host, too"
    if worker.network not in ("default", "bridge", "podman", ""):
        what = f"it is in the network {worker.network}, and no key says its address"
        yield f"{worker.name}: {what}: engine.ranges and worker.domain give one"
    if any(f":{TOKENS}:" in f"{mount}:" for mount in worker.values("--volume")):
        yield f"{worker.name}: it joins by a token: name the secret of it in worker.token_secret"
