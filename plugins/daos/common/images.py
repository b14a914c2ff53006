"""The images: what they are made from put on the host, and built again only where some of it has changed."""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Argv, Ask, Command, PlacedFile, Step, same, then, upgrade
from fairlead.api import files as host_files

from ..site import Daos
from .config import ConfigFile, config
from .examples import OURS, Examples, examples
from .variables import RUNTIME, dotenv

BUILD = 7200  # seconds
PARENT = {"base": "", "server": "base", "admin": "base", "agent": "base"}
_INPUTS = """engine=$1 record=$2 image=$3 parent=$4 file=$5 folder=$6
shift 6
id() { "$engine" image ls -q --no-trunc "$1"; }
inputs() {
  { printf '%s\\n' "$@"; [ -z "$parent" ] || id "$parent"; sha256sum <"$file"
    cd "$folder" && find . -type f -exec sha256sum {} + | LC_ALL=C sort; } | sha256sum
}
"""
# ENGINE RECORD IMAGE PARENT COMPOSE-FILE FOLDER WORD...: is the image the one that was made from all this as it is now? The record is then written.
BUILT = (
    _INPUTS
    + """is=$(id "$image") || exit 2
[ -n "$is" ] && [ -f "$record" ] || exit 1
[ "$(cat "$record")" = "$(inputs "$@") $is" ]"""
)
RECORD = (
    _INPUTS
    + """set -eu; umask 077; is=$(id "$image"); [ -n "$is" ]
mkdir -p "${record%/*}"; printf '%s %s\\n' "$(inputs "$@")" "$is" >"$record.new"; mv "$record.new" "$record" """
)
# FROM TO: is the one a copy of the other? It is.
IS_COPY = '[ -f "$1" ] || { echo "there is no $1" >&2; exit 2; }; [ -f "$2" ] && [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]'
COPY = (
    'set -eu; cp "$1" "$2.fairlead-new"; chmod 644 "$2.fairlead-new"; mv -f "$2.fairlead-new" "$2"'
)


def line(found: Examples, file: str, *words: str) -> Argv:
    """`docker compose --file FILE WORDS`; for a checkout with our variables instead of its own .env, which stays as it is."""
    variables = ("--env-file", found.env_file) if found.env_file else ()
    return ("docker", "compose", *variables, "--file", file, *words)


def files(ask: Ask[Any]) -> Iterator[Step]:
    """What images are made from and containers described by lies on the host."""
    found = examples(ask)
    if ask.section.source:
        yield host_files.put(found.env_file, dotenv(found.values), name="variables")
    else:
        yield host_files.together(_ours(found), "files")


def _configuration(ask: Ask[Any], component: str) -> Iterator[Step]:
    """What its image holds of the site; the gathered client's image has that of the agent below it."""
    whose = {"base": "", "client": "" if ask.section.client.mode == "gathered" else "agent"}.get(
        component, component
    )
    if whose:
        yield _config(config(ask.section, whose, context(ask, component)))


def _ours(found: Examples) -> Iterator[PlacedFile]:
    """The variables, the compose files, and the folders that images are built in."""
    yield PlacedFile(f"{found.folder}/.env", dotenv(found.values).encode())
    for path in sorted(path for path in OURS.rglob("*") if path.is_file()):
        yield PlacedFile(f"{found.folder}/{path.relative_to(OURS)}", path.read_bytes())


def _config(file: ConfigFile) -> Step:
    name = file.path.rpartition("/")[2]
    if not file.copy_of:
        return host_files.put(file.path, file.text, name=name)
    words = (file.copy_of, file.path)
    return Step(
        name=name,
        unless=("sh", "-c", IS_COPY, "copy", *words),
        do=("sh", "-c", COPY, "copy", *words),
        undo=("true",),
    )


def context(ask: Ask[Any], component: str) -> str:
    """The folder in which the image of a component is built."""
    found = examples(ask)
    return f"{found.folder}/{found.filled(found.service(component, ask.section.client.mode)[1].context)}"


def image(ask: Ask[Any], component: str) -> str:
    """The name and tag of the image of a component."""
    found = examples(ask)
    return found.filled(found.service(component, ask.section.client.mode)[1].image)


def parent(site: Daos, component: str) -> str:
    """The component whose image it is made on."""
    return PARENT.get(component) or (
        "" if component == "base" else "agent" if site.client.mode == "gathered" else "base"
    )


def steps(ask: Ask[Any], component: str, bust: bool = False) -> Iterator[Step]:
    """The image is here: built, or where there is a host for that, built there and fetched from the registry."""
    site = ask.section
    yield from files(ask)
    if site.build_host and ask.verb != "build":
        yield _fetch(site, image(ask, component))
        return
    for one in (*_below(site, component), component):
        yield from _configuration(ask, one)
        yield build(ask, one, bust and one == component)
    if site.build_host:
        yield _push(site, image(ask, component))


def _below(site: Daos, component: str) -> tuple[str, ...]:
    """The components whose images it stands on, the lowest first."""
    one = parent(site, component)
    return (*_below(site, one), one) if one else ()


def _push(site: Daos, name: str) -> Step:
    far = f"{site.registry}/{name}"
    do = then(("docker", "tag", name, far), ("docker", "push", "--quiet", far))
    return Step(
        name=f"push {far}",
        unless=then(_alike(name, far), _fresh(far)),
        do=do,
        timeout=1800,
        progress=True,
    )


def _fetch(site: Daos, name: str) -> Step:
    far = f"{site.registry}/{name}"
    do = then(("docker", "pull", "--quiet", far), ("docker", "tag", far, name))
    remedy = f"build it on {site.build_host} first: inv daos.build"
    return Step(
        name=f"image {name}",
        unless=then(_fresh(far), _alike(name, far)),
        do=do,
        timeout=1800,
        progress=True,
        remedy=remedy,
    )


def _alike(one: str, other: str) -> Command:
    return same(
        ("docker", "image", "ls", "-q", "--no-trunc", one),
        ("docker", "image", "ls", "-q", "--no-trunc", other),
    )


def _fresh(name: str) -> Command:
    return upgrade.is_fresh("docker", name)


def build(ask: Ask[Any], component: str, bust: bool = False) -> Step:
    """The image of a component is made from what lies there now. `bust`: anew, whatever was made before."""
    found = examples(ask)
    file, service = found.service(component, ask.section.client.mode)
    below = parent(ask.section, component)
    words = (
        *(
            "docker",
            f"{ask.section.state}/built/{service.name}",
            image(ask, component),
            image(ask, below) if below else "",
            file,
            context(ask, component),
        ),
        *(f"{name}={value}" for name, value in found.values.items() if name not in RUNTIME),
    )
    return Step(
        name=f"image {image(ask, component)}",
        unless=None if bust else ("sh", "-c", BUILT, "built", *words),
        do=then(line(found, file, "build", service.name), ("sh", "-c", RECORD, "record", *words)),
        env=(("BUST_CACHE", str(ask.host.time)),) if bust else (),
        timeout=BUILD,
        progress=True,
        remedy="its version and repositories are daos.version, daos.repos and daos.base_image of the site",
    )
