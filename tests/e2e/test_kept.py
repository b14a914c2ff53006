"""Kept connections (FAIRLEAD_KEEP), with hosts that are real: counted in the logs of their sshd."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ground import under
from tests.e2e.inv import NETWORK, ROOT, Said, inv
from tests.e2e.ops import ENOUGH, Repository, Running
from tests.e2e.test_sudo import PASSWORD, secret

LOG = "/var/log/sshd.log"
CONNECTIONS = 'grep -c "Connection from" "$1"'
CUT = 'pkill -9 -f "^sshd: .*(@notty|\\[priv\\])"; sleep 0.5'  # every connection, not the server


class Keeper(Repository):
    """A repository whose owner keeps his connections, in a folder of his session."""

    session = ""

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"FAIRLEAD_KEEP": "60", "XDG_RUNTIME_DIR": self.session}

    def up(self, host: str = "n1", **more: str) -> None:
        said = self.inv("toy.up", f"--host={host}", **more)
        assert said.code == 0, said.err

    def refused(self, host: str = "n1", **more: str) -> Said:
        said = self.inv("toy.up", f"--host={host}", "--json", **more)
        assert said.code, said.out
        return said


@pytest.fixture
def ops(lab, tmp_path) -> Iterator[Keeper]:
    keeper = Keeper(tmp_path)
    keeper.session = tempfile.mkdtemp(prefix="fl-test-")
    for host in ("n1", "n2"):
        under(host, "rm -f /var/tmp/toy*")
    yield keeper
    keeper.inv("toy.down", "--host=n[1-2]")
    keeper.inv("hosts.close")
    shutil.rmtree(keeper.session)


def connections(host: str = "n1") -> int:
    return int(under(host, CONNECTIONS, LOG))


def test_the_second_command_line_opens_no_connection(ops) -> None:
    before = connections()
    ops.up()
    assert connections() - before == 1
    for verb in ("toy.up", "toy.status", "toy.up"):
        assert ops.inv(verb, "--host=n1").code == 0
    assert connections() - before == 1


def test_without_the_wish_every_command_line_opens_its_own(ops) -> None:
    before = connections()
    for _ in range(2):
        ops.up(FAIRLEAD_KEEP="0")
    assert connections() - before == 2
    assert not list(Path(ops.session).iterdir())


def test_the_site_may_wish_it_too(ops) -> None:
    text = f"ssh: {{config: {ROOT}/ssh_config, known_hosts: {ROOT}/known_hosts, keep: 60}}\n"
    ops.site.write_text(ops.site.read_text() + text)
    before = connections()
    for _ in range(2):
        ops.up(FAIRLEAD_KEEP="")
    assert connections() - before == 1


@pytest.mark.parametrize("host", ["openssh1", "far2", "openfar2", "op1"])
def test_whatever_the_way_and_the_user(ops, host) -> None:
    number = f"n{host[-1]}"
    ops.up(host)
    before = connections(number)
    ops.up(host)
    assert connections(number) == before


def test_a_password_of_sudo_is_given_each_time_and_lies_nowhere(ops, tmp_path) -> None:
    before = connections()
    for _ in range(2):
        ops.up("opw1", **secret(tmp_path, PASSWORD))
    assert connections() - before == 1
    assert ops.refused("opw1", **secret(tmp_path, "wrong")).code == 7
    notes = [path for path in Path(ops.session).rglob("*") if path.is_file()]
    assert all(PASSWORD not in note.read_text() for note in notes)


def test_the_check_of_hosts_and_the_dead_mans_switch_want_a_connection_of_their_own(ops) -> None:
    ops.up()
    before = connections()
    said = ops.inv("toy.harmless", "--host=n1", "--json")
    assert said.steps("n1")["harmless"] == "changed", said.err
    assert connections() - before == 1
    assert ops.inv("hosts.check", "--host=n1").code == 0
    assert connections() - before == 2


def test_a_step_that_cuts_the_kept_link_is_taken_back_in_time(ops) -> None:
    ops.up()
    said = ops.inv("toy.cut", "--host=n1", "--json")
    assert said.rows["n1"]["error"] == (
        "n1: cut: no new connection arrived within 6 s; what was begun is undone"
    )
    assert ops.inv("toy.up", "--host=n1").code == 0


def test_a_revoked_key_is_refused_though_its_connection_is_kept(ops) -> None:
    known = ops.folder / "known"
    known.write_text((ROOT / "known_hosts").read_text())
    text = f"ssh: {{config: {ROOT}/ssh_config, known_hosts: {known}}}\n"
    ops.site.write_text(ops.site.read_text() + text)
    ops.up()
    key = next(line for line in known.read_text().splitlines() if f"{NETWORK}.1" in line)
    known.write_text(known.read_text() + f"@revoked {key}\n")
    said = ops.refused()
    assert (said.code, "is revoked in" in said.rows["n1"]["error"]) == (5, True)


def test_connections_that_ended_meanwhile_are_opened_anew(ops) -> None:
    ops.up()
    under("n1", CUT)
    before = connections()
    ops.up()
    assert connections() - before == 1


def test_a_host_that_was_rebooted_is_reached_anew(ops) -> None:
    """Nobody has told us: the old link is silent."""
    ops.up("n2")
    for state in ("off", "on"):
        assert inv("lab.power", "--host=n2", f"--state={state}", timeout=240).code == 0
    ops.up("n2")


def begun(ops: Keeper) -> Running:
    """A run that works on n1 until ENOUGH."""
    running = ops.start("toy.slow", "--host=n1", "--seconds=60")
    return running.until("toy: mark: changed")


def test_a_link_that_is_cut_in_the_middle_is_followed_over_another(ops) -> None:
    ops.inv("toy.status", "--host=n1")
    before = connections()
    running = begun(ops)
    assert connections() == before
    under("n1", CUT)
    under("n1", ENOUGH)
    said = running.end(60)
    assert said.code == 0, said.err
    assert connections() - before == 1
    assert (ops.inv("toy.status", "--host=n1").code, connections() - before) == (0, 1)


def test_two_at_once_share_it(ops) -> None:
    before = connections()
    running = begun(ops)
    assert ops.inv("runs.list", "--host=n1").code == 0
    assert connections() - before == 1
    under("n1", ENOUGH)
    assert running.end(60).code == 0


def test_ctrl_c_ends_what_was_begun_and_leaves_the_connection(ops) -> None:
    before = connections()
    assert begun(ops).interrupt().code == 130
    under("n1", ENOUGH)
    assert ops.inv("runs.follow", "--host=n1").code == 0
    assert connections() - before == 1


def test_close_ends_them_and_says_which_there_were(ops) -> None:
    ops.up("n[1-2]")
    there = ops.inv("hosts.close", "--dry-run")
    assert there.out.splitlines() == [
        "host  user  address    port  state",
        f"n1    root  {NETWORK}.1  22    would be closed",
        f"n2    root  {NETWORK}.2  22    would be closed",
    ]
    rows = ops.inv("hosts.close", "--host=n1", "--json")
    row = {"host": "n1", "user": "root", "address": f"{NETWORK}.1", "port": 22, "state": "closed"}
    assert (rows.code, rows.json) == (0, {"close": [row]})
    assert under("n1", 'pgrep -f "^sshd: .*@notty"') == ""
    before = connections(), connections("n2")
    ops.up("n[1-2]")
    assert (connections() - before[0], connections("n2") - before[1]) == (1, 0)
    assert ops.inv("hosts.close").code == 0
    none = ops.inv("hosts.close")
    assert (none.code, none.out) == (0, "no connection is kept\n")
    assert not list(Path(ops.session, "fairlead").iterdir())


def test_a_folder_that_is_open_to_others_is_refused_with_the_remedy(ops) -> None:
    folder = Path(ops.session, "fairlead")
    folder.mkdir()
    folder.chmod(0o770)
    said = ops.refused()
    assert said.code == 3
    assert f"{folder}: no connection is kept there: it is open to others" in said.out + said.err
    assert f"chmod 700 {folder}, or do without: FAIRLEAD_KEEP=0" in said.out + said.err
    folder.chmod(0o700)
    ops.up()
