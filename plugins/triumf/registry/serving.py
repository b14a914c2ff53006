"""The registry on its host: where things are, what it needs, and the steps in which it comes to serve."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.api import (
    Ask,
    FairleadError,
    Secret,
    SecretError,
    SecretFile,
    SecretSpec,
    Step,
    certificates,
    files,
    password_maker,
)

from .. import distribution
from ..distribution import Place
from . import access, certificate, htpasswd

# Where things are


def place(ask: Ask[Any]) -> Place:
    return distribution.place(ask.facts.get("packages", ""))


def now(ask: Ask[Any]) -> float:
    return ask.host.time


def address(ask: Ask[Any]) -> str:
    return ask.section.registry.address or ask.facts.get("address", "")


def authority(ask: Ask[Any], where: Place) -> str:
    """The file of the authority on the registry's host; "": those that the host believes itself."""
    tls = ask.section.registry.tls
    return where.authority if tls.ca_secret else tls.ca


def shown(ask: Ask[Any]) -> certificate.Shown:
    """The certificate on the host, as clients see it."""
    registry, found = ask.section.registry, ask.facts.get("files", {})
    if registry.tls.certificate not in found:
        return certificate.Shown("is not there")
    above = found.get(authority(ask, place(ask)), "")
    return certificate.shown(
        found[registry.tls.certificate].encode(), registry.name, now(ask), above.encode()
    )


# What is needed


def certificate_specs(registry: Any) -> Iterator[SecretSpec]:
    tls = registry.tls
    if tls.certificate_secret:
        about, ends = "certificate of the registry", certificates.ends
        yield SecretSpec(
            name=tls.certificate_secret, about=about, path=tls.certificate, mode=0o644, ends=ends
        )
    if tls.key_secret:
        yield SecretSpec(name=tls.key_secret, about="its key", path=tls.key, mode=0o400)
    if tls.ca_secret:
        yield SecretSpec(
            name=tls.ca_secret,
            about="who signed it",
            path=distribution.RED_HAT.authority,
            mode=0o644,
            ends=certificates.ends,
        )


def password_spec(user: str, secret: str) -> SecretSpec:
    return SecretSpec(
        name=secret,
        about=f"password of {user} at the registry",
        path=distribution.RED_HAT.passwords,
        mode=0o400,
        make=password_maker(24),
    )


# The steps of up


def root(registry: Any, where: Place) -> Step:
    """Where the images lie, the service's own."""
    words = (registry.root, where.user)
    return Step(
        name="folder",
        unless=("sh", "-c", distribution.OWNED, "root", *words),
        do=("sh", "-c", distribution.OWN, "root", *words),
    )


def delivered(ask: Ask[Any], where: Place) -> Iterator[Step]:
    take_over = ("sh", "-c", distribution.TAKE_OVER, "take over", where.service)
    if ask.section.registry.tls.ca_secret:
        yield files.put(where.authority, _secret(ask, "ca_secret").reveal(), name="authority")
    pair = [*_pair(ask, where)]
    if pair:
        yield files.secrets(pair, "certificate and key", after=take_over)
    yield passwords(
        ask, where, {user: access.password(ask, user) for user in ask.section.registry.users}
    )


def _pair(ask: Ask[Any], where: Place) -> Iterator[SecretFile]:
    """Certificate and key that are secrets, looked at before they are sent. Raises SecretError."""
    registry = ask.section.registry
    tls = registry.tls
    if tls.certificate_secret and tls.key_secret:
        found, key = certificates.pair(
            tls.certificate_secret, tls.key_secret, ask.secrets, now(ask)
        )
        above = _secret(ask, "ca_secret").reveal() if tls.ca_secret else b""
        fault = certificate.shown(found.reveal(), registry.name, now(ask), above).fault
        if fault:
            raise SecretError(
                f"secrets/{tls.certificate_secret}",
                fault,
                "have one issued that fits, then inv secrets.set",
            )
        yield SecretFile(tls.key, key, 0o400, f"{where.user}:{where.user}")
        yield SecretFile(tls.certificate, found, 0o644)


def _secret(ask: Ask[Any], key: str) -> Secret:
    return ask.secrets[getattr(ask.section.registry.tls, key)]


def passwords(
    ask: Ask[Any], where: Place, wanted: Mapping[str, Secret], gone: Iterable[str] = ()
) -> Step:
    """The file of users and hashes; the registry reads it anew by itself."""
    content = htpasswd.written(ask.facts.get("files", {}).get(where.passwords, ""), wanted, gone)
    return files.secrets(
        [SecretFile(where.passwords, Secret(content), 0o400, f"{where.user}:{where.user}")], "users"
    )


def configured(ask: Ask[Any], where: Place) -> Step:
    """config.yml, and the restart that makes it count where the registry runs."""
    found = address(ask)
    if not found:
        raise FairleadError(
            ask.target.host,
            f"{ask.section.registry.name} has no IPv4 address here",
            "enter it in DNS, or give registry.address",
        )
    content = {where.config: distribution.config(ask.section.registry, found, where)}
    take_over = ("sh", "-c", distribution.TAKE_OVER, "take over", where.service)
    return files.texts(content, "configuration", ask.facts.get("files", {}), take_over, take_over)


def running(where: Place) -> Step:
    unless = ("sh", "-c", distribution.UP, "up", where.service)
    return Step(
        name="service",
        unless=unless,
        do=("sh", "-c", distribution.START, "start", where.service),
        timeout=60,
    )
