"""The certificates that DAOS wants, and the tarballs in which its containers get them. Source: utils/certs of the DAOS project."""

from collections.abc import Iterator, Mapping
from functools import partial
from io import BytesIO
from typing import Any

from fairlead.api import Secret, SecretError, SecretSpec, authority
from fairlead.api import certificates as pki

from ..site import Daos
from .config import CERTS
from .variables import tarball

CA = "daosCA.crt"
MEMBERS = {
    "server": (CA, "server.crt", "server.key", "agent.crt"),
    "agent": (CA, "agent.crt", "agent.key"),
    "admin": (CA, "admin.crt", "admin.key"),
}
BITS = 3072
YEARS = 3650  # days, of the authority: what it signs ends with it at the latest
ORGANIZATION = "DAOS"
ANEW = "inv daos.secrets --rotate makes it anew"
SOON = 30 * 86400  # seconds


def mode(member: str) -> int:
    """DAOS refuses a key that others could read."""
    return 0o400 if member.endswith(".key") else 0o644


def specs(site: Daos, component: str, whole: bool = False) -> Iterator[SecretSpec]:
    """The tarball of a component and the authority that must have signed it; `whole`: with all that it is made of."""
    names = site.certificates
    ca, ca_key, agent = names.authority, names.authority_key, names.agent
    if whole:
        yield SecretSpec(
            name=ca_key,
            about="key of the authority, for no host",
            make=lambda of: authority.new_key(BITS),
        )
    make_ca = partial(_authority, ca_key, max(names.days, YEARS))
    about, path = "the authority, in every tarball", f"{CERTS}/{CA}"
    yield SecretSpec(
        name=ca,
        about=about,
        path=path,
        mode=0o644,
        make=make_ca,
        of=(ca_key,),
        ends=pki.ends,
        lasts=True,
    )
    if whole and component == "server" and not site.agent.hosts:  # else it is the agents' own
        yield _spec(site, "agent", "", (ca, ca_key))
    yield _spec(
        site,
        component,
        tarball(site, component),
        (ca, ca_key, *((agent,) if component == "server" else ())),
    )


def _spec(site: Daos, component: str, path: str, of: tuple[str, ...]) -> SecretSpec:
    about = ", ".join(MEMBERS[component])
    name = getattr(site.certificates, component)
    return SecretSpec(
        name=name,
        about=about,
        path=path,
        mode=0o444,
        make=partial(_tarball, site, component),
        of=of,
        ends=partial(ends, name),
    )


def _authority(key: str, days: int, of: Mapping[str, Secret]) -> Secret:
    return authority.new_authority(of[key], ORGANIZATION, "DAOS CA", days)


def _tarball(site: Daos, component: str, of: Mapping[str, Secret]) -> Secret:
    names = site.certificates
    ca, key = of[names.authority], authority.new_key(BITS)
    made = authority.issue(
        ca,
        of[names.authority_key],
        key,
        ORGANIZATION,
        component,
        names.days,
        serves=component == "server",
    )
    parts = {CA: ca, f"{component}.crt": made, f"{component}.key": key}
    if component == "server":
        parts["agent.crt"] = unpacked(names.agent, of[names.agent])["agent.crt"]
    return packed({name: parts[name] for name in MEMBERS[component]})


def packed(parts: Mapping[str, Secret]) -> Secret:
    """A txz tarball: these members in this order, root's, without times; the same parts give the same bytes."""
    import tarfile

    held = BytesIO()
    with tarfile.open(fileobj=held, mode="w:xz", format=tarfile.USTAR_FORMAT) as tar:
        for name, value in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.uname, entry.gname = (
                len(value.reveal()),
                mode(name),
                "root",
                "root",
            )
            tar.addfile(entry, BytesIO(value.reveal()))
    return Secret(held.getvalue())


def unpacked(name: str, value: Secret) -> Mapping[str, Secret]:
    """Member -> content of the tarball that the secret `name` is. Raises SecretError."""
    return {member: content for member, (content, _) in _entries(name, value).items()}


def _entries(name: str, value: Secret) -> Mapping[str, tuple[Secret, int]]:
    """Member -> content and mode."""
    import tarfile

    try:
        with tarfile.open(fileobj=BytesIO(value.reveal()), mode="r:xz") as tar:
            return {
                entry.name.removeprefix("./"): (
                    Secret(tar.extractfile(entry).read()),
                    entry.mode & 0o777,
                )
                for entry in tar
                if entry.isfile()
            }
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise SecretError(
            f"secrets/{name}", "is no tar archive compressed with xz", ANEW
        ) from error


def ends(name: str, value: Secret) -> float:
    """When the first of its certificates ends, in seconds since the epoch. Raises SecretError, ValueError."""
    found = [
        pki.ends(content)
        for member, content in unpacked(name, value).items()
        if member.endswith(".crt")
    ]
    if not found:
        raise ValueError("holds no certificate")
    return min(found)


def faults(site: Daos, component: str, secrets: Mapping[str, Secret], now: float) -> Iterator[str]:
    """What is wrong with the tarball of a component at `now` (seconds since the epoch), a few words each. Raises SecretError."""
    entries = _entries(
        getattr(site.certificates, component), secrets[getattr(site.certificates, component)]
    )
    authority = secrets[site.certificates.authority]
    if set(entries) != set(MEMBERS[component]):
        yield f"holds {', '.join(entries) or 'nothing'}; wanted are {', '.join(MEMBERS[component])}"
        return
    for member, (content, bits) in entries.items():
        if bits & ~mode(member) & (0o077 if member.endswith(".key") else 0o022):
            yield f"{member} has the mode {bits:04o}, wanted {mode(member):04o}"
        if member.endswith(".crt"):
            key = entries[f"{component}.key"][0] if member == f"{component}.crt" else None
            fault = (
                _of_ca(content, authority)
                if member == CA
                else pki.fault(content, member.removesuffix(".crt"), authority, now, key)
            )
            yield from (f"{member} {fault}" for fault in (fault,) if fault)


def _of_ca(content: Secret, authority: Secret) -> str:
    """The authority in a tarball has to be the one of the store; no certificate outlives it."""
    return (
        "" if content.reveal().strip() == authority.reveal().strip() else "is another authority's"
    )


def checked(site: Daos, component: str, secrets: Mapping[str, Any], now: float) -> Secret:
    """The tarball of a component, once nothing is wrong with it. Raises SecretError."""
    name = getattr(site.certificates, component)
    for wanted in (site.certificates.authority, name):
        if wanted not in secrets:
            raise SecretError(f"secrets/{wanted}", "was not read", "inv daos.secrets --generate")
    found = list(faults(site, component, secrets, now))
    if found:
        raise SecretError(f"secrets/{name}", "; ".join(found), ANEW)
    return secrets[name]
