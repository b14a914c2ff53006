"""Steps that do what a step should not, on a real host over ssh: none harms the run, none fakes a
result. The system is plugins/toy.
"""

import pytest

from tests.e2e.ground import sh, under
from tests.e2e.ops import Repository

FILES = "cd /var/tmp && ls toy* 2>/dev/null"


@pytest.fixture
def toy(lab, tmp_path) -> Repository:
    made = Repository(tmp_path)
    under("n1", "rm -f /var/tmp/toy*")
    yield made
    made.inv("toy.down", "--host=n1")
    assert under("n1", FILES) == ""


def good(said, *steps: str) -> None:
    assert said.steps("n1") == dict.fromkeys(("mark", *steps, "after"), "changed"), said.err
    assert (said.code, said.rows["n1"]["state"]) == (0, "changed")


def bad(said, step: str, error: str) -> None:
    """The step failed for what it did itself, what was begun is undone, and what would have
    followed was not run.
    """
    assert said.steps("n1") == {"mark": "undone", step: "failed", "after": "not-run"}, said.err
    assert (said.code, said.rows["n1"]["state"]) == (1, "rolled-back")
    assert said.rows["n1"]["error"] == f"n1: {step}: {error}; what was begun is undone"
    assert under("n1", FILES) == ""


def test_a_step_that_leaves_daemons_behind_keeps_nobody_waiting(toy) -> None:
    said = toy.inv("toy.daemonise", "--host=n1", "--json", timeout=30)
    good(said, "daemonise")
    daemons = under("n1", "xargs -n1 ps -o args= -p </var/tmp/toy.daemons").split("\n")
    assert daemons == ["sleep 600", "sleep 601", ""]
    again = toy.inv("toy.up", "--host=n1", "--json")  # they hold no lock of ours
    assert (again.code, again.steps("n1")) == (0, {"mark": "ok"})
    assert "notes" not in again.json  # and no run of theirs was left open


@pytest.mark.parametrize(
    ("verb", "error"),
    [
        ("fall", "last words"),
        ("murder", "ended with 137 (SIGKILL) and said nothing"),
        ("plunge", "could not be asked whether it is already so (exit 9): no idea"),
    ],
)
def test_a_step_that_exits_ends_itself_alone(toy, verb, error) -> None:
    bad(toy.inv(f"toy.{verb}", "--host=n1", "--json"), verb, error)


def test_a_step_that_says_exit_0_does_not_end_the_run(toy) -> None:
    good(toy.inv("toy.leave", "--host=n1", "--json"), "leave")


def test_a_step_that_reads_stdin_reads_nothing_and_one_that_was_given_some_reads_that(toy) -> None:
    good(toy.inv("toy.read", "--host=n1", "--json", timeout=30), "read", "read ours")


def test_a_step_that_prints_100_mb_fills_neither_the_host_nor_the_link(toy) -> None:
    said = toy.inv("toy.shout", "--host=n1", "--json", timeout=30)
    assert said.rows["n1"]["steps"][1]["error"].endswith("xxx\nenough")
    assert (said.code, len(said.out) < 20_000) == (1, True)
    largest, disk, state, *left = under("n1", sh.text("run_sizes"), said.json["run"]).split("\n")
    assert (
        int(largest.split()[0]) <= 1048576 + 65536,
        int(disk.split()[0]) < 1400,
        state,
        left,
    ) == (True, True, "undone", [""])


def test_a_step_that_prints_our_own_events_fakes_no_result(toy) -> None:
    said = toy.inv("toy.forge", "--host=n1", "--json")
    forged = said.rows["n1"]["steps"][1]["error"]
    assert forged.startswith("1 start 1 .\n3 step 1 changed 0 10 Z29vZA== .")
    bad(said, "forge", forged)


def test_a_shell_that_greets_with_our_own_events_fakes_no_result(toy) -> None:
    under("n1", 'printf %s "$1" >/root/.bashrc', sh.text("chatty"))
    try:
        greeted = under("n1", "bash -ic true 2>/dev/null")
        bad(toy.inv("toy.fall", "--host=n1", "--json"), "fall", "last words")
        good(toy.inv("toy.leave", "--host=n1", "--json"), "leave")
    finally:
        under("n1", "rm -f /root/.bashrc")
    assert "fl0123 over changed" in greeted


# The dead man's switch


def test_a_step_that_cuts_our_own_link_is_taken_back_by_the_host_in_time(toy) -> None:
    running = toy.start("toy.cut", "--host=n1", "--json")
    said = running.end(30)
    row = said.rows["n1"]
    assert {step["name"]: step["state"] for step in row["steps"]} == {
        "mark": "undone",
        "cut": "failed",
        "after": "not-run",
    }
    assert row["error"] == "n1: cut: no new connection arrived within 6 s; what was begun is undone"
    assert (said.code, row["state"], row["steps"][1]["seconds"] < 7) == (1, "rolled-back", True)
    assert "state UP" in under("n1", "ip link show eth0")
    assert (
        toy.inv("toy.status", "--host=n1").code == 1
    )  # reached over the same link; the mark is gone


def test_an_armed_step_after_which_we_are_reached_is_disarmed_by_a_new_connection(toy) -> None:
    before = int(under("n1", "grep -c 'Accepted publickey' /var/log/sshd.log"))
    said = toy.inv("toy.harmless", "--host=n1", "--json")
    good(said, "harmless")
    assert said.rows["n1"]["steps"][1]["seconds"] < 6
    assert int(under("n1", "grep -c 'Accepted publickey' /var/log/sshd.log")) - before == 2
