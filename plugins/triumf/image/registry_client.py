"""An image from its tarball into the engine, and from there into the registry; what is known of it goes with it, as labels.

What the registry holds is asked by its API, as whom this host is logged in: neither needs the image here, nor the registry's files.
"""

from typing import Any

from fairlead.api import Ask, Command, Step

from ..registry import access
from . import recipes

# HOST AUTHORITY: `registry PATH WORD...` asks it. The password goes from the engine's own file to curl's stdin.
ASKING = """host=$1 ca=$2; shift 2
[ -f "$ca" ] || ca=''
auth=$(tr -d ' \\t\\n' <"${HOME:-/root}/.docker/config.json" 2>/dev/null | sed -n "s|.*\\"$host\\":{\\"auth\\":\\"\\([^\\"]*\\)\\".*|\\1|p")
registry() {
  path=$1; shift
  printf 'header = "Authorization: Basic %s"\\n' "$auth" |
    curl -sS --noproxy '*' -m 30 ${ca:+--cacert "$ca"} -K - -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \\
      -H 'Accept: application/vnd.oci.image.manifest.v1+json' "$@" "https://$host/v2/$path"
}
refused() { echo "$1" >&2; exit "$2"; }
reached() { # is it there, and are we let in?
  case $(registry '' -o /dev/null -w '%{http_code}' 2>/dev/null) in
    200) ;;
    401) refused "$host does not let this host in: is it logged in (~/.docker/config.json)?" 14 ;;
    *) refused "$host cannot be reached" 15 ;;
  esac
}
served() { registry "$1/manifests/$2" -I 2>/dev/null | tr -d '\\r' | awk 'tolower($1) == "docker-content-digest:" { print $2 }'; } # NAME TAG
configured() { # NAME TAG: the image's configuration
  config=$(registry "$1/manifests/$2" 2>/dev/null | tr -d ' \\t\\n' | sed -n 's/.*"config":{[^}]*"digest":"\\([^"]*\\)".*/\\1/p')
  [ -n "$config" ] && registry "$1/blobs/$config" -L 2>/dev/null
}
label() { printf %s "$1" | grep -o "\\"fairlead[.]image[.]$2\\":\\"[^\\"]*\\"" | head -n 1 | cut -d'"' -f4; } # CONFIGURATION NAME
"""
# HOST AUTHORITY NAME TAG REFERENCE RECIPE: is there an image of this recipe, here or in the registry? Without a HOST only here is asked.
MADE = (
    ASKING
    + """[ "$(docker image ls -q --no-trunc --filter "label=fairlead.image.recipe=$4" "$3" | head -n 1)" = "" ] || exit 0
[ -n "$host" ] || exit 1
reached
[ "$(label "$(configured "$1" "$2")" recipe)" = "$4" ] || exit 1"""
)
# ... the same words: is what the registry has the very image of this recipe that is here, or where none is here, one of it?
# What is in the way is told by PUSH.
PUSHED = (
    ASKING
    + """(reached) 2>/dev/null || exit 1
digest=$(served "$1" "$2"); [ -n "$digest" ] || exit 1
here=$(docker image ls -q --no-trunc --filter "label=fairlead.image.recipe=$4" "$3") || exit 2
if [ -n "$here" ]; then docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' "$3" | grep -qxF "${3%:*}@$digest" || exit 1
else [ "$(label "$(configured "$1" "$2")" recipe)" = "$4" ] || exit 1; fi"""
)
# WORK REFERENCE RECIPE BY REVISION SITE: the old image keeps its name until the new one is whole. A line of docker import has its limit, so packages
# are labels in parts.
IMPORT = """set -e; work=$1 reference=$2
said() { printf 'LABEL "fairlead.image.%s"="%s"' "$1" "$(printf %s "$2" | tr '\\n' ' ' | sed 's/ *$//; s/[\\\\"$]/\\\\&/g')"; }
recipe=$(said recipe "$3") by=$(said by "$4") revision=$(said revision "$5") site=$(said site "$6") sizes=$(said sizes "$(cat "$work/sizes")")
set -- --change 'CMD ["/root/init"]' --change "$recipe" --change "$by" --change "$revision" --change "$site" --change "$sizes"
rm -f "$work"/part.*; tr '\\n' ' ' <"$work/packages" | fold -s -w 30000 | split -l 1 -a 3 - "$work/part."
n=0; for part in "$work"/part.*; do n=$((n + 1)); set -- "$@" --change "$(said "packages.$n" "$(cat "$part")")"; done
id=$(docker import "$@" "$work/image.tar.gz")
docker tag "$id" "$reference"
rm -rf --one-file-system "$work"
echo "$id" """
# REFERENCE. The codes: `meanings`.
PUSH = """log=$(mktemp -d) || exit 1; trap 'rm -rf "$log"' EXIT
{ docker push "$1" 2>&1; echo $? >"$log/code"; } | tee "$log/said"
[ "$(cat "$log/code")" != 0 ] || exit 0
case $(cat "$log/said") in
  *401* | *unauthorized* | *denied* | *"no basic auth"*) exit 14 ;;
  *"500 Internal"* | *"no space"* | *"unknown error"* | *"503 Service"*) exit 17 ;;
  *refused* | *EOF* | *reset* | *"broken pipe"* | *"no route"* | *timeout* | *lookup*) exit 15 ;;
esac
exit 16"""
# HOST AUTHORITY NAME TAG REFERENCE RECIPE: the digest under which the registry has what is here.
PROVED = (
    ASKING
    + """reached
digest=$(served "$1" "$2")
[ -n "$(docker image ls -q --filter "label=fairlead.image.recipe=$4" "$3")" ] || { echo "$digest"; exit; }
docker image inspect -f '{{range .RepoDigests}}{{println .}}{{end}}' "$3" | grep -qxF "${3%:*}@$digest" && echo "$digest" && exit
echo "the registry has ${digest:-nothing} as $1:$2, which is not what was pushed" >&2; exit 18"""
)


def made(ask: Ask[Any], name: str) -> Command:
    """Is there an image of the recipe as it is now?"""
    return ("sh", "-c", MADE, "made", *_words(ask, name))


def imported(ask: Ask[Any], name: str, work: str, unless: Command | None) -> Step:
    recipe = recipes.digest(ask.section.image.recipes[name])
    words = (
        work,
        recipes.reference(ask.section, name),
        recipe,
        ask.who or "unknown",
        ask.revision or "none",
        ask.target.site,
    )
    return Step(
        name=f"{name}: import",
        unless=unless,
        do=("sh", "-c", IMPORT, "import", *words),
        timeout=1800,
        show_output=True,
    )


def pushed(ask: Ask[Any], name: str, anew: bool) -> Step:
    """The registry has it. What of it has arrived already is not sent again; the proof is the digest that the registry gives."""
    return Step(
        name=f"{name}: push",
        unless=None if anew else ("sh", "-c", PUSHED, "pushed", *_words(ask, name)),
        do=("sh", "-c", PUSH, "push", recipes.reference(ask.section, name)),
        timeout=3600,
        progress=True,
        exit_messages=meanings(ask.section.registry),
    )


def proved(ask: Ask[Any], name: str) -> Step:
    return Step(
        name=f"{name}: digest",
        do=("sh", "-c", PROVED, "proved", *_words(ask, name)),
        read_only=True,
        show_output=True,
        timeout=60,
    )


def _words(ask: Ask[Any], name: str) -> tuple[str, ...]:
    recipe = ask.section.image.recipes[name]
    return (
        *where(ask.section),
        name,
        recipe.tag,
        recipes.reference(ask.section, name),
        recipes.digest(recipe),
    )


def where(section: Any) -> tuple[str, str]:
    """The registry, and on this host its authority."""
    return (section.registry.reference, access.place(section)) if section.registry else ("", "")


def meanings(registry: Any) -> tuple[tuple[int, str], ...]:
    """What the exit codes of PUSH mean."""
    name = registry.reference
    return (
        (14, f"{name} does not let this host push: inv triumf.trust.up"),
        (
            15,
            f"{name} cannot be reached, or stopped in the middle: inv triumf.registry.up, then again; what had arrived whole is not sent twice",
        ),
        (16, f"{name} answers otherwise than a registry does: inv triumf.registry.logs"),
        (
            17,
            f"{name} could not keep it: is its disk full? inv triumf.registry.status, make room, then again",
        ),
    )
