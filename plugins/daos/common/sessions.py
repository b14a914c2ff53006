"""What a session of the client or of dmg begins from: that which was put into service.

`up` takes the compose file, its variables and the image together into `now` of a folder of the
component; what stood there becomes `before`, to which `rollback` returns. A build and a changed
site touch neither.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.api import (
    NOT_KNOWN,
    SESSION,
    Argv,
    Ask,
    Fact,
    FairleadError,
    Noun,
    PlacedFile,
    Status,
    Step,
    compose,
    digest,
    files,
    script,
)

from . import recipe
from .compose_files import compose_folder, service_of
from .environment import dotenv, release

COMPONENTS = ("client", "admin")
ENDING = frozenset({"down", "stop"})  # the verbs by which sessions end
NO_IMAGE = "none was put into service"

sh = script.beside(__file__)


class InService(Noun, kw_only=True):
    """What sessions begin from.

    `service`: of the compose file; `image`: the name that its image had then; `version`: of DAOS;
    `files`: a digest of compose file and variables; `image_id`: "" where it is gone, NOT_KNOWN
    where the engine does not answer; `has_before`: is there one to return to?
    """

    service: str
    project: str
    image: str
    version: str
    mode: str
    recipe: str
    files: str = ""
    image_id: str = NOT_KNOWN
    has_before: bool = False


def are_of(ask: Ask[Any], component: str) -> bool:
    """Has each session of this component a container of its own?"""
    if component not in COMPONENTS:
        return False
    own = getattr(ask.section, component)
    return own.launch == "compose" and not own.keep


def project(ask: Ask[Any]) -> str:
    """The Compose project of all components of a release: they share the agent's socket."""
    return compose.project(f"daos-{release(ask.section.version)}")


def of_site(ask: Ask[Any], component: str) -> InService:
    """What `up` would put into service."""
    _, service = service_of(ask, component)
    return InService(
        service=service.name,
        project=project(ask),
        image=compose_folder(ask).expand(service.image),
        version=ask.section.version,
        mode=ask.section.client.mode,
        recipe=recipe.recipe(ask, component),
        files=digest.sha256("".join(_texts(ask, component)))[:16],
    )


def _folder(ask: Ask[Any], component: str) -> str:
    return f"{ask.section.state}/sessions/{component}"


def _tag(component: str) -> str:
    """The name of the image in service, which keeps it from pruning too."""
    return f"fairlead/daos-{component}:session"


def tags(component: str) -> tuple[str, ...]:
    """The names of the image in service, and of the one before."""
    return (_tag(component), f"{_tag(component)}-before")


# What is known


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """`in_service`: what sessions begin from; None: nothing was put into service."""
    if are_of(ask, component):
        words = ("docker", _folder(ask, component), _tag(component))
        yield Fact("in_service", sh("in_service", *words), parse)


def parse(code: int, text: str) -> InService | None:
    """What in_service.sh prints: session.json on a line, the image's ID, the word `before`.

    None where there is no such file, or what is no such file's.
    """
    content, image_id, before = (*text.split("\n"), "", "", "")[:3]
    try:
        written = msgspec.convert(json.loads(content)["x-fairlead"], InService)
    except (ValueError, LookupError, TypeError):
        return None
    image_id = NOT_KNOWN if image_id == "?" else image_id
    return replace(written, image_id=image_id, has_before=before == "before")


def open_facts(ask: Ask[Any], component: str, kept: str) -> Iterator[Fact]:
    """`open`: the sessions that are open on a host. `kept`: the container that is kept up."""
    if component in COMPONENTS and ask.verb in ENDING:
        argv = sh("open_sessions", "docker", f"daos_{component}", kept)
        yield Fact("open", argv, lambda code, text: text if code == 0 else "")


def in_use(ask: Ask[Any], component: str) -> Iterator[str]:
    """A few words about each of them; of one that is kept up only where something is mounted."""
    for line in ask.facts.get("open", "").splitlines():
        _, since, mounts = (*line.split("|"), "", "")[:3]
        when = since.replace("T", " ")[:16]
        mounted = f", with dfuse on {mounts.strip()}" if mounts.strip() else ""
        yield f"a session of daos.{component} since {when} UTC{mounted}"


def end(component: str) -> Step:
    """All of them end."""
    words = ("docker", f"daos_{component}")
    return Step(
        name="sessions end",
        unless=sh("has_no_sessions", *words),
        do=sh("end_sessions", *words),
        timeout=60,
    )


def in_service(ask: Ask[Any], component: str) -> InService:
    """What a session begins from here; before the host was asked: as the site says.

    Raises FairleadError where nothing was put into service.
    """
    if "in_service" not in ask.facts:
        return of_site(ask, component)
    current: InService | None = ask.facts["in_service"]
    if not current:
        raise FairleadError(
            ask.target.host,
            f"daos.{component} was not put into service, so there is nothing that a session could"
            " begin from",
            f"inv daos.{component}.up --host={ask.target.host}",
        )
    return current


def run_once(ask: Ask[Any], component: str, *words: str, tty: bool = False) -> Argv:
    """`docker compose run --rm SERVICE`, whose entry point is a shell."""
    current, now = in_service(ask, component), f"{_folder(ask, component)}/now"
    return (
        *("docker", "compose", "--env-file", f"{now}/variables.env"),
        *("--file", f"{now}/compose.yml", "--file", f"{now}/session.json"),
        *("-p", current.project, "run", "--rm", "--no-deps"),
        *(() if tty else ("-T",)),
        *("--env", SESSION),
        current.service,
        *(("-c", '"$@"', "daos", *words) if words else ()),
    )


def status(ask: Ask[Any], component: str) -> Status:
    """What a session would run; another site's is not well."""
    current: InService | None = ask.facts.get("in_service")
    container = ("container", "made for each session")
    if not current:
        return Status(False, (container, ("image", NO_IMAGE)))
    site = of_site(ask, component)
    is_as_site = (current.recipe, current.files) == (site.recipe, site.files)
    image = current.image if current.image_id else f"{current.image}, which is gone"
    fields = (
        container,
        ("image", NOT_KNOWN if current.image_id == NOT_KNOWN else image),
        ("version", current.version),
        *((("mode", current.mode),) if component == "client" else ()),
        ("made from", recipe.AS_SITE if is_as_site else recipe.OTHER),
    )
    return Status(is_as_site and bool(current.image_id), fields)


# What changes


def put(ask: Ask[Any], component: str) -> Iterator[Step]:
    """Sessions begin from what the site says today; what they began from before is kept."""
    folder, content = _folder(ask, component), of_site(ask, component)
    words = ("docker", folder, _tag(component), content.image)
    yield files.together(_files(ask, component, content), "files of sessions")
    yield Step(
        name="in service",
        unless=sh("is_in_service", *words),
        do=sh("into_service", *words),
        undo=sh("out_of_service", *words),
    )


def _files(ask: Ask[Any], component: str, content: InService) -> Iterator[PlacedFile]:
    names = ("compose.yml", "variables.env", "session.json")
    texts = (*_texts(ask, component), json.dumps(_overlay(component, content)) + "\n")
    for name, text in zip(names, texts, strict=True):
        yield PlacedFile(f"{_folder(ask, component)}/next/{name}", text.encode())


def _texts(ask: Ask[Any], component: str) -> tuple[str, str]:
    """The compose file of a component, and its variables."""
    folder, (path, _) = compose_folder(ask), service_of(ask, component)
    return folder.files[path.rpartition("/")[2]].text, dotenv(folder.values)


def _overlay(component: str, content: InService) -> Mapping[str, Any]:
    """What is laid over the compose file.

    Never built: without its folder beside the file Compose could not, and is not to.
    """
    names = ("service", "project", "image", "version", "mode", "recipe", "files")
    return {
        "services": {content.service: {"image": _tag(component), "pull_policy": "never"}},
        "x-fairlead": {name: getattr(content, name) for name in names},
    }


def rollback(ask: Ask[Any], component: str) -> Iterator[Step]:
    """Sessions begin from what was in service before. Raises FairleadError where nothing was."""
    if not in_service(ask, component).has_before:
        raise FairleadError(
            ask.target.host,
            f"there is no version of daos.{component} to return to",
            "it has not been upgraded since it was brought up",
        )
    words = ("docker", _folder(ask, component), _tag(component))
    yield Step(
        name="in service as before",
        do=sh("back_into_service", *words),
        undo=sh("not_back_into_service", *words),
    )
