"""A roll-out over twelve hosts: a canary, then batches, one host that is not well, and the rest."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ground import (
    NAME,
    container,
    done,
    each,
    newest,
    publish,
    sh,
    site_with,
    under,
    version,
)
from tests.e2e.inv import Said, inv

pytestmark = pytest.mark.long
HOSTS = tuple(f"n{number}" for number in range(1, 13))
BEFORE, UNWELL, REST = HOSTS[:4], HOSTS[4], HOSTS[5:]
FLAG = "/root/unwell"


@pytest.fixture
def fleet(lab: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Twelve hosts with test points 5.0.0, as the site says whose path this is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    done("lab.up", "--count=12", "--v2=n3", "--wait=11m", timeout=1500)
    each(sh.text("clear"), hosts=HOSTS)
    newest("5.0.0")
    section = {"hosts": "n[1-12]", "flavor": "supervisord", "patience": 10}
    site = site_with(tmp_path, perfsonar=section)
    done("perfsonar.up", f"--site={site}", timeout=600)
    yield site
    under(UNWELL, 'rm -f "$1"', FLAG)
    each(sh.text("clear"), hosts=HOSTS)
    done("lab.down", "--host=n[4-12]", "--yes", timeout=300)


def versions() -> dict[str, str]:
    return {host: version(host) for host in HOSTS}


def containers() -> dict[str, str]:
    return {host: container(host) for host in HOSTS}


def states(said: Said) -> dict[str, str]:
    return {host: row["state"] for host, row in said.rows.items()}


def test_a_roll_out_stops_at_the_host_that_is_not_well_and_is_resumed_behind_it(
    fleet: str, tmp_path: Path
) -> None:
    site, plan = f"--site={fleet}", str(tmp_path / "tonight.json")
    upgrade = ("perfsonar.upgrade", site, "--batch=1,4", "--reason=OPS-7 newer than 5.0")
    publish("5.1.0")

    # a plan that was kept, and a host that has changed since
    done(*upgrade, f"--plan={plan}", timeout=300)
    under("n9", 'docker rm -f "$1"', NAME)
    refused = inv("apply", plan, site, timeout=300)
    assert (refused.code, "n9: perfsonar: another plan" in refused.err) == (9, True)
    assert set(versions().values()) == {"5.0.0", ""}
    done("perfsonar.up", site, "--host=n9")

    # the canary and the host behind it
    before = containers()
    under(UNWELL, sh.text("unwell"), NAME, FLAG)
    stopped = inv(*upgrade, "--json", timeout=600)
    assert stopped.code == 8, stopped.err
    assert states(stopped) == (
        dict.fromkeys(BEFORE, "changed") | {UNWELL: "rolled-back"} | dict.fromkeys(REST, "skipped")
    )
    after = containers()
    assert versions() == dict.fromkeys(HOSTS, "5.0.0") | dict.fromkeys(BEFORE, "5.1.0")
    assert [host for host in HOSTS if after[host] == before[host]] == [UNWELL, *REST]
    assert any("inv runs.resume --run=" in note for note in stopped.json["notes"])

    # mended, the rest alone
    under(UNWELL, 'rm "$1"', FLAG)
    resumed = done("runs.resume", site, "--batch=4", "--yes", "--json", timeout=600)
    rest, _ = resumed.json["runs"]
    assert [row["host"] for row in rest["hosts"]] == [UNWELL, *REST]
    assert set(versions().values()) == {"5.1.0"}
    assert {host: containers()[host] for host in BEFORE} == {host: after[host] for host in BEFORE}

    # and who did what
    (run,) = [
        run
        for run in done("history", site, "--host=n[1-12]", "--json").json["history"]
        if run["run"] == stopped.json["run"]
    ]
    assert (run["reason"], run["code"]) == ("OPS-7 newer than 5.0", 8)
    ((n1,), (n5,)) = (stopped.rows[host]["images"] for host in ("n1", UNWELL))
    assert (n1["container"], n1["before"][:7], n1["after"][:7]) == (NAME, "sha256:", "sha256:")
    assert (n1["before"] != n1["after"], n5["before"], n5["after"]) == (
        *(True, n1["before"]),
        n1["before"],
    )
    sheet = done("runs.report", site, f"--run={run['run']}").out
    page = done("runs.report", site, f"--run={run['run']}", "--format=html").out
    for text in ("OPS-7 newer than 5.0", n1["after"], run["run"]):
        assert (text in sheet, text in page) == (True, True)
    assert (
        done("history", site, "--host=n[1-12]", "--verify").out == "n[1-12]  no line is missing\n"
    )
