"""The part `registry` of the section: the site's own registry. Defaults are the document's."""

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv6Address
from typing import Annotated, Literal

from msgspec import Meta

from fairlead.api import (
    AbsolutePath,
    Clash,
    ContainerName,
    HostName,
    ImageName,
    Noun,
    OneHost,
    Port,
    RegistryUser,
    SecretName,
    Tag,
    text,
)

from .values import PackageName


class Tls(Noun, kw_only=True, forbid_unknown_fields=True):
    """The registry's certificate: files that the host has already (a grid host certificate), or
    secrets that are put there."""

    certificate: Annotated[
        AbsolutePath, Meta(description="on the registry's host, its chain behind it")
    ] = "/etc/grid-security/hostcert.pem"
    key: Annotated[AbsolutePath, Meta(description="its private key")] = (
        "/etc/grid-security/hostkey.pem"
    )
    ca: Annotated[
        AbsolutePath, Meta(description="on every engine: the authority that signed it")
    ] = ""
    certificate_secret: Annotated[
        SecretName, Meta(description="secret that is put at `certificate`")
    ] = ""
    key_secret: Annotated[SecretName, Meta(description="secret that is put at `key`")] = ""
    ca_secret: Annotated[
        SecretName,
        Meta(description="secret that holds the authority's certificate, instead of `ca`"),
    ] = ""


class Registry(Noun, kw_only=True, forbid_unknown_fields=True):
    """Docker Distribution: a package of the host, or a container."""

    hosts: Annotated[OneHost, Meta(description="the host it runs on")]
    name: Annotated[
        HostName, Meta(description="the name that its certificate and its clients have for it")
    ]
    users: Annotated[
        dict[RegistryUser, SecretName],
        Meta(min_length=1, description="who may pull and push -> the secret that is the password"),
    ]
    address: Annotated[
        str,
        text(
            r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f:]{2,39}|",
            "an IPv4 or IPv6 address",
            "142.90.90.109, 2001:db8::109, or :: for all of both",
        ),
    ] = ""
    port: Port = 5000
    launch: Annotated[
        Literal["auto", "package", "container"],
        Meta(
            description="auto: a container where dnf is (EL 8 and later have no package), "
            "unless the site names one, or it is there"
        ),
    ] = "auto"
    image: Annotated[
        ImageName, Meta(description="of the container: Docker Distribution, 2 or 3")
    ] = "docker.io/library/registry"
    tag: Annotated[Tag, Meta(description="of the image")] = "3"
    engine: Annotated[
        Literal["docker", "podman"], Meta(description="which engine runs the container")
    ] = "docker"
    container: Annotated[ContainerName, Meta(description="what the container is called")] = (
        "triumf-registry"
    )
    package: Annotated[
        PackageName, Meta(description="default: docker-distribution, on Debian docker-registry")
    ] = ""
    enablerepo: Annotated[str, text(r"[A-Za-z0-9._*,-]{0,128}", "a repository", "rh-extras")] = ""
    root: Annotated[AbsolutePath, Meta(description="where the images lie")] = (
        "/data/docker/registry"
    )
    log_level: Annotated[
        Literal["error", "warn", "info", "debug"],
        Meta(description="how much it says; debug in the document"),
    ] = "info"
    tls: Annotated[Tls, Meta(description="its certificate, and who signed it")] = Tls()
    login: Annotated[
        RegistryUser, Meta(description="whom the engines log in as; default: the first of users")
    ] = ""

    def clashes(self) -> Iterator[Clash]:
        """An address that is none; a login that is no user; a certificate without its key."""
        if ":" in self.address and not _is_ipv6(self.address):
            problem = f"{self.address} is no IPv6 address"
            yield Clash(("registry", "address"), problem, remedy="such as 2001:db8::109, or ::")
        if self.login and self.login not in self.users:
            yield Clash(
                ("registry", "login"),
                f"{self.login} is none of registry.users",
                remedy=f"they are: {', '.join(self.users)}",
            )
        if bool(self.tls.certificate_secret) != bool(self.tls.key_secret):
            yield Clash(
                ("registry", "tls"),
                "has one of certificate_secret and key_secret",
                remedy="name both, or none",
            )

    @property
    def reference(self) -> str:
        """How images name it: HOST:PORT."""
        return f"{self.name}:{self.port}"

    @property
    def account(self) -> str:
        """Whom the engines log in as."""
        return self.login or next(iter(self.users))


def _is_ipv6(word: str) -> bool:
    try:
        return bool(IPv6Address(word))
    except AddressValueError:
        return False
