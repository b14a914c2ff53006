"""The variables of the .env that the files of utils/docker/examples read.

They have the names of the document and those of later releases.
"""

from collections.abc import Mapping

from ..site import Daos
from .releases import is_before, numbers

DOCUMENT = "2.4.0"  # the release that the document speaks of
PACKAGES = "https://packages.daos.io"
BASE_TAGS = {"el9": "9.6"}  # EL 9.6 and 9.7 are validated: release_notes.md of 2.8
RUNTIME = (  # no image is made from these
    "DAOS_AGENT_RUNTIME_DIR",
    "DAOS_SERVER_CERTS_TXZ",
    "DAOS_AGENT_CERTS_TXZ",
    "DAOS_ADMIN_CERTS_TXZ",
)


def variables(site: Daos, later: bool = False) -> Mapping[str, str]:
    """Variable -> value.

    `later`: the files name the base image LINUX_IMAGE_NAME and LINUX_IMAGE_TAG, as releases from
    2.4.1 on do.
    """
    base_tag = site.base_image.tag or BASE_TAGS.get(site.distro) or ("8.9" if later else "8.6")
    return {
        "BUST_CACHE": site.bust_cache,
        "DAOS_DOCKER_IMAGE_NSP": site.namespace,
        "DAOS_DOCKER_IMAGE_TAG": tag(site, later),
        "LINUX_DISTRO": site.distro,
        "RHEL_BASE_IMAGE_NAME": site.base_image.name,
        "LINUX_IMAGE_NAME": site.base_image.name,
        "RHEL_BASE_IMAGE_TAG": base_tag,
        "LINUX_IMAGE_TAG": base_tag,
        "DAOS_REPOS": " ".join(site.repos or (_repository(site),)),
        "DAOS_GPG_KEYS": " ".join(site.gpg_keys or (_key(site.version),)),
        "DAOS_REPOS_NOAUTH": " ".join(site.repos_noauth),
        "DAOS_VERSION": site.version,
        "DAOS_FABRIC_PACKAGE": fabric_package(site),
        "DAOS_CLIENT_UNAME": site.client.user,
        "DAOS_CLIENT_UID": str(site.client.uid),
        "DAOS_CLIENT_GNAME": site.client.group,
        "DAOS_CLIENT_GID": str(site.client.gid),
        "DAOS_AGENT_RUNTIME_DIR": site.agent.runtime_dir,
        "DAOS_SERVER_CERTS_TXZ": tarball(site, "server"),
        "DAOS_AGENT_CERTS_TXZ": tarball(site, "agent"),
        "DAOS_ADMIN_CERTS_TXZ": tarball(site, "admin"),
        **site.variables,
    }


def dotenv(values: Mapping[str, str]) -> str:
    """The text of the .env.

    The components share a project, each with a file of its own: Compose is not to warn of the
    others in every session.
    """
    lines = {**values, "COMPOSE_IGNORE_ORPHANS": "true"}.items()
    return "".join(f'{name}="{value}"\n' for name, value in lines)


def tarball(site: Daos, component: str) -> str:
    """Where the certificates of a component lie on the host."""
    return f"{site.state}/secrets/daos_{component}-certs.txz"


def release(version: str) -> str:
    """2.4.0-2.el8 -> 2.4.0."""
    return version.partition("-")[0]


def tag(site: Daos, later: bool = False) -> str:
    """The tag of all images."""
    is_document = release(site.version) == DOCUMENT and not later
    return site.image_tag or ("rocky8.6" if is_document else f"v{release(site.version)}")


def fabric_package(site: Daos) -> str:
    """The package of Mercury's plugin for the provider; "": mercury itself has it.

    From 2.8 on mercury brings none: without one, na_plugin_open() could not open lib. Source:
    upgrading.md; utils/rpms/mercury.sh.
    """
    if is_before(site.version, 2, 8):
        return ""
    config = site.server.config
    provider = "" if isinstance(config, str) else str(config.get("provider", ""))
    return "mercury-ucx" if provider.startswith("ucx") else "mercury-libfabric"


def _folder(version: str) -> str:
    """packages.daos.io has v2.4 for 2.4.0 and v2.4.1 for 2.4.1; from 2.6 on a folder a release.

    Source: docs/QSG/docker.md, and docs/QSG/setup_rhel.md at v2.6.5 and at df309c0400 (2.8).
    """
    if not is_before(version, 2, 6):
        return "v{}.{}".format(*numbers(version))
    return f"v{release(version).removesuffix('.0')}"


def _repository(site: Daos) -> str:
    return f"{PACKAGES}/{_folder(site.version)}/{site.distro.upper()}/packages/x86_64/"


def _key(version: str) -> str:
    """RPM-GPG-KEY-2023 signed 2.4.1 alone (docs/QSG/docker.md); else as setup_rhel.md has it."""
    if release(version) == DOCUMENT or not is_before(version, 2, 6):
        return f"{PACKAGES}/RPM-GPG-KEY"
    return f"{PACKAGES}/{_folder(version)}/RPM-GPG-KEY-2023"
