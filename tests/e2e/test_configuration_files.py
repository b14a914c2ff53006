"""docs/configuration-files.md is true: what it writes is what the containers go by, on real hosts;
and where that does not become well, the old file and a container that goes by it are back.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.ground import clear, publish, under
from tests.e2e.inv import NETWORK, ROOT, Said, inv
from tests.pages import lay_out

IMAGE = {"image": "library/busybox", "tag": "1.36"}
CODES = (
    "for port in 8090 8091; do "
    f"curl -s -o /dev/null -w '%{{http_code}} ' http://{NETWORK}.1:$port/hostname; done"
)


@pytest.fixture
def gate(lab, tmp_path: Path) -> Callable[..., Said]:
    """`inv ... --site=gate` in a repository that has what the pages say and nothing else."""
    clear()
    publish("1.36.0", **IMAGE)
    lay_out("add-a-system", tmp_path)
    lay_out("configuration-files", tmp_path)
    site = tmp_path / "sites/gate.yml"
    site.write_text(
        site.read_text().replace("10.77.0", NETWORK)
        + f"ssh: {{config: {ROOT}/ssh_config, known_hosts: {ROOT}/known_hosts}}\n"
    )

    def call(*argv: str, **more: Any) -> Said:
        return inv(
            *(*argv, "--site=gate", "--host=n1"),
            FAIRLEAD_HOME=str(tmp_path),
            FAIRLEAD_SITE="",
            XDG_STATE_HOME=str(tmp_path / "state"),
            **more,
        )

    yield call
    assert call("gate.down", "--yes").code == 0


def codes() -> str:
    """What page and live page answer to n1 itself by its address, which is none of the readers'."""
    return under("n1", CODES).strip()


def containers() -> dict[str, str]:
    lines = under("n1", "docker ps --no-trunc --format '{{.Names}} {{.ID}}'").splitlines()
    return dict(line.split() for line in lines)


def rewrite(path: Path, old: str, new: str) -> None:
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


@pytest.mark.long
def test_what_is_written_is_what_they_go_by_and_the_way_back_leads_back(gate, tmp_path) -> None:
    site, plugin = tmp_path / "sites/gate.yml", tmp_path / "plugins/gate/__init__.py"
    assert gate("gate.up").code == 0
    assert (codes(), gate("gate.up", "--fail-on=changed").code) == ("403 403", 0)
    before = containers()

    rewrite(site, f"readers: [{NETWORK}.254]", f"readers: [{NETWORK}.1]")
    assert gate("gate.up", "--dry-run", "--fail-on=changed").code == 9
    assert gate("gate.up").code == 0
    assert (codes(), gate("gate.up", "--fail-on=changed").code) == ("200 200", 0)
    after = containers()
    assert (after["gate-live"], after["gate-page"] != before["gate-page"]) == (
        before["gate-live"],
        True,
    )

    rewrite(plugin, '("127.0.0.1", *self.readers)', "self.readers")  # no longer healthy by its word
    failed = gate("gate.up", "--json", timeout=180)
    assert (failed.code, failed.rows["n1"]["state"]) == (8, "rolled-back"), failed.out
    rewrite(plugin, "in self.readers", 'in ("127.0.0.1", *self.readers)')
    assert codes() == "200 200"
    assert containers() == after
    assert gate("gate.up", "--fail-on=changed").code == 0
