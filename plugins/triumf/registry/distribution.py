"""Docker Distribution on its host: where its files lie, and what is in them.

Source: the document, 5.4 and 5.5.
"""

from fairlead.api import Noun, yamlfile

from ..sections.registry import Registry

REMARK = "to avoid ipv6 here we use the ipv4 address as the http addr"


class Layout(Noun, kw_only=True):
    """How a distribution packages it."""

    package: str
    unit: str  # of systemd
    service: str  # the unit, or ENGINE:NAME of the container that is in its place
    config: str
    program: str
    user: str  # whom it runs as

    @property
    def folder(self) -> str:
        return self.config.rpartition("/")[0]

    @property
    def passwords(self) -> str:
        return f"{self.folder}/registry_passwd"

    @property
    def authority(self) -> str:
        """The site's own authority, for those who ask on this host."""
        return f"{self.folder}/ca.crt"


RED_HAT = Layout(
    package="docker-distribution",
    unit="docker-distribution",
    service="docker-distribution",
    config="/etc/docker-distribution/registry/config.yml",
    program="/usr/bin/registry",
    user="root",
)
DEBIAN = Layout(
    package="docker-registry",
    unit="docker-registry",
    service="docker-registry",
    config="/etc/docker/registry/config.yml",
    program="/usr/bin/docker-registry",
    user="docker-registry",
)


def layout(manager: str) -> Layout:
    """By the host's package manager."""
    return DEBIAN if manager == "apt" else RED_HAT


def config(registry: Registry, address: str, layout: Layout) -> str:
    """config.yml: the document's keys."""
    content = {
        "version": 0.1,
        "log": {
            "level": registry.log_level,
            "formatter": "text",
            "fields": {"service": "registry"},
        },
        "storage": {
            "delete": {"enabled": True},
            "cache": {"blobdescriptor": "inmemory"},
            "filesystem": {"rootdirectory": registry.root},
        },
        "http": {
            "addr": f"{_in_url(address)}:{registry.port}",
            "host": f"https://{registry.reference}",
            "tls": {"certificate": registry.tls.certificate, "key": registry.tls.key},
        },
        "auth": {"htpasswd": {"realm": "basic-realm", "path": layout.passwords}},
    }
    return yamlfile.write(content, "" if ":" in address else REMARK)


def _in_url(address: str) -> str:
    """An address as it stands before a port."""
    return f"[{address}]" if ":" in address else address
