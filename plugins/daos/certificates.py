"""The certificates that DAOS wants, and the tarballs in which its containers get them. Source: utils/certs of the DAOS project."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.errors import SecretError
from fairlead.plan import Secret, SecretSpec

from .site import Daos
from .variables import tarball

MEMBERS = {
    "server": ("daosCA.crt", "server.crt", "server.key", "agent.crt"),
    "agent": ("daosCA.crt", "agent.crt", "agent.key"),
    "admin": ("daosCA.crt", "admin.crt", "admin.key"),
}


def specs(site: Daos, component: str, whole: bool = False) -> Iterator[SecretSpec]:
    """The tarball of a component; `whole`: with what it is made of, that first."""
    name = getattr(site.certificates, component)
    yield SecretSpec(name=name, about=f"certificates of the {component}: {', '.join(MEMBERS[component])}", path=tarball(site, component), mode=0o444)


def checked(site: Daos, component: str, secrets: Mapping[str, Any], now: float) -> Secret:
    """The tarball of a component, once it holds what it has to. Raises SecretError."""
    name = getattr(site.certificates, component)
    if name not in secrets:
        raise SecretError(f"secrets/{name}", "was not read", "inv daos.secrets --generate")
    return secrets[name]
