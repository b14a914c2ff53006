"""The stand-ins of DAOS refuse what each version of the real programs refuses: a kinder one would
hide the fault.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

STAND_INS = Path(__file__).parents[3] / "plugins/lab/files/rpms/daos"
ENGINES = [
    {
        "storage": [
            {"class": "ram", "scm_mount": "/mnt/daos0"},
            {"class": "nvme", "bdev_list": ["0000:41:00.0"], "bdev_roles": ["data"]},
        ]
    }
]


@pytest.fixture
def at(tmp_path: Path) -> Path:
    shutil.copytree(STAND_INS, tmp_path, dirs_exist_ok=True)
    (tmp_path / "thp").write_text("always [madvise] never\n")
    return tmp_path


def run(at: Path, version: str, program: str, *words: Any) -> subprocess.CompletedProcess[str]:
    """A few lines of Python with the modules of a version; `words` are what they find in `said`."""
    (at / "version").write_text(f"{version}\n")
    lines = (
        "import json, sys; from pathlib import Path; import storage, wire",
        f"storage.THP = Path({str(at / 'thp')!r})",
        f"said = json.loads({json.dumps(words)!r})",
        program,
    )
    return subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=at,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("program", "version", "key", "is_known"),
    [
        ("daos_server", "2.4.0", "access_points", True),
        ("daos_server", "2.6.4", "allow_thp", False),
        ("daos_server", "2.6.5", "allow_thp", True),
        ("daos_server", "2.6.5", "mgmt_svc_replicas", False),
        ("daos_server", "2.8.0", "mgmt_svc_replicas", True),
        ("daos_server", "2.8.0", "access_points", True),
        ("daos_agent", "2.8.0", "mgmt_svc_replicas", False),
        ("daos_agent", "2.8.0", "access_points", True),
        ("daos_agent", "2.6.5", "include_fabric_ifaces", False),
        ("dmg", "2.8.0", "access_points", False),
    ],
)
def test_a_key_that_a_version_does_not_know_ends_its_program(
    at: Path, program: str, version: str, key: str, is_known: bool
) -> None:
    result = run(
        at, version, "wire.refuse_unknown(said[0], Path('x.yml'), {said[1]: 1})", program, key
    )
    assert (result.returncode == 0) == is_known
    assert is_known or f"field {key} not found" in result.stderr


@pytest.mark.parametrize(
    ("version", "config", "thp", "says"),
    [
        ("2.6.4", {}, "always [madvise] never", ""),
        ("2.6.5", {}, "always [madvise] never", "code = 623"),
        ("2.8.0", {}, "[always] madvise never", "code = 623"),
        ("2.8.0", {}, "always madvise [never]", ""),
        ("2.8.0", {"allow_thp": True}, "[always] madvise never", ""),
        ("2.6.5", {"disable_hugepages": True}, "[always] madvise never", ""),
        ("2.4.0", {"control_metadata": {"path": "/x"}}, "", "control_metadata wants bdev_roles"),
        ("2.8.0", {"engines": ENGINES, "allow_thp": True}, "", "bdev_roles control_metadata"),
        (
            "2.8.0",
            {"access_points": [1], "mgmt_svc_replicas": [1], "allow_thp": True},
            "",
            "access_points is deprecated; please use mgmt_svc_replicas instead",
        ),
    ],
)
def test_a_server_ends_before_its_engines_start(
    at: Path, version: str, config: dict[str, Any], thp: str, says: str
) -> None:
    (at / "thp").write_text(f"{thp}\n")
    result = run(at, version, "storage.refuse_storage(said[0])", config)
    assert (result.returncode == 0, says in result.stderr) == (says == "", True)


def test_2_8_writes_daos_nvme_conf_anew_and_2_6_does_not_read_what_it_wrote(at: Path) -> None:
    config = {"engines": ENGINES, "control_metadata": {"path": str(at / "metadata")}}
    file = at / "metadata/daos_control/engine0/daos_nvme.conf"
    faults = "print(storage.engines_faults(said[0]))"
    assert run(at, "2.6.5", "storage.write_nvme(said[0])", config).returncode == 0
    assert ('"enable_vmd"' in file.read_text(), run(at, "2.6.5", faults, config).stdout) == (
        True,
        "\n",
    )
    result = run(at, "2.8.0", faults, config)
    assert "unparsable; regenerating it" in result.stdout
    assert '"vmd_enable"' in file.read_text()
    assert "na_plugin_open() Could not open lib" in result.stdout  # no plugin of mercury here
    assert "Failed to parse SPDK configuration" in run(at, "2.6.5", faults, config).stdout


TOGETHER = "import server; print(server.together(*said))"


@pytest.mark.parametrize(
    ("who", "version", "server", "is_answered"),
    [
        ("admin", "2.6.4", "2.6.5", True),
        ("admin", "2.6.5", "2.8.0", False),
        ("agent", "2.6.5", "2.8.0", True),
        ("agent", "2.8.0", "2.6.5", True),
        ("agent", "2.4.0", "2.8.0", False),
    ],
)
def test_versions_that_do_not_talk_are_refused(
    at: Path, who: str, version: str, server: str, is_answered: bool
) -> None:
    assert run(at, server, TOGETHER, who, version).stdout == f"{is_answered}\n"


@pytest.mark.parametrize(
    ("layout", "server", "client", "says"),
    [
        (3, "2.8.0", "2.6.5", ""),
        (4, "2.8.0", "2.6.5", "max client supported pool layout version(3)"),
        (4, "2.6.5", "2.6.5", "incompatible layout version: 4 larger than 3"),
        (2, "2.8.0", "2.8.0", ""),
    ],
)
def test_a_pool_of_a_layout_that_a_side_does_not_know_is_refused(
    at: Path, layout: int, server: str, client: str, says: str
) -> None:
    program = "import server; print(server.unreadable({'layout': said[0]}, {'libdaos': said[1]}))"
    output = run(at, server, program, layout, client).stdout
    assert (output == "None\n", says in output) == (says == "", True)


@pytest.mark.parametrize(
    ("version", "answers", "code", "words"),
    [
        ("2.6.0", "2.6.0", 1, "Unknown command `server-version'"),
        ("2.6.1", "0.0.0", 0, "DAOS Control Server version 0.0.0"),
        ("2.8.0", "2.6.5", 0, "DAOS Control Server version 2.6.5"),
    ],
)
def test_the_version_of_servers_is_asked_from_2_6_1_on(
    at: Path, version: str, answers: str, code: int, words: str
) -> None:
    program = "wire.server_version('daos_agent', {'code': 0, 'text': said[0]})"
    result = run(at, version, program, answers)
    assert (result.returncode, words in result.stdout + result.stderr) == (code, True)
