"""A registry that somebody started, as a section of a site: a package's unit or a container."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from fairlead.api import Fact, Noun, RunningContainer, running, script

from ..sections.registry import Registry

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

sh = script.beside(__file__)


class Config(Noun):
    """What a registry's configuration says, by the last word of each key; and who may log in."""

    file: str = ""
    container: str = ""  # the one that was asked, where no file of a package is there
    unit: str = ""  # active, inactive or "": there is none
    values: Mapping[str, str] = {}
    users: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()  # keys whose map is in braces


def fact() -> Fact:
    """The Config of the registry that serves, whoever started it."""
    return Fact("triumf registry", sh("there", ""), _config)


def _config(code: int, text: str) -> Config:
    """The lines of shell/there.sh."""
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


def is_registry(container: RunningContainer) -> bool:
    """Is its image called so?"""
    return container.repository.rpartition("/")[2] in IMAGES


def section(
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
    keys |= differing(
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
    return differing(own, defaults)


def _tls(values: Mapping[str, str]) -> dict[str, str]:
    own = {key: values.get(key, "") for key in ("certificate", "key")}
    return differing(own, {key: getattr(REGISTRY.tls, key) for key in own})


def differing(own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
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
