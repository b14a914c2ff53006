"""Where an image of an Enterprise Linux gets its packages, where the site says nothing else.

Sources: the .repo files of AlmaLinux and EPEL; xCAT's page "Configure xCAT Software Repository"
wants `crb` and `epel`.
"""

from collections.abc import Mapping
from typing import Protocol

from fairlead.operations.image.recipes import Repository

ALMA = "https://repo.almalinux.org/almalinux"
EPEL = "https://dl.fedoraproject.org/pub/epel"
PARTS = ("BaseOS", "AppStream", "CRB")


class Source(Protocol):
    @property
    def url(self) -> str: ...

    @property
    def key(self) -> str: ...


def repositories(release: str) -> tuple[Repository, ...]:
    """AlmaLinux with CRB, and EPEL; dnf puts release and architecture in."""
    major = release.partition(".")[0]
    key = f"{ALMA}/RPM-GPG-KEY-AlmaLinux-{major}"
    epel = Repository(
        "epel",
        f"{EPEL}/{major}/Everything/$basearch/",
        f"{EPEL}/RPM-GPG-KEY-EPEL-{major}",
    )
    return (*(_part(name, key) for name in PARTS), epel)


def _part(name: str, key: str) -> Repository:
    return Repository(name.lower(), f"{ALMA}/$releasever/{name}/$basearch/os/", key)


def of_site(
    sources: Mapping[str, Source],
    release: str,
    *own: Repository,
) -> tuple[Repository, ...]:
    """Those that the site names; none named: the distribution's, and the project's `own`."""
    named = tuple(Repository(name, source.url, source.key) for name, source in sources.items())
    return named or (*repositories(release), *own)
