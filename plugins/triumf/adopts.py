"""Workers and a registry that run already, as a section of a site: `inv adopt`.

Nothing is proposed of the engines themselves: what the site does not say of them is left to `up` of
the component `engine`, which is not planned here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

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
GRID = {"/cvmfs", "/etc/grid-security"}  # where a worker of the grid has what the engine has
PROGRAMS = {"init", "condor_master"}  # the document's /root/init, and what it ends with
SPREAD = ("rshared", "rslave")
BY_ENGINE = re.compile(r"[a-z]+_[a-z]+[0-9]?")  # a name of Docker's or Podman's own making
DEFAULT = Worker(names={})
REGISTRY = Registry(hosts="n1", name="registry", users={"user": "secret"})
REGISTRY_UP = "inv triumf.registry.up"
PLACES = ("rootdirectory", "certificate", "key", "path")
ANYWHERE = "0.0.0.0"  # the registry listens on IPv6 by it, too, where there is any
OF_REGISTRY = ("--publish=", "--hostname=", "--volume=")  # places and network are the section's
# Variables that its configuration says here, or that the section does
VARIABLES = (
    *("REGISTRY_AUTH", "REGISTRY_AUTH_HTPASSWD_PATH", "REGISTRY_AUTH_HTPASSWD_REALM"),
    *("REGISTRY_HTTP_ADDR", "REGISTRY_HTTP_HOST", "REGISTRY_HTTP_SECRET"),
    *("REGISTRY_HTTP_TLS_CERTIFICATE", "REGISTRY_HTTP_TLS_KEY", "REGISTRY_LOG_LEVEL"),
    *("REGISTRY_STORAGE", "REGISTRY_STORAGE_DELETE_ENABLED"),
    "REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY",
)
IMAGES = ("registry", "distribution")  # how the names of images of registries end
ENGINE = (
    "of the engines nothing is proposed: say of them what inv triumf.engine.up shall keep, and see "
    "its plan before it"
)

sh = script.beside(__file__)


class Config(Noun):
    """What a registry's configuration says, by the last word of each key; and who may log in."""

    file: str = ""
    container: str = ""  # the one that was asked, where no file of a package is there
    unit: str = ""  # active, inactive or "": there is none
    values: Mapping[str, str] = {}
    users: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # keys whose map is in braces


def _config(code: int, text: str) -> Config:
    """The lines of shell/registry_there.sh."""
    rows = [line.partition(" ") for line in text.splitlines()]
    files = [rest for kind, _, rest in rows if kind == "F"]
    containers = [rest for kind, _, rest in rows if kind == "C"]
    pairs = [rest.partition(":") for kind, _, rest in rows if kind == "K"]
    return Config(
        file="".join(files[:1]),
        container="".join(containers[:1]),
        unit="".join(rest for kind, _, rest in rows if kind == "S"),
        values={key.strip(): value.strip().strip("\"'") for key, _, value in pairs},
        users=tuple(rest for kind, _, rest in rows if kind == "U"),
        unread=tuple(rest for kind, _, rest in rows if kind == "B"),
    )


PROBES = (Fact("triumf registry", sh("registry_there", ""), _config),)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The workers of an engine, and the registry of its host."""
    workers = [c for c in report.containers if _is_worker(c)]
    config = report.evidence[PROBES[0].name]
    servers = [c for c in report.containers if c.repository.rpartition("/")[2] in IMAGES]
    section: dict[str, Any] = {}
    remarks: list[str] = []
    components: list[str] = []
    servers.sort(key=lambda c: (c.name != config.container, not c.running))
    if config.unit == "active" or (servers and (config.file or config.container)):
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
    values = _outside(config, servers)
    name, _, port = values.get("host", "").rpartition("/")[2].partition(":")
    own = values.get("addr", "").rpartition(":")[2]
    keys: dict[str, Any] = {
        "hosts": host,
        "name": name or host,
        "users": {user: f"registry.{user}" for user in config.users},
        "launch": "container" if servers else "package",
    }
    keys |= {"address": address} if (address := _address(config, servers)) else {}
    number = _published(servers, own)[1] or port or own
    keys |= {"port": int(number)} if number.isdigit() else {}
    keys |= _without(
        {"root": values.get("rootdirectory", ""), "log_level": values.get("level", "")},
        {"root": REGISTRY.root, "log_level": REGISTRY.log_level},
    )
    keys |= {"tls": tls} if (tls := _tls(values)) else {}
    for server in servers[:1]:
        keys |= _image(server)
        remarks += _server_remarks(server, config, values)
    remarks += (f"{c.name}: is a registry, too, and a site has one" for c in servers[1:])
    remarks += _unsaid(config, name)
    return keys


def _is_inside(config: Config, servers: Sequence[RunningContainer]) -> bool:
    """Are its addresses those of a container's own network?"""
    return bool(config.container and servers) and servers[0].network != "host"


def _address(config: Config, servers: Sequence[RunningContainer]) -> str:
    """Where it listens on the host; "" where that is not known."""
    address, _, port = config.values.get("addr", "").rpartition(":")
    if _is_inside(config, servers):
        address, outside = _published(servers, port)
        return (address or ANYWHERE) if outside else ""
    return address.strip("[]") or (ANYWHERE if port else "")


def _published(servers: Sequence[RunningContainer], inside: str) -> tuple[str, str]:
    """Address and port of the host for a port of the container; "" for none."""
    for published in servers[0].values("--publish") if servers else ():
        outside, _, port = published.rpartition(":")
        if port.partition("/")[0] == inside:
            address, _, number = outside.rpartition(":")
            return address.strip("[]"), number
    return "", ""


def _outside(config: Config, servers: Sequence[RunningContainer]) -> dict[str, str]:
    """The values, with places of the host: the folders and files of a container are mounts of it.
    What lies in none is left out."""
    values = {**config.values}
    mounts = servers[0].values("--volume") if config.container and servers else ()
    places = dict(mount.split(":")[1::-1] for mount in mounts)
    for key in PLACES if config.container else ():
        values[key] = _place_outside(values.get(key, ""), places)
    return values


def _place_outside(inside: str, places: Mapping[str, str]) -> str:
    """A place of the host for one inside; "" where there is none."""
    for at in sorted(places, key=len, reverse=True):
        if f"{inside}/".startswith(f"{at}/") and places[at].startswith("/"):
            return f"{places[at]}{inside.removeprefix(at)}"
    return ""


def _server_remarks(
    server: RunningContainer, config: Config, values: Mapping[str, str]
) -> Iterator[str]:
    """What becomes of its container: its configuration is the section's, its folders too."""
    if server.ours:
        return
    own = tuple(name for name in server.variables if name.startswith("REGISTRY_"))
    lost = (
        *(word for word in server.lost if not word.startswith("command ")),
        *(f"--volume={m}" for m in server.values("--volume") if not _is_said(m, config)),
        *(f"--env={name}=..." for name in own if name not in VARIABLES),
    )
    rest = tuple(word for word in server.options if not word.startswith(OF_REGISTRY))
    others = tuple(name for name in server.variables if name not in own)
    bare = replace(server, options=rest, variables=others, lost=lost)
    yield from running.remarks(bare, up=REGISTRY_UP)
    name, inside = server.name, config.values.get("rootdirectory", "")
    if config.container and not values.get("rootdirectory"):
        what = f"its images lie in no folder of the host ({inside or 'inside'})"
        into = f"mkdir -p {REGISTRY.root}; {server.engine} cp {name}:{inside}/. {REGISTRY.root}"
        yield f"{name}: {what}: before {REGISTRY_UP}: {into}"


def _is_said(mount: str, config: Config) -> bool:
    """Does the section say what lies there: images, certificate, key, users?"""
    at = mount.split(":")[1]
    places = filter(None, (config.values.get(key) for key in PLACES))
    return any(f"{place}/".startswith(f"{at}/") for place in places)


def _image(server: RunningContainer) -> dict[str, str]:
    """Of a registry that is a container; Docker Hub's by its whole name."""
    name = server.repository
    whole = f"docker.io/library/{name}" if "/" not in name else name
    own = {
        "image": whole,
        "tag": server.tag or "latest",
        "engine": server.engine,
        "container": server.name,
    }
    defaults = {key: getattr(REGISTRY, key) for key in own}
    return _without(own, defaults)


def _tls(values: Mapping[str, str]) -> dict[str, str]:
    own = {key: values.get(key, "") for key in ("certificate", "key")}
    return _without(own, {key: getattr(REGISTRY.tls, key) for key in own})


def _without(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in own.items() if value and value != defaults[key]}


def _unsaid(config: Config, name: str) -> Iterator[str]:
    for key in config.unread:
        yield f"registry: {key} is written in braces in its configuration: it is not read"
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
        "image": _in_registry(worker)[1],
        "tag": worker.tag or "latest",
        "command": _command(worker),
        "logs": _folder_of_logs(worker),
        "domain": _domain(worker),
        "memory": _size(worker, "--memory"),
        "shm_size": _size(worker, "--shm-size"),
        "cpus": float("".join(worker.values("--cpus")[:1]) or 0),
    }
    keys = _without(own, {key: getattr(DEFAULT, key) for key in own})
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
