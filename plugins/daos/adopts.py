"""DAOS's containers that Compose has started already, as a section of a site: `inv adopt`."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
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

from .common.compose_files import EXAMPLES, FILE
from .site import Daos

UP = "inv daos.up"
COMPONENTS = ("server", "agent", "client", "admin")
CONFIGURED = ("server", "agent", "admin")
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
ONE_OFF = "com.docker.compose.oneoff"
BASE_NAMES = ("LINUX_IMAGE_NAME", "RHEL_BASE_IMAGE_NAME")
BASE_TAGS = ("LINUX_IMAGE_TAG", "RHEL_BASE_IMAGE_TAG")

sh = script.beside(__file__)


class Composed(Noun):
    """A container of Compose's; `config`: the text of its configuration, "" where it told none."""

    name: str
    component: str
    files: str
    folder: str
    config: str = ""


class Project(Noun):
    """What Compose has of DAOS on a host, and the variables of its files."""

    containers: tuple[Composed, ...] = ()
    variables: Mapping[str, str] = {}


def _project(code: int, text: str) -> Project:
    """The lines of shell/compose_there.sh."""
    rows = [line.split("\t") for line in text.splitlines()]
    pairs = [row[1].partition("=") for row in rows if row[0] == "V"]
    configs = {row[1]: b64decode(row[2]).decode() for row in rows if row[0] == "Y"}
    containers = (
        Composed(row[1], component, row[3], row[4], configs.get(row[1], ""))
        for row in rows
        if row[0] == "C" and (component := _component(row[2]))
    )
    values = {name: value.strip().strip("\"'") for name, _, value in pairs}
    return Project(tuple(containers), values)


def _component(service: str) -> str:
    word = service.replace("-", "_").removeprefix("daos_")
    return next((name for name in COMPONENTS if word.startswith(name)), "")


PROBES = (Fact("daos compose", sh("compose_there"), _project, timeout=60),)


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The components of DAOS that Compose has started on a host."""
    project: Project = report.evidence[PROBES[0].name]
    if not project.containers:
        return None
    remarks: list[str] = []
    section = _whole(project, remarks)
    for container in project.containers:
        section[container.component] = _part(report.host, container, project, remarks)
    names = tuple(container.name for container in project.containers)
    components_of = {container.name: container.component for container in project.containers}
    by_hand = [c for c in report.containers if c.name in names]
    remarks += (text for c in by_hand for text in _remarks(c, components_of[c.name]))
    components = tuple(name for name in COMPONENTS if name in section)
    configs = (section[name].get("config", {}) for name in components)
    if any(map(_is_insecure, configs)):
        section["insecure"] = True
    elif not all(c.ours for c in by_hand):
        remarks.append(
            "certificates: inv daos.secrets says which are to be put into secrets: those that the "
            "host has are not read"
        )
    return Proposal(
        section=section, remarks=tuple(remarks), containers=names, components=components
    )


def _whole(project: Project, remarks: list[str]) -> dict[str, Any]:
    """What holds for all components, where it is not as by default."""
    values = project.variables
    keys: dict[str, Any] = {key: values[name] for name, key in KEYS.items() if values.get(name)}
    keys |= {key: values[name].split() for name, key in LISTS.items() if values.get(name)}
    base = {"name": _first(values, BASE_NAMES), "tag": _first(values, BASE_TAGS)}
    keys["base_image"] = {key: value for key, value in base.items() if value}
    default = Daos(version=keys.get("version", Daos().version))
    own = {"namespace": default.namespace, "distro": default.distro, "base_image": {}}
    keys = {key: value for key, value in keys.items() if value != own.get(key, "")}
    folder = project.containers[0].folder
    if folder.endswith(f"/{EXAMPLES}"):
        keys["source"] = folder.removesuffix(f"/{EXAMPLES}")
    if "version" not in keys:
        remarks.append("version: no .env beside the compose files says DAOS_VERSION: the default")
    return keys


def _first(values: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((values[name] for name in names if values.get(name)), "")


def _part(host: str, container: Composed, project: Project, remarks: list[str]) -> dict[str, Any]:
    """One component. Clients and admin that Compose has up are kept up."""
    keys: dict[str, Any] = {"hosts": host}
    if container.component in ("client", "admin"):
        keys["keep"] = True
    if container.component == "client":
        keys |= _client(container, project.variables)
    if container.component in CONFIGURED:
        config = _config(container, remarks)
        keys |= {"config": config} if config else {}
    return keys


def _client(container: Composed, values: Mapping[str, str]) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    for file, mode in MODES.items():
        if f"docker-compose.{file}.yml" in container.files:
            keys["mode"] = mode
    keys |= {key: values[name] for name, key in OF_CLIENT.items() if values.get(name)}
    ids = {key: values.get(name, "") for name, key in IDS.items()}
    return keys | {key: int(word) for key, word in ids.items() if word.isdigit()}


def _config(container: Composed, remarks: list[str]) -> dict[str, Any]:
    if not container.config:
        what = "does not run, or has no configuration where DAOS has it"
        remarks.append(f"{container.name}: {what}: {container.component}.config is by default")
        return {}
    try:
        config = yamlfile.read(container.config, container.name).plain()
    except SiteError as error:
        remarks.append(f"{container.name}: its configuration cannot be read: {error}")
        return {}
    return config if isinstance(config, dict) else {}


def _is_insecure(config: Mapping[str, Any]) -> bool:
    transport = config.get("transport_config")
    return isinstance(transport, Mapping) and transport.get("allow_insecure") is True


def _remarks(container: RunningContainer, component: str) -> Iterator[str]:
    """Compose's own files say its options: ours are made of the same. `up` takes over what has the
    name of ours."""
    name, ours = container.name, f"daos-{component}"
    if container.labels.get(ONE_OFF) == "True":
        what = "is of docker compose run, and ends with its session"
        yield f"{name}: {what}: end it before {UP}, which starts one that stays"
        return
    yield from running.remarks(container, up=UP, known=(*container.options, *container.lost))
    if name != ours and not container.ours:
        what = f"{UP} takes over what is called {ours}, and would start one beside it"
        yield f"{name}: {what}: before it docker rename {name} {ours}"
