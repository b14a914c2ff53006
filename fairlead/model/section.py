"""What a section of the site may have that the core reads: plugins declare the rest."""

from typing import Any, Protocol, TypeGuard


class HasHosts(Protocol):
    """Names its hosts: a node set, or several of them."""

    @property
    def hosts(self) -> str | tuple[str, ...] | list[str]: ...


class HasBuildHost(Protocol):
    """Names the one host on which its images are made; "": each host makes its own."""

    @property
    def build_host(self) -> str: ...


def has_hosts(section: object) -> TypeGuard[HasHosts]:
    return hasattr(section, "hosts")


def has_build_host(section: object) -> TypeGuard[HasBuildHost]:
    return hasattr(section, "build_host")


def part_of(section: object, component: str) -> Any:
    """What a section says of one component: its key of that name, else the section as a whole.

    None: the section has the key, and nothing is given for it: the component belongs to no host.
    """
    return getattr(section, component, section)


def distinction(section: object, field: str) -> str:
    """What tells several of one system on one host apart: the field that `System.apart` names."""
    return getattr(section, field) if field else ""
