"""What an engine needs to be let in by the site's registry: the authority that signed its
certificate, and a user's password.

For whoever pulls or pushes beyond the engines (a host that builds): `needs(ask)`, and the steps of
`login(ask)` before the first `docker push`.
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
    script,
)

from ..sections.registry import Registry
from ..site import Triumf
from . import htpasswd

sh = script.beside(__file__)


def authority_path(registry: Registry) -> str:
    """Where the engine looks for the authority of the site's registry."""
    return f"/etc/docker/certs.d/{registry.reference}/ca.crt"


def facts(section: Triumf) -> Iterator[Fact]:
    """`registry`: does it answer, seen from this engine? `trust`: what is there already, authority
    and login."""
    registry = section.registry
    if not registry:
        return
    url = f"https://{registry.reference}/v2/"
    yield Fact("registry", sh("answers", url), answers)
    words = (authority_path(registry), registry.reference)
    yield Fact("trust", sh("trust", *words), lambda code, text: tuple(text.split()))


def answers(code: int, text: str) -> bool:
    """Is it the HTTP status of a registry, whether it lets us in or not?"""
    return text.strip() in ("200", "401")


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """The secrets of `authority` and `login`."""
    registry: Registry | None = ask.section.registry
    if not registry:
        return
    if registry.tls.ca_secret:
        yield SecretSpec(
            name=registry.tls.ca_secret,
            about="who signed the registry's certificate",
            path=authority_path(registry),
            mode=0o644,
            ends=certificates.ends,
        )
    yield SecretSpec(
        name=registry.users[registry.account],
        about=f"password of {registry.account} at the registry",
        path="/root/.docker/config.json",
        make=password_maker(htpasswd.LENGTH),
    )


def authority(ask: Ask[Any]) -> Iterator[Step]:
    """The engine believes the registry's certificate; read anew at every pull, so nothing is
    restarted."""
    tls, path = ask.section.registry.tls, authority_path(ask.section.registry)
    name = "registry's authority"
    if tls.ca_secret:
        yield files.put(path, ask.secrets[tls.ca_secret].reveal(), name=name)
    elif tls.ca:
        yield Step(
            name=name,
            unless=sh("same", tls.ca, path),
            do=pipe(("cat", tls.ca), files.write(path, name)),
            undo=files.put_back(path, name),
        )


def login(ask: Ask[Any]) -> Iterator[Step]:
    """The engine is let in: authority and password are there, and are the right ones."""
    registry: Registry | None = ask.section.registry
    if not registry:
        return
    yield from authority(ask)
    engine = ask.section.engine_of(ask.target.host)
    yield Step(
        name="registry login",
        unless=sh("known", registry.account, registry.reference),
        do=sh("login", engine, registry.account, registry.reference),
        undo=sh("logout", engine, registry.reference),
        stdin=password(ask, registry.account),
        compares=True,
        sensitive=True,
        timeout=60,
        exit_messages=exit_messages(registry),
    )
    has_own_authority = registry.tls.ca_secret or registry.tls.ca
    path = authority_path(registry) if has_own_authority else ""
    yield proved(ask, path, "registry lets it in")


def proved(ask: Ask[Any], authority: str, name: str) -> Step:
    """The registry asks for a password, and takes the one that it should: over TLS, by its name,
    seen from this host. It changes nothing."""
    registry = ask.section.registry
    return Step(
        name=name,
        do=sh("prove", f"https://{registry.reference}/v2/", authority),
        stdin=curl(registry.account, password(ask, registry.account)),
        sensitive=True,
        read_only=True,
        timeout=60,
        exit_messages=exit_messages(registry),
    )


def curl(user: str, password: Secret) -> Secret:
    """The line that tells curl user and password, for its stdin."""
    pair = f"{user}:{password.reveal().decode('utf-8', 'replace')}"
    return Secret(f"user = {json.dumps(pair, ensure_ascii=False)}\n")


def password(ask: Ask[Any], user: str) -> Secret:
    """A user's password, without the newline that a file has at its end."""
    return Secret(ask.secrets[ask.section.registry.users[user]].reveal().rstrip(b"\r\n"))


def exit_messages(registry: Registry) -> tuple[tuple[int, str], ...]:
    """What the exit codes of login.sh, prove.sh and delete.sh mean."""
    name, user = registry.reference, registry.account
    secret = f"secrets/{registry.users.get(user, user)}"
    return (
        (
            11,
            f"the certificate of {name} is signed by an authority that this host does not know: "
            "give its own in registry.tls.ca or ca_secret",
        ),
        (
            12,
            f"the certificate of {name} has expired (or a clock is wrong): "
            "have it renewed, then inv triumf.registry.up",
        ),
        (
            13,
            f"the certificate of {name} is for another name: "
            "registry.name has to be one that it holds",
        ),
        (
            14,
            f"{name} refuses the password of {user}: is it that of {secret}? "
            "inv triumf.registry.up puts it there",
        ),
        (15, f"{name} cannot be reached: inv triumf.registry.status, and is the way there open?"),
        (16, f"{name} answers otherwise than a registry does: inv triumf.registry.logs"),
        (17, f"{name} has no such image: inv triumf.registry.search"),
    )
