"""The files that images are built from and containers are described by.

They are our own (`files/`) or those of a checkout; which names they use is read in them.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fairlead.api import Ask, Fact, Noun, SiteError, script

from ..site import Daos
from .environment import variables

OURS = Path(__file__).parents[1] / "files"
EXAMPLES = "utils/docker/examples"
BASE = "docker-compose.base.yml"
FILE = {
    "base": "base",
    "server": "server",
    "admin": "admin",
    "bare-metal-agent": "client_bm",
    "separate-agent": "client_sa",
    "gathered": "client_gt",
    "spdk": "spdk_setup",
}
OLDEST_DISTRO = "el8"
NAME = r"[A-Za-z_]\w*"
VARIABLE = re.compile(
    rf"(?<!\$)\$(?:\{{(?P<name>{NAME})(?P<default>[^}}]*)\}}|(?P<bare>{NAME}))", re.ASCII
)

sh = script.beside(__file__)


class Service(Noun):
    """A service of a compose file; image and build folder as they are written there."""

    name: str
    image: str
    context: str


class ComposeFile(Noun):
    """A compose or stack file as far as it matters here.

    `unset`: the variables that it gives no value of its own; `text`: without remarks.
    """

    name: str
    services: tuple[Service, ...]
    unset: tuple[str, ...]
    text: str = ""


class ComposeFolder(Noun):
    """A folder with compose files, and a value for every variable in them.

    `env_file`: "" where it is the folder's own .env.
    """

    folder: str
    files: Mapping[str, ComposeFile]
    values: Mapping[str, str]
    env_file: str

    def service(self, component: str, mode: str) -> tuple[str, Service]:
        """The path of the compose file that has a component's service, and the service.

        `mode`: of the client. Raises SiteError.
        """
        agent_mode = "separate-agent" if component == "agent" else mode
        name = FILE.get(component) or FILE[agent_mode]
        return self._service(f"docker-compose.{name}.yml", component)

    def stack_service(self, component: str) -> tuple[str, Service]:
        """The path of its stack file, and the service there. Raises SiteError."""
        name = FILE["gathered"] if component == "client" else component
        return self._service(f"docker-stack.{name}.yml", component)

    def _service(self, name: str, component: str) -> tuple[str, Service]:
        for service in self.files[name].services if name in self.files else ():
            if service.name.startswith(f"daos_{component}"):
                return f"{self.folder}/{name}", service
        raise SiteError(
            f"{self.folder}/{name}",
            f"has no service daos_{component}",
            "is `source` a DAOS checkout of 2.6.0 or newer?",
        )

    def expand(self, text: str) -> str:
        """A text of a compose file with the values of its variables."""
        return VARIABLE.sub(lambda match: self.values.get(_name(match), ""), text)


def facts(site: Daos) -> Iterator[Fact]:
    """`source`: the compose files of the checkout; None: there is no such folder. `distros`: those
    that it has folders for.
    """
    if site.source:
        yield Fact("source", sh("compose_files", examples(site)), _of_checkout)
        yield Fact("distros", sh("distro_folders", examples(site)), _words)


def _of_checkout(code: int, text: str) -> Mapping[str, "ComposeFile"] | None:
    return None if code else parse(text)


def _words(code: int, text: str) -> tuple[str, ...]:
    return tuple(text.split()) if code == 0 else ()


def examples(site: Daos) -> str:
    """The folder of a checkout whose files are driven; it stays as it is."""
    return f"{site.source}/{EXAMPLES}"


def folder_of(site: Daos) -> str:
    """Where the files that are driven lie on a host: ours, or our copy of a checkout's.

    Upstream keeps a daos_agent.yml of its own where ours has to be: in the checkout itself a later
    `git pull` would stop at it.
    """
    return f"{site.state}/checkout" if site.source else f"{site.state}/examples"


def compose_folder(ask: Ask[Any]) -> ComposeFolder:
    """The files of this host, every variable with a value.

    Before the host was asked, ours stand for the checkout's. Raises SiteError for a variable that
    has no value, and where the checkout is not there.
    """
    site = ask.section
    files = ask.facts.get("source", our_files()) if site.source else our_files()
    if files is None or BASE not in files:
        raise SiteError(
            f"{ask.target.host}: {examples(site)}",
            f"is no folder of a DAOS checkout with {BASE}",
            "daos.source has to be a checkout of 2.6.0 or newer: those of 2.4 have other files",
        )
    is_later = any("LINUX_IMAGE_NAME" in file.unset for file in files.values())
    values = variables(site, is_later)
    _require_values(ask, files, values)
    env_file = f"{site.state}/source.env" if site.source else ""
    return ComposeFolder(folder_of(site), files, values, env_file)


def service_of(ask: Ask[Any], component: str) -> tuple[str, Service]:
    """The path of the compose file that has a component's service, and the service."""
    return compose_folder(ask).service(component, ask.section.client.mode)


def _require_values(
    ask: Ask[Any], files: Mapping[str, ComposeFile], values: Mapping[str, str]
) -> None:
    """Raises SiteError for the first variable that has no value."""
    unset = ((file, name) for file in files.values() for name in file.unset)
    for file, name in unset:
        if name not in values:
            folder = examples(ask.section) if ask.section.source else folder_of(ask.section)
            raise SiteError(
                f"{ask.target.host}: {folder}/{file.name}",
                f"${{{name}}} has no value",
                f"give it one in daos.variables: {{{name}: ...}}",
            )


@cache
def our_tree(distro: str) -> Mapping[str, Path]:
    """The files that fairlead brings for a distribution, by their paths on a host.

    What a distribution has no file of its own for is as for EL8, in the folder of its name.
    """
    paths = sorted(path for path in OURS.rglob("*") if path.is_file())
    return {
        _path_on_host(path, distro): path
        for level in (OLDEST_DISTRO, distro)
        for path in paths
        if path.parent == OURS or path.parent.name == level
    }


def _path_on_host(path: Path, distro: str) -> str:
    if path.parent == OURS:
        return path.name
    return f"{path.parent.parent.name}/{distro}/{path.name}"


@cache
def our_files() -> Mapping[str, ComposeFile]:
    """The compose and stack files that fairlead brings."""
    paths = sorted(OURS.glob("docker-*.yml"))
    return parse("".join(f"--- file {path.name}\n{path.read_text('utf-8')}" for path in paths))


def parse(text: str) -> Mapping[str, ComposeFile]:
    """Name -> compose file, of what compose_files.sh prints."""
    parts = re.split(r"^--- file (\S+)\n", text, flags=re.MULTILINE)[1:]
    return {name: _file(name, body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _file(name: str, text: str) -> ComposeFile:
    """Services stand two spaces deep below `services:`; upstream's files and ours are so."""
    text = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    below = re.split(r"^services:\s*$", text, maxsplit=1, flags=re.MULTILINE)[-1]
    below = re.split(r"^\S", below, maxsplit=1, flags=re.MULTILINE)[0]
    parts = re.split(r"^  ([A-Za-z0-9_-]+):\s*$", below, flags=re.MULTILINE)[1:]
    services = tuple(
        Service(service, _word("image", body), _word("context", body))
        for service, body in zip(parts[::2], parts[1::2], strict=True)
    )
    return ComposeFile(name, services, tuple(dict.fromkeys(_unset(text))), text)


def _unset(text: str) -> Iterator[str]:
    """The variables that a text gives no value of its own, as ${NAME:-VALUE} does."""
    for match in VARIABLE.finditer(text):
        if not re.match(r":?[-+]", match["default"] or ""):
            yield _name(match)


def _name(match: re.Match[str]) -> str:
    return match["name"] or match["bare"]


def _word(key: str, text: str) -> str:
    """The value of the first line with this key, without its quotes; "" without one."""
    match = re.search(rf"^\s*{key}:\s*[\"']?([^\"'\s]+)", text, re.MULTILINE)
    return match[1] if match else ""
