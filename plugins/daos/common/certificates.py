"""The certificates that DAOS wants, and the tarballs in which its containers get them.

Source: utils/certs of the DAOS project.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from io import BytesIO

from fairlead.api import Secret, SecretError, SecretSpec, authority
from fairlead.api import certificates as pki

from ..site import Certificates, Daos
from .config import CERTS
from .environment import tarball

CA = "daosCA.crt"
MEMBERS = {
    "server": (CA, "server.crt", "server.key", "agent.crt"),
    "agent": (CA, "agent.crt", "agent.key"),
    "admin": (CA, "admin.crt", "admin.key"),
}
BITS = 3072
AUTHORITY_DAYS = 3650  # what it signs ends with it at the latest
ORGANIZATION = "DAOS"
ANEW = "inv daos.secrets --rotate makes it anew"
SOON = 30 * 86400  # seconds


def mode(member: str) -> int:
    """DAOS refuses a key that others could read."""
    return 0o400 if member.endswith(".key") else 0o644


def specs(site: Daos, component: str, whole: bool = False) -> Iterator[SecretSpec]:
    """The tarball of a component and the authority that must have signed it.

    `whole`: with all that it is made of. The server's tarball has the agents' certificate; where
    the site has no agents, their tarball is made here.
    """
    names = site.certificates
    signers = (names.authority, names.authority_key)
    if whole:
        yield _authority_key(names)
    yield _authority_certificate(names)
    if whole and component == "server" and not site.agent.hosts:
        yield _tarball_spec(site, "agent", "", signers)
    of = (*signers, names.agent) if component == "server" else signers
    yield _tarball_spec(site, component, tarball(site, component), of)


def _authority_key(names: Certificates) -> SecretSpec:
    return SecretSpec(
        name=names.authority_key,
        about="key of the authority, for no host",
        make=lambda of: authority.new_key(BITS),
    )


def _authority_certificate(names: Certificates) -> SecretSpec:
    days = max(names.days, AUTHORITY_DAYS)
    return SecretSpec(
        name=names.authority,
        about="the authority, in every tarball",
        path=f"{CERTS}/{CA}",
        mode=0o644,
        make=partial(_make_authority, names.authority_key, days),
        of=(names.authority_key,),
        ends=pki.ends,
        lasts=True,
    )


def _tarball_spec(site: Daos, component: str, path: str, of: tuple[str, ...]) -> SecretSpec:
    """`path`: where its container reads it, "" for none; `of`: the secrets it is made of."""
    name = getattr(site.certificates, component)
    return SecretSpec(
        name=name,
        about=", ".join(MEMBERS[component]),
        path=path,
        mode=0o444,
        make=partial(_make_tarball, site, component),
        of=of,
        ends=partial(ends, name),
        check=partial(checked, site, component),
        fits=(site.certificates.authority,),
    )


def _make_authority(key: str, days: int, of: Mapping[str, Secret]) -> Secret:
    return authority.new_authority(of[key], ORGANIZATION, "DAOS CA", days)


def _make_tarball(site: Daos, component: str, of: Mapping[str, Secret]) -> Secret:
    names = site.certificates
    ca, key = of[names.authority], authority.new_key(BITS)
    certificate = authority.issue(
        ca,
        of[names.authority_key],
        key,
        ORGANIZATION,
        component,
        names.days,
        serves=component == "server",
    )
    parts = {CA: ca, f"{component}.crt": certificate, f"{component}.key": key}
    if component == "server":
        parts["agent.crt"] = unpacked(names.agent, of[names.agent])["agent.crt"]
    return packed({name: parts[name] for name in MEMBERS[component]})


def packed(parts: Mapping[str, Secret]) -> Secret:
    """A txz tarball: these members in this order, root's, without times.

    The same parts give the same bytes.
    """
    import tarfile

    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w:xz", format=tarfile.USTAR_FORMAT) as tar:
        for name, value in parts.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(value.reveal()), mode(name)
            member.uname = member.gname = "root"
            tar.addfile(member, BytesIO(value.reveal()))
    return Secret(data.getvalue())


def unpacked(name: str, value: Secret) -> Mapping[str, Secret]:
    """Member -> content of the tarball that the secret `name` is. Raises SecretError."""
    return {member: content for member, (content, _) in _members(name, value).items()}


def _members(name: str, value: Secret) -> Mapping[str, tuple[Secret, int]]:
    """Member -> content and mode, of regular files. Raises SecretError."""
    import tarfile

    members: dict[str, tuple[Secret, int]] = {}
    try:
        with tarfile.open(fileobj=BytesIO(value.reveal()), mode="r:xz") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isfile() else None
                if file is not None:
                    content = Secret(file.read())
                    members[member.name.removeprefix("./")] = (content, member.mode & 0o777)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        what = "is no tar archive compressed with xz"
        raise SecretError(f"secrets/{name}", what, ANEW) from error
    return members


def ends(name: str, value: Secret) -> float:
    """When the first of its certificates ends, in seconds since the epoch.

    Raises SecretError, ValueError.
    """
    members = unpacked(name, value).items()
    times = [pki.ends(content) for member, content in members if member.endswith(".crt")]
    if not times:
        raise ValueError("holds no certificate")
    return min(times)


def faults(site: Daos, component: str, secrets: Mapping[str, Secret], now: float) -> Iterator[str]:
    """What is wrong with the tarball of a component at `now`, a few words each.

    `now`: seconds since the epoch. Raises SecretError.
    """
    name = getattr(site.certificates, component)
    members = _members(name, secrets[name])
    ca = secrets[site.certificates.authority]
    if set(members) != set(MEMBERS[component]):
        expected = ", ".join(MEMBERS[component])
        yield f"holds {', '.join(members) or 'nothing'}; wanted are {expected}"
        return
    for member, (content, bits) in members.items():
        if bits & ~mode(member) & (0o077 if member.endswith(".key") else 0o022):
            yield f"{member} has the mode {bits:04o}, wanted {mode(member):04o}"
        if member.endswith(".crt"):
            key = members[f"{component}.key"][0] if member == f"{component}.crt" else None
            if fault := _fault(member, content, ca, now, key):
                yield f"{member} {fault}"


def _fault(member: str, content: Secret, ca: Secret, now: float, key: Secret | None) -> str:
    """What is wrong with one certificate, "" for nothing.

    The authority in a tarball has to be the one of the store; no certificate outlives it.
    """
    if member != CA:
        return pki.fault(content, member.removesuffix(".crt"), ca, now, key)
    is_ours = content.reveal().strip() == ca.reveal().strip()
    return "" if is_ours else "is another authority's"


def checked(site: Daos, component: str, secrets: Mapping[str, Secret], now: float) -> Secret:
    """The tarball of a component, once nothing is wrong with it. Raises SecretError."""
    name = getattr(site.certificates, component)
    for needed in (site.certificates.authority, name):
        if needed not in secrets:
            raise SecretError(f"secrets/{needed}", "was not read", "inv daos.secrets --generate")
    wrong = list(faults(site, component, secrets, now))
    if wrong:
        raise SecretError(f"secrets/{name}", "; ".join(wrong), ANEW)
    return secrets[name]
