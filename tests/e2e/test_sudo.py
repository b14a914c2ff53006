"""Who we are on a host and how we get there: sudo with and without a password, plain users, the
other carrier, gateways. The hosts are real.
"""

import os
import re
from pathlib import Path

import pytest

from tests.e2e.ground import clear, newest, sh, under
from tests.e2e.inv import Said
from tests.e2e.ops import ENOUGH, Repository
from tests.e2e.terminal import Terminal

PASSWORD = "lab-password"
HIDDEN = "lab-passwor[d]"  # what looks for it must not find itself
PROCESSES = sh.text("processes_with")
FILES = sh.text("files_with")


@pytest.fixture
def toy(lab, tmp_path) -> Repository:
    under("n1", "rm -rf /var/tmp/toy* /home/op/toy* /home/op/.local")
    made = Repository(tmp_path)
    yield made
    under("n1", "rm -rf /var/tmp/toy* /home/op/toy* /home/op/.local")


def secret(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    path = folder / "sudo-password"
    path.write_text(text + "\n")
    path.chmod(mode)
    return {"FAIRLEAD_SUDO_PASSWORD_FILE": str(path), "XDG_STATE_HOME": str(folder / "state")}


def refused(said, code: int, sentence: str) -> None:
    (row,) = said.json["hosts"]
    assert (said.code, row["error"], row["steps"]) == (code, sentence, []), said.err
    assert under("n1", "ls /var/tmp/toy 2>/dev/null") == ""


def told(said, folder: Path) -> str:
    """Everything that was said here, and written here and into the operator's own folder."""
    files = (
        path.read_text(errors="replace") for path in (folder / "state").rglob("*") if path.is_file()
    )
    return said.out + said.err + "".join(files)


# sudo


@pytest.mark.parametrize("host", ["op1", "openop1"])
def test_sudo_that_asks_for_no_password(toy, host) -> None:
    up = toy.inv("toy.up", f"--host={host}", "--json")
    assert (up.code, up.rows[host]["state"]) == (0, "changed"), up.out
    assert toy.inv("toy.status", f"--host={host}").code == 0
    assert under("n1", "stat -c %U /var/tmp/toy") == "root\n"
    assert toy.inv("toy.exec", f"--host={host}", "--", "sh", "-c", "id -un; exit 42") == Said(
        42, "root\n", ""
    )
    assert (
        toy.inv("toy.exec", f"--host={host}", "--", "cat", stdin="as it came\n").out
        == "as it came\n"
    )


def test_a_test_point_is_brought_up_and_asked_through_sudo(toy) -> None:
    clear("n1")
    newest("5.0.0")
    up = toy.inv("perfsonar.up", "--host=op1", "--json")
    assert (up.code, up.rows["op1"]["state"]) == (0, "changed"), up.out
    status = toy.inv("perfsonar.status", "--host=op1", "--json")
    assert (status.code, status.rows["op1"]["fields"]["pscheduler"]) == (0, "answers")
    version = toy.inv("perfsonar.exec", "--host=op1", "--", "pscheduler", "version")
    assert (version.code, version.out.split()[1:]) == (0, ["5.0.0", "(stand-in)"])
    assert toy.inv("perfsonar.down", "--host=op1").code == 0


@pytest.mark.parametrize("host", ["opw1", "openopw1"])
def test_sudos_password_comes_from_a_file_and_is_seen_nowhere(toy, tmp_path, host) -> None:
    given = secret(tmp_path, PASSWORD)
    running = toy.start("toy.slow", f"--host={host}", "--seconds=120", "--json", **given)
    while not under("n1", "ls /var/tmp/toy 2>/dev/null"):
        assert running.process.poll() is None
    mine = [
        Path(f"/proc/{running.process.pid}/{name}").read_bytes() for name in ("cmdline", "environ")
    ]
    assert (under("n1", PROCESSES, HIDDEN), under("n1", FILES, HIDDEN)) == ("", "")
    assert running.process.poll() is None
    under("n1", ENOUGH)
    said = running.end()
    assert (said.code, said.rows[host]["state"]) == (0, "changed"), said.out
    assert (under("n1", PROCESSES, HIDDEN), under("n1", FILES, HIDDEN)) == ("", "")
    assert not any(PASSWORD in str(text) for text in (*mine, told(said, tmp_path)))
    words = toy.inv("toy.exec", f"--host={host}", "--", "cat", stdin="", **given)
    assert (words.code, words.out, words.err) == (0, "", "")


def test_a_password_under_nopasswd_is_not_sent_at_all(toy, tmp_path) -> None:
    said = toy.inv(
        "toy.exec", "--host=op1", "--", "cat", stdin="only this\n", **secret(tmp_path, PASSWORD)
    )
    assert (said.code, said.out, said.err) == (0, "only this\n", "")


@pytest.mark.parametrize("host", ["opw1", "openopw1"])
def test_a_wrong_password_is_refused_in_a_sentence(toy, tmp_path, host) -> None:
    said = toy.inv("toy.up", f"--host={host}", "--json", **secret(tmp_path, "guessed-it"))
    refused(
        said,
        7,
        f"{host}: sudo refuses the password of opw; mend it in FAIRLEAD_SUDO_PASSWORD_FILE, or "
        f"type it anew",
    )
    assert "guessed-it" not in told(said, tmp_path)
    assert (under("n1", PROCESSES, "guessed-i[t]"), under("n1", FILES, "guessed-i[t]")) == ("", "")


@pytest.mark.parametrize("host", ["opw1", "openopw1"])
def test_a_mistyped_password_is_asked_for_again(toy, host) -> None:
    with Terminal("toy.exec", f"--host={host}", "--", "id", "-u", **toy.environment) as terminal:
        terminal.waits_for("sudo password for the hosts: ")
        terminal.type("mistyped\r")
        terminal.waits_for("sudo refuses it; once more, the sudo password for the hosts: ")
        terminal.type(f"{PASSWORD}\r")
        code, last = terminal.ended(), terminal.seen.split()[-1]
        assert (code, last.endswith("\x1b[2K0")) == (0, True)  # what wipes the live row, then id's


def test_a_password_that_nobody_gives_is_asked_for_in_a_sentence(toy, tmp_path) -> None:
    what = (
        "sudo wants a password and there is no terminal to ask at; name a file of mode 0600 in "
        "FAIRLEAD_SUDO_PASSWORD_FILE, or allow NOPASSWD"
    )
    refused(toy.inv("toy.up", "--host=opw1", "--json"), 7, f"opw1: {what}")


def test_a_password_file_that_others_can_read_is_refused(toy, tmp_path) -> None:
    given = secret(tmp_path, PASSWORD, 0o644)
    path = given["FAIRLEAD_SUDO_PASSWORD_FILE"]
    sentence = (
        f"FAIRLEAD_SUDO_PASSWORD_FILE: {path} is open to others (-rw-r--r--); chmod 600 {path}"
    )
    refused(toy.inv("toy.up", "--host=opw1", "--json", **given), 7, sentence)


def test_sudo_that_wants_a_terminal_says_so_and_what_to_do(toy) -> None:
    what = (
        "sudo wants a terminal (requiretty); visudo there: `Defaults:opt !requiretty`, or log "
        "in as root"
    )
    refused(toy.inv("toy.up", "--host=opt1", "--json"), 5, f"opt1: {what}")


def test_one_table_tells_who_gets_in_where(toy, tmp_path) -> None:
    said = toy.inv(
        "hosts.check", "--host=n1,op1,opw1,opt1,plain1", "--json", **secret(tmp_path, PASSWORD)
    )
    rows = {row["host"]: (row["reach"], row["user"], row["sudo"]) for row in said.json["check"]}
    assert rows == {
        "n1": ("yes", "root", "-"),
        "op1": ("yes", "root", "yes"),
        "opw1": ("yes", "root", "yes"),
        "opt1": ("yes", "", "no"),
        "plain1": ("yes", "op", "-"),
    }
    assert (said.code, PASSWORD in told(said, tmp_path)) == (5, False)


# What a step is given


def test_a_secret_that_a_step_says_aloud_is_seen_nowhere(toy, tmp_path) -> None:
    running = toy.start("toy.give", "--host=n1", "--json", XDG_STATE_HOME=str(tmp_path / "state"))
    while not under("n1", "pgrep -f 'sleep 2'"):
        assert running.process.poll() is None
    assert (
        under("n1", PROCESSES, "not-to-be-see[n]"),
        under("n1", "grep -rla not-to-be-see[n] /var/lib/fairlead /tmp"),
    ) == ("", "")
    said = running.end()
    assert (said.code, said.steps("n1")) == (
        1,
        {"mark": "undone", "give": "failed", "after": "not-run"},
    )
    assert under("n1", FILES, "not-to-be-see[n]") == ""
    assert "not-to-be-seen" not in told(said, tmp_path)


# A plain user


def test_a_user_without_any_rights_works_in_folders_of_his_own(toy) -> None:
    toy.site.write_text(toy.site.read_text().replace("toy: {", "toy: {mark: /home/op/toy, "))
    before = under("n1", "ls -lR /var/lib/fairlead /run/fairlead")
    up = toy.inv("toy.up", "--host=plain1", "--json")
    assert (up.code, up.rows["plain1"]["state"]) == (0, "changed"), up.out
    assert toy.inv("toy.up", "--host=plain1", "--json").steps("plain1") == {"mark": "ok"}
    assert (
        toy.inv("runs.list", "--all", "--host=plain1").out.count(
            "root@" + os.uname().nodename + ": inv toy.up --host=plain1"
        )
        == 2
    )
    assert under(
        "n1",
        "stat -c '%U %a' /home/op/toy /home/op/.local/state/fairlead/n1 "
        "/home/op/.local/state/fairlead/n1/journal",
    ).split("\n") == [
        "op 600",
        "op 700",
        "op 640",
        "",
    ]
    assert under("n1", "ls -lR /var/lib/fairlead /run/fairlead") == before


def test_where_a_plain_user_may_not_write_the_step_says_so(toy) -> None:
    toy.site.write_text(toy.site.read_text().replace("toy: {", "toy: {mark: /etc/toy, "))
    said = toy.inv("toy.up", "--host=plain1", "--json")
    assert (said.code, said.rows["plain1"]["state"]) == (1, "rolled-back")
    assert "Permission denied" in said.rows["plain1"]["error"]


# Other ways to a host


def test_openssh_and_gateways_carry_everything(toy) -> None:
    ways = {"openssh1": "n1", "far2": "n2", "openfar2": "n2"}
    clear("n1", "n2")
    newest("5.0.0")
    up = toy.inv("perfsonar.up", "--host=openssh1,far2", "--json")
    assert {host: row["state"] for host, row in up.rows.items()} == {
        "openssh1": "changed",
        "far2": "changed",
    }
    status = toy.inv("perfsonar.status", f"--host={','.join(ways)}", "--json")
    assert {
        host: row["fields"]["pscheduler"] for host, row in status.rows.items()
    } == dict.fromkeys(ways, "answers")
    for host, there in ways.items():
        assert toy.inv(
            "perfsonar.exec", f"--host={host}", "--", "sh", "-c", "cat; exit 7", stdin="a;b\n"
        ) == Said(7, "a;b\n", "")
        assert toy.inv("toy.exec", f"--host={host}", "--", "hostname") == Said(0, f"{there}\n", "")
    assert set(toy.inv("perfsonar.up", "--host=openfar2", "--json").steps("openfar2").values()) == {
        "ok"
    }
    clear("n1", "n2")


def test_behind_a_gateway_that_is_gone_a_host_cannot_be_reached_and_the_sentence_names_the_gateway(
    toy,
) -> None:
    toy.site.write_text(toy.site.read_text().replace("via: n1", "via: n9"))
    said = toy.inv("toy.up", "--host=far2,n1", "--json")
    assert (said.code, said.rows["n1"]["state"], said.rows["far2"]["state"]) == (
        5,
        "skipped",
        "unreachable",
    )
    assert "n9" in said.rows["far2"]["error"]


# Several users of one host


def test_root_and_a_plain_user_share_one_set_of_locks(toy) -> None:
    toy.site.write_text(toy.site.read_text().replace("toy: {", "toy: {mark: /var/tmp/toy, "))
    working = toy.start("toy.slow", "--host=n1", "--seconds=12").until("toy: mark: changed")
    second = toy.inv("toy.up", "--host=plain1", "--json")
    assert (second.code, second.rows["plain1"]["state"]) == (6, "locked")
    assert "works on toy here since" in second.rows["plain1"]["error"]
    assert working.end().code == 0
    under("n1", "rm -f /var/tmp/toy*")
    other = toy.start("toy.slow", "--host=plain1", "--seconds=12").until("toy: mark: changed")
    root = toy.inv("toy.up", "--host=n1", "--json")
    assert (root.code, root.rows["n1"]["state"]) == (6, "locked")
    assert re.search(
        r"n1  toy  lease of \S+ since \S+: inv toy.slow --host=plain1",
        toy.inv("runs.list", "--host=n1").out,
    )
    assert other.end().code == 0
    assert toy.inv("toy.up", "--host=n1").code == 0


def test_preflight_says_that_a_test_point_needs_root(toy) -> None:
    toy.site.write_text(
        toy.site.read_text().replace("n[1-3],op[1-2],openssh", "n[1-3],plain1,op[1-2],openssh", 1)
    )
    under("n1", "groupmod -a -U op docker 2>/dev/null || usermod -aG docker op")
    said = toy.inv("perfsonar.up", "--host=plain1", "--json")
    (check,) = said.rows["plain1"]["checks"]
    assert (said.code, check["name"], check["wanted"]) == (4, "user", "root")
    assert check["remedy"] == "log in as root, or say `sudo: true` of this host in the site"
