"""Preflight: what the site and the store of secrets tell before any host is asked."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check, SecretError, SiteError

from . import certificates
from .compose_files import compose_folder, examples
from .config import content


def certificate(ask: Ask[Any], component: str) -> Iterator[Check]:
    """The tarball in the store: `up` puts it, and refuses it where something is wrong with it.

    What cannot be read is reported by the core.
    """
    site, now = ask.section, ask.host.time
    ca, name = site.certificates.authority, getattr(site.certificates, component)
    if site.insecure or not {ca, name} <= set(ask.secrets):
        return
    wrong, left = _validity(ask, component, now)
    members = ", ".join(certificates.MEMBERS[component])
    yield Check(
        name=f"secrets/{name}",
        ok=not wrong and left >= certificates.SOON,
        wanted=f"{members}, signed by secrets/{ca}, valid for 30 days at least",
        found=wrong or f"valid for {int(left // 86400)} days",
        why="servers, agents and dmg believe each other by these alone",
        remedy=certificates.ANEW,
        blocks=bool(wrong),
    )


def _validity(ask: Ask[Any], component: str, now: float) -> tuple[str, float]:
    """What is wrong with a tarball at `now`, "" for nothing; and the seconds that it is valid."""
    name = getattr(ask.section.certificates, component)
    try:
        wrong = "; ".join(certificates.faults(ask.section, component, ask.secrets, now))
        return wrong, certificates.ends(name, ask.secrets[name]) - now
    except SecretError as error:
        return error.what, 0
    except ValueError as error:
        return str(error), 0


def source(ask: Ask[Any]) -> Check:
    """Is `source` a checkout whose files can be used?"""
    rule = "a DAOS checkout, a value for every variable of its compose files"
    try:
        folder = compose_folder(ask)
    except SiteError as error:
        return Check(
            name="source",
            ok=False,
            wanted=rule,
            found=f"{error.where} {error.what}",
            remedy=error.remedy,
        )
    return Check(
        name="source",
        ok=True,
        wanted=rule,
        found=f"{len(folder.files)} compose files in {examples(ask.section)}",
    )


def source_distro(ask: Ask[Any]) -> Iterator[Check]:
    """Has the checkout folders for the distribution? Upstream's have el8 alone, 2.8's too."""
    distros = ask.facts.get("distros", ())
    if not distros:
        return  # there is no such checkout, which is a check of its own
    wanted = ask.section.distro
    yield Check(
        name="distribution of source",
        ok=wanted in distros,
        wanted=f"a folder daos-base/{wanted} in {examples(ask.section)}",
        found=f"it has {', '.join(distros)}",
        why="images are built in these folders",
        remedy="set daos.version to the RPMs of one that it has, or leave daos.source away: our "
        "own files are for el8 and el9",
    )


def authentication() -> Check:
    """With `source`, authentication cannot be off."""
    return Check(
        name="authentication",
        ok=False,
        wanted="on, with source",
        found="off",
        why="the launchers of a checkout unpack certificates in any case",
        remedy="daos.insecure: false, or no daos.source",
    )


def no_file(ask: Ask[Any], component: str) -> Check:
    """The configuration that the site names is not on the host."""
    path = getattr(ask.section, component).config
    return Check(
        name="configuration",
        ok=False,
        wanted=f"the file {path}",
        found="no such file",
        remedy=f"put it there, or give daos.{component}.config a map",
    )


def fabric_interfaces(ask: Ask[Any]) -> tuple[str, ...]:
    """The interfaces of fabric_ifaces, where the site has them as a map."""
    parts = _maps(content(ask.section, "agent").get("fabric_ifaces"))
    devices = [device for part in parts for device in _maps(part.get("devices"))]
    return tuple(dict.fromkeys(str(item["iface"]) for item in devices if "iface" in item))


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value or () if isinstance(item, Mapping)]
