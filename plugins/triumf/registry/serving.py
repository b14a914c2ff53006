"""The registry on its host: where things are, what it needs, and the steps in which it comes to
serve."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from msgspec.structs import replace

from fairlead.api import (
    Argv,
    Ask,
    FairleadError,
    Secret,
    SecretError,
    SecretFile,
    SecretSpec,
    Step,
    certificates,
    files,
    lifecycle,
    packages,
    password_maker,
    script,
    steps,
)

from ..sections.registry import Registry
from . import access, container, distribution, htpasswd
from .distribution import Layout

sh = script.beside(__file__)

# A configuration that stood there before the package is kept, and nobody is asked: dpkg(1)
KEEPS_OURS = (("DPKG_FORCE", "security-mac,downgrade,confold"),)

# Where things are


def layout(ask: Ask[Any]) -> Layout:
    """Of its distribution's package; a container has the same files, and the same user where the
    host has one."""
    packaged = distribution.layout(ask.facts.get("packages", ""))
    if not container.is_meant(ask):
        return packaged
    user = packaged.user if ask.facts.get(container.ACCOUNT) else "root"
    service = f"{ask.section.registry.engine}:{ask.section.registry.container}"
    return replace(packaged, service=service, user=user)


def address(ask: Ask[Any]) -> str:
    """What it listens on: as the site says, else as its name resolves; "" where it does not."""
    return ask.section.registry.address or ask.facts.get("address", "")


def authority(ask: Ask[Any], layout: Layout) -> str:
    """The file of the authority on the registry's host; "": those that the host believes itself."""
    tls = ask.section.registry.tls
    return layout.authority if tls.ca_secret else tls.ca


def certificate(ask: Ask[Any]) -> certificates.Verdict:
    """The certificate on the host, as clients see it."""
    registry, contents = ask.section.registry, ask.facts.get("files", {})
    pem = contents.get(registry.tls.certificate)
    if pem is None:
        return certificates.Verdict("is not there")
    trusted = contents.get(authority(ask, layout(ask)), "")
    return certificates.server_verdict(pem.encode(), registry.name, ask.host.time, trusted.encode())


def list_users() -> Argv:
    """Prints who may, of whichever distribution the host is."""
    return sh("users", distribution.DEBIAN.passwords, distribution.RED_HAT.passwords)


# What is needed


def certificate_specs(registry: Registry) -> Iterator[SecretSpec]:
    tls = registry.tls
    if tls.certificate_secret:
        yield SecretSpec(
            name=tls.certificate_secret,
            about="certificate of the registry",
            path=tls.certificate,
            mode=0o644,
            ends=certificates.ends,
            check=partial(_checked_pair, registry) if tls.key_secret else None,
            fits=tuple(filter(None, (tls.key_secret, tls.ca_secret))),
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
        make=password_maker(htpasswd.LENGTH),
    )


# The steps of up


def root(registry: Registry, layout: Layout) -> Step:
    """Where the images lie, the service's own."""
    words = (registry.root, layout.user)
    return Step(name="folder", unless=sh("owned", *words), do=sh("own", *words), timeout=1800)


def delivered(ask: Ask[Any], layout: Layout) -> Iterator[Step]:
    """Authority, certificate and key where they are secrets, and the users' passwords."""
    registry = ask.section.registry
    if registry.tls.ca_secret:
        yield files.put(layout.authority, _secret(ask, "ca_secret").reveal(), name="authority")
    pair = [*_pair(ask, layout)]
    if pair:
        yield files.secrets(pair, "certificate and key", after=_taken_over(ask, layout))
    yield passwords(ask, layout, {user: access.password(ask, user) for user in registry.users})


def _pair(ask: Ask[Any], layout: Layout) -> Iterator[SecretFile]:
    """Certificate and key that are secrets, looked at before they are sent. Raises SecretError."""
    tls = ask.section.registry.tls
    if tls.certificate_secret and tls.key_secret:
        pem, key = _checked_pair(ask.section.registry, ask.secrets, ask.host.time)
        yield SecretFile(tls.key, key, 0o400, f"{layout.user}:{layout.user}")
        yield SecretFile(tls.certificate, pem, 0o644)


def _checked_pair(
    registry: Registry, secrets: Mapping[str, Secret], now: float
) -> tuple[Secret, Secret]:
    """Certificate and key, once clients would believe them at `now`. Raises SecretError."""
    tls = registry.tls
    pem, key = certificates.pair(tls.certificate_secret, tls.key_secret, secrets, now)
    trusted = secrets[tls.ca_secret].reveal() if tls.ca_secret else b""
    fault = certificates.server_verdict(pem.reveal(), registry.name, now, trusted).fault
    if fault:
        raise SecretError(
            f"secrets/{tls.certificate_secret}",
            fault,
            "have one issued that fits, then inv secrets.set",
        )
    return pem, key


def _secret(ask: Ask[Any], key: str) -> Secret:
    return ask.secrets[getattr(ask.section.registry.tls, key)]


def passwords(
    ask: Ask[Any], layout: Layout, passwords: Mapping[str, Secret], removed: Iterable[str] = ()
) -> Step:
    """The file of users and hashes; the registry reads it anew by itself."""
    before = ask.facts.get("files", {}).get(layout.passwords, "")
    content = Secret(htpasswd.rendered(before, passwords, removed))
    owner = f"{layout.user}:{layout.user}"
    return files.secrets([SecretFile(layout.passwords, content, 0o400, owner)], "users")


def configured(ask: Ask[Any], layout: Layout) -> Step:
    """config.yml, and the restart that makes it count where the registry runs."""
    registry, own_address = ask.section.registry, address(ask)
    if not own_address:
        raise FairleadError(
            ask.target.host,
            f"{registry.name} has no address here",
            "enter it in DNS, or give registry.address",
        )
    contents = {layout.config: distribution.config(registry, own_address, layout)}
    take_over = _taken_over(ask, layout)
    before = ask.facts.get("files", {})
    return files.texts(contents, "configuration", before, take_over, take_over)


def _taken_over(ask: Ask[Any], layout: Layout) -> Argv:
    """What makes new files count. A container that somebody started by hand does not read ours: it
    serves on until its successor comes."""
    there = container.standing(ask)
    is_by_hand = container.is_meant(ask) and there is not None and not there.ours
    return ("true",) if is_by_hand else sh("take_over", layout.service)


def installed(ask: Ask[Any], layout: Layout) -> Iterator[Step]:
    """What serves is there: the package, or the image."""
    registry = ask.section.registry
    if container.is_meant(ask):
        yield steps.image(container.container(ask, layout), ask)
        return
    names = [registry.package or layout.package]
    manager = ask.facts.get("packages", "")
    step = packages.installed(manager, names, registry.enablerepo, "package")
    yield replace(step, env=KEEPS_OURS) if manager == "apt" else step
    if container.is_there(ask):
        yield from _container_ends(ask, layout)


def _container_ends(ask: Ask[Any], layout: Layout) -> Iterator[Step]:
    """The container makes way for the package's service."""
    for step in lifecycle.down(container.container(ask, layout), ask):
        yield replace(step, name=f"container: {step.name}")


def running(ask: Ask[Any], layout: Layout) -> Iterator[Step]:
    """It serves, now and after the next boot."""
    if container.is_meant(ask):
        yield container.package_ends(layout)
        yield from lifecycle.up(container.container(ask, layout), ask)[1:]  # the image is there
        return
    unit = layout.unit
    yield Step(name="service", unless=sh("is_up", unit), do=sh("start", unit), timeout=60)
