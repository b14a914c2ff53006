"""NVMe devices are bound by SPDK's own script: those of the configuration, and no others."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Step, argvs
from fairlead.testing import ask_for, plan_of
from fairlead_plugins.daos import spdk
from tests.machine import SHELLS

ADDRESSES = ("0000:41:00.0", "0000:42:00.0")
TIER = {"class": "nvme", "bdev_list": list(ADDRESSES), "bdev_roles": ["data", "meta", "wal"]}
SITE: Mapping[str, Any] = {
    "server": {"hosts": "n1", "config": {"engines": [{"storage": [TIER]}]}},
    "insecure": True,
}
COMPOSE = (
    "docker compose --file /var/lib/daos-docker/examples/docker-compose.spdk_setup.yml run --rm -T"
)


def asked(plugins: Plugins, verb: str, section: Mapping[str, Any] = SITE) -> Any:
    return ask_for(plugins, "daos.spdk", verb, section=section)


def step(plugins: Plugins, verb: str) -> Step:
    *_, last = plan_of(plugins, asked(plugins, verb))
    return last


def test_the_devices_of_the_configuration_are_taken_from_the_kernel_and_given_back(
    plugins: Plugins,
) -> None:
    taken, given = step(plugins, "config"), step(plugins, "reset")
    (do,) = argvs(taken.do)
    settings = (
        "--env 'PCI_ALLOWED=0000:41:00.0 0000:42:00.0' --env DRIVER_OVERRIDE=uio_pci_generic "
        "--env NRHUGE=4096"
    )
    assert shlex.join(do) == f"{COMPOSE} {settings} daos_spdk_setup config"
    (undo,) = argvs(taken.undo or ())
    assert shlex.join(undo) == f"{COMPOSE} {settings} daos_spdk_setup reset"
    _, back = argvs(given.do)
    assert back == undo
    assert taken.until == taken.unless


def test_which_driver_has_each_device_is_shown_as_the_script_shows_it(plugins: Plugins) -> None:
    session = plugins.ask(asked(plugins, "devices", {"server": {"hosts": "n1"}}))
    assert shlex.join(session.argv) == f"{COMPOSE} daos_spdk_setup status"


@pytest.mark.parametrize("verb", ["config", "reset"])
def test_without_a_device_in_the_configuration_there_is_nothing_to_bind(
    plugins: Plugins, verb: str
) -> None:
    with pytest.raises(FairleadError, match="daos.server.config has no NVMe device"):
        plan_of(plugins, asked(plugins, verb, {"server": {"hosts": "n1"}}))


def test_the_image_stands_on_the_base_image_and_holds_no_configuration(plugins: Plugins) -> None:
    names = [step.name for step in plan_of(plugins, asked(plugins, "build"))]
    assert names == [
        "files",
        "variables",
        "image daos-base:rocky8.6",
        "image daos-spdk_setup:rocky8.6",
        "what it is made from",
    ]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_driver_is_looked_up_for_every_device(tmp_path: Path, shell: str) -> None:
    (tmp_path / "sh").symlink_to(SHELLS[shell])
    drivers = tmp_path / "bus/pci/drivers"
    for address, driver in zip(ADDRESSES, ("uio_pci_generic", "nvme"), strict=True):
        (drivers / driver).mkdir(parents=True)
        device = tmp_path / "bus/pci/devices" / address
        device.mkdir(parents=True)
        (device / "driver").symlink_to(drivers / driver)

    def code(*words: str) -> int:
        argv = [str(tmp_path / "sh"), *map(str, spdk.sh("have_driver", *words)[1:])]
        environment = os.environ | {"SYSFS": str(tmp_path)}
        return subprocess.run(argv, env=environment, timeout=20, check=False).returncode

    assert code("uio_pci_generic", ADDRESSES[0]) == 0
    assert code("uio_pci_generic", *ADDRESSES) == 1
    assert code("nvme", ADDRESSES[1]) == 0
    assert code("nvme", "0000:99:00.0") == 2
    (tmp_path / "bus/pci/devices" / ADDRESSES[1] / "driver").unlink()
    assert code("nvme", ADDRESSES[1]) == 1
