"""From 2.8 back to 2.6: daos_nvme.conf has its old names before an old server starts."""

import os
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Phase, Step, argvs
from fairlead.testing import ask_for, plan_of
from fairlead_plugins.daos.common import nvme_config
from tests.machine import SHELLS
from tests.plugins.daos.test_daos import beside, facts_with

ENGINE: Mapping[str, Any] = {"storage": [{"class": "nvme", "bdev_roles": ["data", "meta", "wal"]}]}
ON_SSD = {"control_metadata": {"path": "/var/db/daos_server"}, "engines": [ENGINE, ENGINE]}
DCPM = {"class": "dcpm", "scm_list": ["/dev/pmem0"], "scm_mount": "/mnt/daos0"}
IN_MEMORY = {"engines": [{"storage": [{"class": "ram", "scm_mount": "/mnt/daos0"}]}]}
METADATA = "/var/lib/daos-docker/server/current/var/db/daos_server/daos_control"
PLACES = {
    "metadata on SSD": (
        ON_SSD,
        [f"{METADATA}/engine0/daos_nvme.conf", f"{METADATA}/engine1/daos_nvme.conf"],
    ),
    "persistent memory": ({"engines": [{"storage": [DCPM]}]}, ["/dev/pmem0"]),
    "memory": (IN_MEMORY, []),
}
NEW = '{"method": "vmd_enable"}, {"transport_retry_count": 4}'
OLD = '{"method": "enable_vmd"}, {"retry_count": 4}'


def steps_of(
    plugins: Plugins, verb: str, config: Mapping[str, Any], version: str, facts: Any
) -> list[Step]:
    section = {
        "server": {"hosts": "n1", "config": config},
        "insecure": True,
        "version": f"{version}-1.el9",
    }
    ask = ask_for(plugins, "daos.server", verb, section=section, facts=facts)
    steps: list[Step] = []
    for part in plan_of(plugins, ask):
        steps += part.steps if isinstance(part, Phase) else (part,)
    return steps


def order(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


@pytest.mark.parametrize("where", PLACES)
def test_an_upgrade_to_2_8_that_is_undone_gives_the_names_back_before_the_old_server_starts(
    plugins: Plugins, where: str
) -> None:
    config, places = PLACES[where]
    steps = steps_of(plugins, "upgrade", config, "2.8.0", facts_with("2.6.5-1.el9"))
    names = order(steps)
    assert (nvme_config.STEP in names) == bool(places)
    if places:
        place = names.index(nvme_config.STEP)
        assert names.index("stop") < place == names.index("container") - 1
        (undo,) = argvs(steps[place].undo or ())
        assert (shlex.join(steps[place].do), list(undo[4:])) == ("true", places)
        assert steps[place].unless == steps[place + 1].unless  # nothing to do: nothing is done


@pytest.mark.parametrize(
    ("newer", "before", "is_renamed"),
    [("2.8.0", "2.6.5", True), ("2.8.1", "2.8.0", False), ("2.6.5", "2.4.0", False)],
)
def test_rollback_gives_the_names_back_before_the_old_server_starts(
    plugins: Plugins, newer: str, before: str, is_renamed: bool
) -> None:
    facts = beside(f"{newer}-1.el9", f"{before}-1.el9")
    names = order(steps_of(plugins, "rollback", ON_SSD, newer, facts))
    assert (nvme_config.STEP in names) == is_renamed
    if is_renamed:
        assert names.index("stop") < names.index(nvme_config.STEP) == names.index("container") - 1


@pytest.mark.parametrize(("old", "new"), [("2.4.0", "2.6.5"), ("2.8.0", "2.8.1")])
def test_other_upgrades_leave_the_file_alone(plugins: Plugins, old: str, new: str) -> None:
    steps = steps_of(plugins, "upgrade", ON_SSD, new, facts_with(f"{old}-1.el9"))
    assert nvme_config.STEP not in order(steps)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_names_in_every_file_are_those_of_before(tmp_path: Path, shell: str) -> None:
    (tmp_path / "sh").symlink_to(SHELLS[shell])
    files = [tmp_path / f"engine{number}/daos_nvme.conf" for number in range(3)]
    for file in files[:2]:
        file.parent.mkdir()
        file.write_text(NEW)
        file.chmod(0o640)

    def code(program: str) -> int:
        words = nvme_config.sh(program, *map(str, files))
        argv = [str(tmp_path / "sh"), *map(str, words[1:])]
        environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        return subprocess.run(argv, env=environment, timeout=20, check=False).returncode

    assert code("has_old_nvme_names") == 1
    assert [code("old_nvme_names"), code("old_nvme_names"), code("has_old_nvme_names")] == [0] * 3
    assert [file.read_text() for file in files[:2]] == [OLD, OLD]
    assert (files[0].stat().st_mode & 0o777, files[2].exists()) == (0o640, False)


def test_logs_of_2_8_lie_on_the_host(plugins: Plugins) -> None:
    def mounts(component: str, version: str) -> bool:
        section = {"version": version, "insecure": True}
        hosts = {"server": {"hosts": "n1"}, "client": {"hosts": "n1"}}
        ask = ask_for(plugins, f"daos.{component}", "up", section=section | hosts)
        (file,) = (step for step in plan_of(plugins, ask) if step.name == "compose file")
        return f"/var/lib/daos-docker/log/{component}:/var/log/daos" in str(file)

    answers = [
        [mounts(component, version) for version in ("2.8.0-1.el9", "2.6.5-1.el9", "2.4.0-2.el8")]
        for component in ("server", "agent")
    ]
    assert answers == [[True, False, False]] * 2
