"""The files that images are built from and containers are described by: our own, or those of a checkout. Which names they use is read in them."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fairlead.api import Ask, Fact, Noun, SiteError

from ..site import Daos
from .variables import values

OURS = Path(__file__).parents[1] / "files"
EXAMPLES = "utils/docker/examples"
FILE = {
    "base": "base",
    "server": "server",
    "admin": "admin",
    "bare-metal-agent": "client_bm",
    "separate-agent": "client_sa",
    "gathered": "client_gt",
}
READ = """cd "$1" 2>/dev/null || exit 3
for f in docker-compose.*.yml docker-stack.*.yml; do [ ! -f "$f" ] || { printf '%s %s\\n' '--- file' "$f"; cat "$f"; }; done"""


class Service(Noun):
    """A service of a compose file: the image that it runs and the folder that this is built in, as they are written there."""

    name: str
    image: str
    context: str


class ComposeFile(Noun):
    """A compose or stack file as far as it matters here. `wanted`: the variables that it gives no value of its own; `text`: without remarks."""

    name: str
    services: tuple[Service, ...]
    wanted: tuple[str, ...]
    text: str = ""


class Examples(Noun):
    """A folder with compose files, and a value for every variable in them."""

    folder: str
    files: Mapping[str, ComposeFile]
    values: Mapping[str, str]
    env_file: str  # "": it is the folder's own .env

    def service(self, component: str, mode: str) -> tuple[str, Service]:
        """The path of the compose file that has the service of a component, and the service. Raises SiteError."""
        name = f"docker-compose.{FILE.get(component) or FILE['separate-agent' if component == 'agent' else mode]}.yml"
        return self._one(name, component)

    def stack(self, component: str) -> tuple[str, Service]:
        """The path of its stack file, and the service there. Raises SiteError."""
        return self._one(
            f"docker-stack.{FILE['gathered'] if component == 'client' else component}.yml",
            component,
        )

    def _one(self, name: str, component: str) -> tuple[str, Service]:
        found = self.files[name].services if name in self.files else ()
        service = next((one for one in found if one.name.startswith(f"daos_{component}")), None)
        if not service:
            raise SiteError(
                f"{self.folder}/{name}",
                f"has no service daos_{component}",
                "is `source` a DAOS checkout of 2.4 or newer?",
            )
        return f"{self.folder}/{name}", service

    def filled(self, text: str) -> str:
        """A text of a compose file with the values of its variables."""
        return re.sub(
            VARIABLE, lambda found: self.values.get(found["name"] or found["bare"], ""), text
        )


VARIABLE = re.compile(
    r"(?<!\$)\$(?:\{(?P<name>[A-Za-z_]\w*)(?P<rest>[^}]*)\}|(?P<bare>[A-Za-z_]\w*))", re.ASCII
)


def fact(site: Daos) -> Iterator[Fact]:
    """`source`: the compose files of the checkout; None: there is no such folder."""
    if site.source:
        yield Fact(
            "source",
            ("sh", "-c", READ, "source", folder(site)),
            lambda code, text: None if code else read(text),
        )


def folder(site: Daos) -> str:
    return f"{site.source}/{EXAMPLES}" if site.source else f"{site.state}/examples"


def examples(ask: Ask[Any]) -> Examples:
    """The files of this host, every variable with a value. Raises SiteError for one that has none, and where the checkout is not there."""
    site = ask.section
    found: Any = (
        ask.facts.get("source", ours()) if site.source else ours()
    )  # before the host was asked, ours stand for the checkout's
    if found is None or "docker-compose.base.yml" not in found:
        raise SiteError(
            f"{ask.target.host}: {folder(site)}",
            "is no folder of a DAOS checkout with docker-compose.base.yml",
            "see daos.source",
        )
    later = any("LINUX_IMAGE_NAME" in file.wanted for file in found.values())
    known = values(site, later)
    for file in found.values():
        for name in file.wanted:
            if name not in known:
                raise SiteError(
                    f"{ask.target.host}: {folder(site)}/{file.name}",
                    f"${{{name}}} has no value",
                    f"give it one in daos.variables: {{{name}: ...}}",
                )
    return Examples(folder(site), found, known, f"{site.state}/source.env" if site.source else "")


@cache
def ours() -> Mapping[str, ComposeFile]:
    return read(
        "".join(
            f"--- file {path.name}\n{path.read_text('utf-8')}"
            for path in sorted(OURS.glob("docker-*.yml"))
        )
    )


def read(text: str) -> Mapping[str, ComposeFile]:
    """Name -> compose file, of what READ prints."""
    parts = re.split(r"^--- file (\S+)\n", text, flags=re.MULTILINE)[1:]
    return {name: _file(name, body) for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _file(name: str, text: str) -> ComposeFile:
    """Services stand two spaces deep below `services:`; upstream's files and ours are written so."""
    told = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    below = re.split(r"^services:\s*$", told, maxsplit=1, flags=re.MULTILINE)[-1]
    below = re.split(r"^\S", below, maxsplit=1, flags=re.MULTILINE)[0]
    parts = re.split(r"^  ([A-Za-z0-9_-]+):\s*$", below, flags=re.MULTILINE)[1:]
    services = tuple(
        Service(one, _word("image", body), _word("context", body))
        for one, body in zip(parts[::2], parts[1::2], strict=True)
    )
    given = (
        found["name"] or found["bare"]
        for found in re.finditer(VARIABLE, told)
        if not re.match(r":?[-+]", found["rest"] or "")
    )
    return ComposeFile(name, services, tuple(dict.fromkeys(given)), told)


def _word(key: str, text: str) -> str:
    found = re.search(rf"^\s*{key}:\s*[\"']?([^\"'\s]+)", text, re.MULTILINE)
    return found[1] if found else ""
