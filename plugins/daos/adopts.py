"""DAOS's containers that somebody has started, as a section of a site: `inv adopt`."""

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from fairlead.api import (
    Fact,
    HostReport,
    Noun,
    Proposal,
    RunningContainer,
    SiteError,
    hookimpl,
    running,
    script,
    yamlfile,
)

from .common import environment, takeover
from .common.checks import NO_PODMAN
from .common.compose_files import EXAMPLES, FILE
from .site import Daos, Server

UP = "inv daos.up"
COMPONENTS = ("server", "agent", "client", "admin")
CONFIGURED = ("server", "agent", "admin")
OF_SESSIONS = ("client", "admin")
MODES = {FILE[mode]: mode for mode in ("bare-metal-agent", "separate-agent", "gathered")}
# Variable of .env -> key of the section, and of its client
KEYS = {
    "DAOS_VERSION": "version",
    "DAOS_DOCKER_IMAGE_TAG": "image_tag",
    "DAOS_DOCKER_IMAGE_NSP": "namespace",
    "LINUX_DISTRO": "distro",
}
LISTS = {
    "DAOS_REPOS": "repos",
    "DAOS_GPG_KEYS": "gpg_keys",
    "DAOS_REPOS_NOAUTH": "repos_noauth",
}
OF_CLIENT = {"DAOS_CLIENT_UNAME": "user", "DAOS_CLIENT_GNAME": "group"}
IDS = {"DAOS_CLIENT_UID": "uid", "DAOS_CLIENT_GID": "gid"}
# What a container tells of its image -> the variable that its files would have
INSIDE = {
    "version": "DAOS_VERSION",
    "rocky": "RHEL_BASE_IMAGE_TAG",
    "repo": "DAOS_REPOS",
    "key": "DAOS_GPG_KEYS",
    "unsigned": "DAOS_REPOS_NOAUTH",
}
# How names of images end, as shell/parts_there.sh has it
IMAGE = re.compile(r"daos-(server|agent|client|admin)(?:-(?:bm|sa|gt))?(?:-(?:el|leap)\d+)?$")
ONE_OFF = "com.docker.compose.oneoff"
BASE_NAMES = ("LINUX_IMAGE_NAME", "RHEL_BASE_IMAGE_NAME")
BASE_TAGS = ("LINUX_IMAGE_TAG", "RHEL_BASE_IMAGE_TAG")

sh = script.beside(__file__)


class Part(Noun):
    """A container of DAOS; `files` and `folder` are Compose's, "" where it has not started it.

    `config`: the text of its configuration, "" where it told none. `inside`: what it tells of its
    image, by the variables of the files that such an image is built from.
    """

    name: str
    component: str
    files: str = ""
    folder: str = ""
    config: str = ""
    inside: Mapping[str, str] = {}


class Parts(Noun):
    """What there is of DAOS on a host, and the variables of Compose's files."""

    containers: tuple[Part, ...] = ()
    variables: Mapping[str, str] = {}


def _parts(code: int, text: str) -> Parts:
    """The lines of shell/parts_there.sh."""
    rows = [line.split("\t") for line in text.splitlines()]
    pairs = [row[1].partition("=") for row in rows if row[0] == "V"]
    configs = {row[1]: b64decode(row[2]).decode() for row in rows if row[0] == "Y"}
    told = [row for row in rows if row[0] == "I" and len(row) == 4]
    containers = (
        Part(name, component, files, folder, configs.get(name, ""), _inside(told, name))
        for _, name, component, files, folder in (row for row in rows if row[0] == "C")
    )
    values = {name: value.strip().strip("\"'") for name, _, value in pairs}
    return Parts(tuple(containers), values)


def _inside(told: Iterable[Sequence[str]], container: str) -> Mapping[str, str]:
    """What shell/part_inside.sh tells of one, several words of a kind in one line."""
    values: dict[str, str] = {}
    for _, name, key, value in told:
        if name == container and key in INSIDE:
            values[INSIDE[key]] = f"{values.get(INSIDE[key], '')} {value}".strip()
    return values


PROBES = (Fact("daos parts", sh("parts_there", sh.text("part_inside")), _parts, timeout=90),)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The components of DAOS that run on a host."""
    there = {c.name: c for c in report.containers if c.engine == "docker"}
    parts: Parts = report.evidence[PROBES[0].name]
    every = [part for part in parts.containers if part.name in there]
    every.sort(key=lambda part: _rank(there[part.name], part.component))
    chosen = {part.component: part for part in reversed(every)}
    of_podman = [c for c in report.containers if c.engine != "docker" and _component(c)]
    if not every and not of_podman:
        return None
    remarks = [*(f"{c.name}: is of Podman, and {UP} refuses it: {NO_PODMAN}" for c in of_podman)]
    section = _section(report.host, chosen, there, parts.variables, remarks) if chosen else {}
    remarks += (text for part in every for text in _remarks(part, there[part.name], chosen))
    names = (*(part.name for part in every), *(c.name for c in of_podman))
    components = tuple(name for name in COMPONENTS if name in section)
    return Proposal(
        section=section, remarks=tuple(remarks), containers=names, components=components
    )


def _rank(container: RunningContainer, component: str) -> tuple[bool, bool, bool]:
    """Of several, which is the component: one that stays, that runs, that is called as ours."""
    is_ours = container.name == f"daos-{component}"
    return _is_one_off(container), not container.running, not is_ours


def _is_one_off(container: RunningContainer) -> bool:
    return container.autoremove or container.labels.get(ONE_OFF) == "True"


def _component(container: RunningContainer) -> str:
    """Which one it is, by its image's name; "" for none."""
    match = IMAGE.search(container.repository.rpartition("/")[2].replace("_", "-"))
    return match[1] if match else ""


# The keys


def _section(
    host: str,
    chosen: Mapping[str, Part],
    there: Mapping[str, RunningContainer],
    variables: Mapping[str, str],
    remarks: list[str],
) -> dict[str, Any]:
    """The section; what it does not say goes to the remarks."""
    ordered = [chosen[name] for name in COMPONENTS if name in chosen]
    inside = {key: value for part in reversed(ordered) for key, value in part.inside.items()}
    values = {**_tag(ordered, there), **inside, **variables}
    section = _whole(values, [part.folder for part in ordered], remarks)
    for part in ordered:
        section[part.component] = _part(host, part, there[part.name], values, remarks)
    if any(_is_insecure(section[part.component].get("config", {})) for part in ordered):
        section["insecure"] = True
        if source := section.pop("source", ""):
            what = f"source: with {source} authentication cannot be off, and here it is"
            remarks.append(f"{what}: {UP} builds from fairlead's own files")
    elif not all(there[part.name].ours for part in ordered):
        remarks.append(
            "certificates: inv daos.secrets says which are to be put into secrets: those that the "
            "host has are not read"
        )
    return section


def _tag(parts: Iterable[Part], there: Mapping[str, RunningContainer]) -> Mapping[str, str]:
    """The tag of the images, as the variable that says it, where they have their usual names."""
    containers = [there[part.name] for part in parts]
    tags = [c.tag for c in containers if _component(c) and c.tag not in ("", "latest")]
    return {"DAOS_DOCKER_IMAGE_TAG": tags[0]} if tags else {}


def _whole(values: Mapping[str, str], folders: Iterable[str], remarks: list[str]) -> dict[str, Any]:
    """What holds for all components, where it is not as by default."""
    keys: dict[str, Any] = {key: values[name] for name, key in KEYS.items() if values.get(name)}
    keys |= {key: values[name].split() for name, key in LISTS.items() if values.get(name)}
    base = {"name": _first(values, BASE_NAMES), "tag": _first(values, BASE_TAGS)}
    keys["base_image"] = {key: value for key, value in base.items() if value}
    default = Daos(version=keys.get("version", Daos().version))
    own = {
        "namespace": default.namespace,
        "distro": default.distro,
        "image_tag": environment.tag(default),
        "base_image": {},
    }
    keys = {key: value for key, value in keys.items() if value != own.get(key, "")}
    checkouts = (folder for folder in folders if folder.endswith(f"/{EXAMPLES}"))
    if source := next(checkouts, "").removesuffix(f"/{EXAMPLES}"):
        keys["source"] = source
    if "version" not in keys:
        remarks.append(
            "version: neither a .env of compose files nor a container says it: the default"
        )
    return keys


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((values[name] for name in names if values.get(name)), "")


def _part(
    host: str,
    part: Part,
    container: RunningContainer,
    values: Mapping[str, str],
    remarks: list[str],
) -> dict[str, Any]:
    """One component. Clients and admin that are up are kept up."""
    keys: dict[str, Any] = {"hosts": host}
    if part.component in OF_SESSIONS and not _is_one_off(container):
        keys["keep"] = True
    if part.component == "client":
        keys |= _client(part, values)
    if part.component == "server":
        keys |= _limits(container)
    if part.component in CONFIGURED:
        config = _config(part, remarks)
        keys |= {"config": config} if config else {}
    return keys


def _client(part: Part, values: Mapping[str, str]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for file, mode in MODES.items():
        if f"docker-compose.{file}.yml" in part.files:
            keys["mode"] = mode
    keys |= {key: values[name] for name, key in OF_CLIENT.items() if values.get(name)}
    ids = {key: values.get(name, "") for name, key in IDS.items()}
    return keys | {key: int(word) for key, word in ids.items() if word.isdigit()}


def _limits(container: RunningContainer) -> dict[str, Any]:
    """What a server takes of its host, where it is not as by default."""
    default = Server()
    keys: dict[str, Any] = {}
    if "--privileged" not in container.options and default.privileged:
        keys["privileged"] = False
    limits = {
        name: int(limit.partition(":")[0])
        for name, _, limit in (value.partition("=") for value in container.values("--ulimit"))
        if name in ("memlock", "nofile")
    }
    other = {name: n for name, n in limits.items() if n != getattr(default.ulimits, name)}
    return keys | ({"ulimits": other} if other else {})


def _config(part: Part, remarks: list[str]) -> dict[str, Any]:
    if not part.config:
        what = "has no configuration where DAOS has it, or it does not tell it"
        remarks.append(f"{part.name}: {what}: {part.component}.config is by default")
        return {}
    try:
        config = yamlfile.read(part.config, part.name).plain()
    except SiteError as error:
        remarks.append(f"{part.name}: its configuration cannot be read: {error}")
        return {}
    return config if isinstance(config, dict) else {}


def _is_insecure(config: Mapping[str, Any]) -> bool:
    transport = config.get("transport_config")
    return isinstance(transport, Mapping) and transport.get("allow_insecure") is True


# What no key says


def _remarks(part: Part, container: RunningContainer, chosen: Mapping[str, Part]) -> Iterator[str]:
    """`up` takes over what has the name of ours."""
    name, ours = container.name, f"daos-{part.component}"
    if _is_one_off(container):
        yield from _of_session(part, container)
        return
    if chosen[part.component] is not part:
        other = chosen[part.component].name
        yield f"{name}: is a part of DAOS as {other} is, and a host has one {part.component} here"
        return
    if container.ours:
        return
    known = (*container.options, *container.lost)
    yield from running.remarks(container, up=UP, known=known)
    yield from _otherwise(part, container)
    if name != ours:
        what = f"{UP} takes over what is called {ours}, and would start one beside it"
        yield f"{name}: {what}: before it docker rename {name} {ours}"


def _of_session(part: Part, container: RunningContainer) -> Iterator[str]:
    """One that ends with the session that began it, or goes once it stops."""
    name = container.name
    if part.component in OF_SESSIONS:
        what = "is of docker compose run, and ends with its session"
        yield f"{name}: {what}: the next one begins from what {UP} puts into service"
        return
    how = "with --rm" if container.autoremove else "by docker compose run"
    yield f"{name}: was started {how}, and {UP} does not take it over: {_ways(part, container)}"


def _ways(part: Part, container: RunningContainer) -> str:
    """How it makes way for one that stays, with what it knows of its pools."""
    ends = f"docker stop {container.name}"
    config = _config(part, []) if part.component == "server" else {}
    if inside := takeover.lost_with(config, _places(container)):
        return f"{takeover.lost(inside)}; bring its data elsewhere before {ends}"
    path = takeover.metadata(config)
    if not path:
        return f"end it before ({ends})"
    state = f"{Daos().state}/server/current{path}"
    return (
        f"its metadata has to be in our state before it ends: dmg system stop; mkdir -p {state}; "
        f"docker cp {container.name}:{path}/. {state}; {ends}"
    )


def _places(container: RunningContainer) -> tuple[str, ...]:
    """Where something is mounted in it."""
    return tuple(mount.split(":")[1] for mount in container.values("--volume"))


def _otherwise(part: Part, container: RunningContainer) -> Iterator[str]:
    """What becomes otherwise than it is."""
    name = container.name
    for mount in container.values("--volume"):
        if what := takeover.replaced(part.component, mount.split(":")[1]):
            yield f"{name}: --volume={mount} is not kept: {what}"
    if part.component == "server":
        yield from _storage(part, container)


def _storage(part: Part, container: RunningContainer) -> Iterator[str]:
    """What becomes of what a server knows of its pools."""
    name, config = container.name, _config(part, [])
    mounts = container.values("--volume")
    if path := takeover.metadata(config):
        source = next((m.split(":")[0] for m in mounts if m.split(":")[1] == path), "")
        place = f"{source}, mounted as {path}" if source else f"{path} in the container"
        yield (
            f"{name}: its metadata ({place}) is copied into its state, and nothing is formatted: "
            f"its pools are there after {UP}"
        )
    elif inside := takeover.lost_with(config, _places(container)):
        yield f"{name}: {takeover.lost(inside)}: {UP} refuses it"
