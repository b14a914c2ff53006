"""inv watch over real hosts: a test point is taken away, one message says so and what mends it."""

import shlex
import sys
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.ground import NAME, done, under
from tests.e2e.inv import Said, inv

SCRIPT = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\f')"


def about(said: Said, kind: str) -> dict[str, str]:
    """host -> state, of the test points."""
    findings = [entry for entry in said.json["findings"] if entry["kind"] == kind]
    return {entry["host"]: entry["state"] for entry in findings if entry["name"] == "perfsonar"}


def test_a_change_is_told_once_and_its_command_mends_it(running: None, tmp_path: Path) -> None:
    log, prom = tmp_path / "log", tmp_path / "fairlead.prom"
    command = shlex.join((sys.executable, "-c", SCRIPT, str(log)))
    flags = ("--json", f"--command={command}", f"--prometheus={prom}")
    state = str(tmp_path / "state")

    def watch() -> Said:
        return inv("watch", *flags, XDG_STATE_HOME=state)

    well = watch()
    assert about(well, "status") == about(well, "drift") == dict.fromkeys(("n1", "n2", "n3"), "ok")
    before = log.read_text().count("\f") if log.exists() else 0  # the lab itself may have news
    under("n2", 'docker stop -t 0 "$1"', NAME)
    broken = [watch() for _ in range(4)][-1]
    assert about(broken, "status") == {"n1": "ok", "n2": "critical", "n3": "ok"}
    assert about(broken, "drift") == {"n1": "ok", "n2": "warning", "n3": "ok"}
    texts = log.read_text().split("\f")[before:-1]
    assert len(texts) == 1
    assert "inv perfsonar.up --host=n2" in texts[0]
    families = {family.name: family for family in text_string_to_metric_families(prom.read_text())}
    states = {
        sample.labels["host"]: sample.value
        for sample in families["fairlead_status_state"].samples
        if sample.labels["component"] == "perfsonar"
    }
    assert states == {"n1": 0, "n2": 2, "n3": 0}
    done("perfsonar.up", "--host=n2")
    assert about(watch(), "status")["n2"] == "ok"
    assert len(log.read_text().split("\f")[before:-1]) == 2


def test_a_page_of_the_status_has_the_hosts(running: None, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    said = done("perfsonar.status", f"--report={page}")
    assert "written" in said.out + said.err
    text = page.read_text()
    assert all(f"<th>{host}</th>" in text for host in ("n1", "n2", "n3"))
    assert "testpoint" in text
