"""NVMe devices: taken from the kernel for SPDK, and given back.

By SPDK's own scripts/setup.sh, as docker-compose.spdk_setup.yml of DAOS has it. It goes over the
devices of daos.server.config alone, never over what else the host has.
"""

from collections.abc import Iterable

from fairlead.api import (
    Argv,
    Ask,
    Fact,
    FairleadError,
    Session,
    Step,
    Steps,
    hookimpl,
    script,
    then,
    verb,
)

from .common import compose_files, host_facts, images
from .common.requirements import requirements

DRIVER = "uio_pci_generic"  # VFIO is not supported in a container
SETTINGS = ("PCI_ALLOWED", "DRIVER_OVERRIDE", "NRHUGE")  # of setup.sh

sh = script.beside(__file__)


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.facts(ask)


@hookimpl
def build(ask: Ask) -> Steps:
    """Build the image with SPDK's script."""
    return images.steps(ask, "spdk")


@verb(changes=False)
def devices(ask: Ask) -> Session:
    """Every NVMe device of the host, and which driver has it: `setup.sh status`."""
    return Session(_setup(ask, "status"))


@verb
def config(ask: Ask) -> Steps:
    """Take the devices of the servers' configuration from the kernel: `setup.sh config`."""
    addresses = _addresses(ask)
    step = Step(
        name="devices for SPDK",
        unless=sh("have_driver", DRIVER, *addresses),
        do=_setup(ask, "config"),
        undo=_setup(ask, "reset"),
        until=sh("have_driver", DRIVER, *addresses),
        timeout=120,
        remedy="inv daos.spdk.devices says which driver has each; one that is mounted stays the "
        "kernel's",
    )
    return [*images.steps(ask, "spdk"), step]


@verb
def reset(ask: Ask) -> Steps:
    """Give the devices back to the kernel: `setup.sh reset`; not while a server runs."""
    step = Step(
        name="devices for the kernel",
        unless=sh("have_driver", "nvme", *_addresses(ask)),
        do=then(sh("runs_no_server", "docker"), _setup(ask, "reset")),
        undo=("true",),
        timeout=120,
        remedy="inv daos.server.stop first",
    )
    return [*images.steps(ask, "spdk"), step]


def _setup(ask: Ask, word: str) -> Argv:
    """`docker compose run --rm daos_spdk_setup WORD`, over our devices alone."""
    folder, (file, service) = (
        compose_files.compose_folder(ask),
        compose_files.service_of(ask, "spdk"),
    )
    pages = ask.section.server.huge_pages
    values = (" ".join(_addresses(ask)), DRIVER, str(pages)) if word != "status" else ()
    settings = [f"{name}={value}" for name, value in zip(SETTINGS, values, strict=False)]
    flags = [word for setting in settings for word in ("--env", setting)]
    return images.compose_argv(folder, file, "run", "--rm", "-T", *flags, service.name, word)


def _addresses(ask: Ask) -> tuple[str, ...]:
    """The PCI addresses of the servers' devices. Raises FairleadError where there are none."""
    needs = requirements(ask, "server")
    if not (needs and needs.nvme):
        raise FairleadError(
            ask.target.host,
            "daos.server.config has no NVMe device, so there is none to be bound",
            "name them in bdev_list of a tier of class nvme",
        )
    return needs.nvme
