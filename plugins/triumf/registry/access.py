"""What an engine needs to be let in by the site's registry: the authority that signed its certificate, and a user's password.

For whoever pulls or pushes beyond the engines (a host that builds): `needs(ask)`, and the steps of `login(ask)` before the first `docker push`.
"""

import json
from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Ask,
    Fact,
    Secret,
    SecretSpec,
    Step,
    certificates,
    files,
    password_maker,
    pipe,
)

# AUTHORITY PLACE: is it there, as it is?
SAME = '[ -f "$1" ] || { echo "there is no $1" >&2; exit 2; }; cmp -s "$1" "$2" || exit 1'
# USER REGISTRY; the password on stdin. Has this engine's root logged in as that user with that password? (config.json holds USER:PASSWORD in base64.)
KNOWN = """auth=$(printf '%s:%s' "$1" "$(cat)" | base64 | tr -d '\\n')
file=${HOME:-/root}/.docker/config.json
[ -f "$file" ] || exit 1
case $(tr -d ' \\t\\n' <"$file") in *"\\"$2\\":{\\"auth\\":\\"$auth\\""*) exit 0 ;; esac
exit 1"""
LOGIN = """file=${HOME:-/root}/.docker/config.json
rm -f "$file.before"; [ ! -f "$file" ] || cp -p "$file" "$file.before"
said=$(docker login -u "$1" --password-stdin "$2" 2>&1) && exit 0
case $said in
  *"unknown authority"*) exit 11 ;;
  *expired*) exit 12 ;;
  *"certificate is valid for"* | *"doesn't contain any IP SANs"* | *"cannot validate certificate"*) exit 13 ;;
  *401* | *unauthorized* | *"incorrect username"*) exit 14 ;;
  *refused* | *"no route"* | *"no such host"* | *timeout* | *"i/o"* | *lookup*) exit 15 ;;
esac
exit 16"""
LOGOUT = """file=${HOME:-/root}/.docker/config.json
if [ -f "$file.before" ]; then mv -f "$file.before" "$file"; else docker logout "$1" >/dev/null 2>&1; fi"""
# What clients see. URL AUTHORITY; user and password on stdin, for curl. Asks without them (401), then with them (200). The codes: `meanings`.
PROVE = """name=$1 file=$2; config=$(cat)
ask() { curl -sS --noproxy '*' -m 10 ${file:+--cacert "$file"} -o /dev/null -w '%{http_code}' "$@" "$name" 2>&1; }
tries=20
until said=$(ask); do
  case $said in
    *expired*) exit 12 ;;
    *"does not match"* | *"subject name"*) exit 13 ;;
    *"self-signed"* | *"self signed"* | *"issuer"* | *"unknown CA"*) exit 11 ;;
  esac
  [ $((tries -= 1)) -gt 0 ] || exit 15
  sleep 0.5
done
[ "$said" = 401 ] || exit 16
said=$(printf '%s' "$config" | ask -K -) || exit 15
case $said in 200) exit 0 ;; 401) exit 14 ;; *) exit 16 ;; esac"""
# URL: does anybody answer there?
LOGGED_IN = """[ ! -f "$1" ] || echo authority
! grep -qs "\\"$2\\"" "${HOME:-/root}/.docker/config.json" || echo login"""
ANSWERS = "curl -sk --noproxy '*' -m 4 -o /dev/null -w '%{http_code}' \"$1\""


def place(site: Any) -> str:
    """Where the engine looks for the authority of the site's registry."""
    return f"/etc/docker/certs.d/{site.registry.reference}/ca.crt"


def facts(site: Any) -> Iterator[Fact]:
    """`registry`: does it answer, seen from this engine? `trust`: what is there already, authority and login."""
    url = f"https://{site.registry.reference}/v2/"
    yield Fact(
        "registry",
        ("sh", "-c", ANSWERS, "registry", url),
        lambda code, text: text.strip() in ("200", "401"),
    )
    yield Fact(
        "trust",
        ("sh", "-c", LOGGED_IN, "trust", place(site), site.registry.reference),
        lambda code, text: tuple(text.split()),
    )


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """The secrets of `authority` and `login`."""
    registry = ask.section.registry
    if registry and registry.tls.ca_secret:
        yield SecretSpec(
            name=registry.tls.ca_secret,
            about="who signed the registry's certificate",
            path=place(ask.section),
            mode=0o644,
            ends=certificates.ends,
        )
    if registry:
        about = f"password of {registry.account} at the registry"
        yield SecretSpec(
            name=registry.users[registry.account],
            about=about,
            path="/root/.docker/config.json",
            make=password_maker(24),
        )


def authority(ask: Ask[Any]) -> Iterator[Step]:
    """The engine believes the registry's certificate; read anew at every pull, so nothing is restarted."""
    tls, path = ask.section.registry.tls, place(ask.section)
    if tls.ca_secret:
        yield files.put(path, ask.secrets[tls.ca_secret].reveal(), name="registry's authority")
    elif tls.ca:
        put = ("sh", "-c", files.PUT, "file", path, "644", "root:root")
        same = ("sh", "-c", SAME, "same", tls.ca, path)
        yield Step(
            name="registry's authority",
            unless=same,
            do=pipe(("cat", tls.ca), put),
            undo=("sh", "-c", files.UNPUT, "file", path),
        )


def login(ask: Ask[Any]) -> Iterator[Step]:
    """The engine is let in: authority and password are there, and are the right ones."""
    registry = ask.section.registry
    yield from authority(ask) if registry else ()
    if registry:
        words = (registry.account, registry.reference)
        yield Step(
            name="registry login",
            unless=("sh", "-c", KNOWN, "login", *words),
            do=("sh", "-c", LOGIN, "login", *words),
            undo=("sh", "-c", LOGOUT, "login", registry.reference),
            stdin=password(ask, registry.account),
            compares=True,
            sensitive=True,
            timeout=60,
            exit_messages=meanings(registry),
        )
        yield proved(
            ask,
            place(ask.section) if registry.tls.ca_secret or registry.tls.ca else "",
            "registry lets it in",
        )


def proved(ask: Ask[Any], authority: str, name: str) -> Step:
    """The registry asks for a password, and takes the one that it should: over TLS, by its name, seen from this host. It changes nothing."""
    registry = ask.section.registry
    return Step(
        name=name,
        do=("sh", "-c", PROVE, "prove", f"https://{registry.reference}/v2/", authority),
        stdin=curl(registry.account, password(ask, registry.account)),
        sensitive=True,
        read_only=True,
        timeout=60,
        exit_messages=meanings(registry),
    )


def curl(user: str, password: Secret) -> Secret:
    """The line that tells curl user and password, for its stdin."""
    return Secret(
        "user = "
        + json.dumps(f"{user}:{password.reveal().decode('utf-8', 'replace')}", ensure_ascii=False)
        + "\n"
    )


def password(ask: Ask[Any], user: str) -> Secret:
    """A user's password, without the newline that a file has at its end."""
    return Secret(ask.secrets[ask.section.registry.users[user]].reveal().rstrip(b"\r\n"))


def meanings(registry: Any) -> tuple[tuple[int, str], ...]:
    """What the exit codes of LOGIN and PROVE mean."""
    name, user = registry.reference, registry.account
    secret = f"secrets/{registry.users.get(user, user)}"
    return (
        (
            11,
            f"the certificate of {name} is signed by an authority that this host does not know: give its own in registry.tls.ca or ca_secret",
        ),
        (
            12,
            f"the certificate of {name} has expired (or a clock is wrong): have it renewed, then inv triumf.registry.up",
        ),
        (
            13,
            f"the certificate of {name} is for another name: registry.name has to be one that it holds",
        ),
        (
            14,
            f"{name} refuses the password of {user}: is it that of {secret}? inv triumf.registry.up puts it there",
        ),
        (15, f"{name} cannot be reached: inv triumf.registry.status, and is the way there open?"),
        (16, f"{name} answers otherwise than a registry does: inv triumf.registry.logs"),
    )
