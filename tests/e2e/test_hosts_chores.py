"""inv hosts.check and hosts.trust, the journals there and here, runs.list and runs.show,
--explain.
"""

import json
import re
from pathlib import Path

import pytest

from tests.e2e.ground import HOSTS, done, under
from tests.e2e.inv import NETWORK, ROOT, SITE, inv
from tests.e2e.terminal import Terminal
from tests.e2e.test_bad_input import fingerprint

WRONG = "SHA256:" + "A" * 43


@pytest.fixture
def strangers(lab, tmp_path: Path) -> dict[str, str]:
    """A user who knows the lab's hosts, but none of their keys."""
    (tmp_path / "ssh_config").write_text(f"IdentityFile {ROOT}/key\nUser root\n")
    (tmp_path / "none").write_text("")
    text = (
        Path(SITE)
        .read_text()
        .replace(f"{ROOT}/ssh_config", f"{tmp_path}/ssh_config")
        .replace(f"{ROOT}/known_hosts", f"{tmp_path}/none")
    )
    (tmp_path / Path(SITE).name).write_text(text)
    return {
        "FAIRLEAD_SITE": str(tmp_path / Path(SITE).name),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }


# Hosts


def test_check_is_one_table_of_all_hosts(lab) -> None:
    said = inv("hosts.check")
    head, there, absent, why = said.out.splitlines()
    assert said.code == 5
    assert head.split() == ["host", "reach", "key", "user", "sudo", "engine", "clock"]
    assert re.fullmatch(r"n\[1-3\] +yes +known +root +- +docker \d\S+ +ok", there)
    assert re.fullmatch(r"n\[4-20\] +no +- +- +- +- +-", absent)
    assert why == "n[4-20]: there is no way to <address>:22; is it up, and the network between?"
    alone = done("hosts.check", "--host=n[1-3]").out.splitlines()
    assert [line.split() for line in alone] == [head.split(), there.split()]


def test_check_says_whose_key_is_not_known(strangers) -> None:
    said = inv("hosts.check", "--host=n1", **strangers)
    assert (said.code, said.out.splitlines()[1].split()[:3]) == (5, ["n1", "yes", "refused"])


def test_trust_wants_the_right_fingerprint(strangers) -> None:
    key = fingerprint("n1")
    refused = inv("hosts.trust", "--host=n1", f"--fingerprint={WRONG}", "--yes", **strangers)
    assert (refused.code, refused.out, refused.err) == (
        5,
        "",
        f"fairlead: n1: it shows ssh-ed25519 {key}, not {WRONG}; compare with its console: "
        f"ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub\n",
    )
    assert inv("perfsonar.status", "--host=n1", **strangers).code == 5
    own = Path(strangers["XDG_STATE_HOME"], "fairlead/known_hosts")
    assert (
        done("hosts.trust", "--host=n1", f"--fingerprint={key}", **strangers).out
        == f"n1  ssh-ed25519 {key}  is trusted now ({own})\n"
    )
    assert own.read_text().split()[1:] == (ROOT / "n1/hostkey.pub").read_text().split()[:2]
    assert done("hosts.check", "--host=n1", **strangers).code == 0
    assert (
        done("hosts.trust", "--host=n1", **strangers).out
        == f"n1  ssh-ed25519 {key}  was trusted already\n"
    )


def test_yes_does_not_trust(strangers) -> None:
    said = inv("hosts.trust", "--host=n1", "--yes", **strangers)
    assert (said.code, "there is no terminal to ask" in said.err) == (2, True)


def test_at_a_terminal_the_fingerprint_is_typed(strangers) -> None:
    with Terminal("hosts.trust", "--host=n1", columns=200, **strangers) as asked:
        asked.waits_for(
            rf"n1 \({re.escape(NETWORK)}\.1\) shows ssh-ed25519 {re.escape(fingerprint('n1'))}; "
            rf"is that what its console says"
        )
        asked.type("yes\n")
        assert asked.ended() == 5
    with Terminal("hosts.trust", "--host=n1", columns=200, **strangers) as asked:
        asked.waits_for("to go on: ")
        asked.type(f"{fingerprint('n1')}\n")
        assert asked.ended() == 0


# What was done


def test_the_journals_there_and_here_tell_the_same(running, tmp_path: Path) -> None:
    said = done("perfsonar.restart", "--host=n1", "--json", XDG_STATE_HOME=str(tmp_path))
    there = under(
        "n1",
        "tail -n 1 /var/lib/fairlead/journal | cut -f 1; stat -c %a /var/lib/fairlead/journal "
        "/var/lib/fairlead",
    ).split()
    (here,) = map(json.loads, (tmp_path / "fairlead/journal.jsonl").read_text().splitlines())
    assert there[1:4] == [f"{said.json['run']}.1", "perfsonar", "changed"]
    command = ["inv", "perfsonar.restart", "--host=n1", "[fairlead"]
    assert (there[5:9], there[-2:]) == (command, ["640", "700"])
    assert (here["run"], here["verb"], here["code"]) == (said.json["run"], "perfsonar.restart", 0)
    (row,) = here["hosts"]
    assert (row.pop("seconds")["restart"] > 0, row) == (
        True,
        {
            "host": "n1",
            "system": "perfsonar",
            "component": "testpoint",
            "state": "changed",
            "code": 0,
        },
    )
    listed = done("history", "--host=n1", "--json", XDG_STATE_HOME=str(tmp_path)).json["history"]
    assert (listed[-1]["run"], listed[-1]["code"]) == (said.json["run"], 0)
    assert (listed[-1]["fairlead"], listed[-1]["revision"]) == (
        here["fairlead"],
        here.get("revision", ""),
    )
    assert done("history", "--host=n1", "--verify").out == "n1  no line is missing\n"


def test_a_plan_that_is_kept_fits_in_another_process_and_is_done(running, tmp_path: Path) -> None:
    upgrade, restart = str(tmp_path / "upgrade.json"), str(tmp_path / "restart.json")
    done("perfsonar.upgrade", f"--plan={upgrade}")
    fits = done("apply", upgrade, "--dry-run")
    assert fits.out.endswith("fits: inv perfsonar.upgrade is done as planned\n")
    done("perfsonar.restart", "--host=n1", f"--plan={restart}")
    done("apply", restart)
    assert "perfsonar changed" in under("n1", "tail -n 1 /var/lib/fairlead/journal")


def test_what_only_looks_is_in_no_journal(running, tmp_path: Path) -> None:
    before = under("n1", "cat /var/lib/fairlead/journal")
    for argv in (
        ("perfsonar.status",),
        ("perfsonar.preflight",),
        ("perfsonar.up", "--dry-run"),
        ("perfsonar.up", "--explain"),
    ):
        done(*argv, "--host=n1", XDG_STATE_HOME=str(tmp_path))
    assert (under("n1", "cat /var/lib/fairlead/journal"), list(tmp_path.iterdir())) == (before, [])


def test_runs_are_listed_and_shown_step_by_step(running) -> None:
    run = done("perfsonar.restart", "--host=n1", "--json").json["run"]
    listed = done("runs.list", "--all", "--host=n1").out.splitlines()
    assert re.fullmatch(
        rf"n1  {run}\.1  changed  \S+@\S+: inv perfsonar.restart --host=n1", listed[-1]
    )
    head, *steps = done("runs.show", "--host=n1").out.splitlines()
    assert head.startswith(f"n1  {run}.1  changed  ")
    assert [re.sub(r"\d+\.\d s", "T", step).split("  ")[1:4] for step in steps] == [
        ["restart", "changed", "T"],
        ["healthy", "ok", "T"],
    ]
    assert done("runs.list", "--host=n[1-3]").out == "nothing runs, nothing was left open\n"


def test_the_site_can_be_looked_at(lab) -> None:
    assert done("site.validate").out.endswith(".yml: 20 hosts, 2 sections: ok\n")
    assert [
        line.split()[0] for line in done("site.hosts", "--host=n[1-3]").out.splitlines()[1:]
    ] == list(HOSTS)
