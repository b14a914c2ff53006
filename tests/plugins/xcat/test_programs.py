"""The programs that xCAT's verbs run on a host and inside, in each shell that hosts have."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.operations import script
from tests.machine import SHELLS

PLUGIN = Path(__file__).parents[3] / "plugins/xcat"
ENGINE = Path(__file__).parent / "shell/engine.sh"

sh = script.beside(str(PLUGIN / "logins.py"))
Run = Callable[..., tuple[int, str]]


@pytest.fixture(params=SHELLS)
def run(request: pytest.FixtureRequest) -> Run:
    """Exit code and stdout of a program, given its name, words and stdin."""
    command = [SHELLS[request.param], *["sh"] * (request.param == "busybox")]

    def run(name: str, *words: str, stdin: str = "", text: str = "") -> tuple[int, str]:
        program = text or sh.text(name)
        done = subprocess.run(
            [*command, "-c", program, name, *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run


@pytest.fixture
def engine(tmp_path: Path) -> str:
    """An engine whose `exec CONTAINER COMMAND` runs the command here, with its paths below a
    folder."""
    program = tmp_path / "engine"
    program.write_bytes(ENGINE.read_bytes())
    program.chmod(0o755)
    return str(program)


def test_keys_are_added_once_and_none_is_taken_away(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "root/.ssh/authorized_keys"
    keys = ("ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two")
    assert run("keys_are_in", file, keys[0]) == (1, "")
    assert run("add_keys", file, keys[0]) == (0, "")
    file.write_text(f"theirs\n{file.read_text()}")
    assert run("keys_are_in", file, *keys) == (1, "")
    assert run("add_keys", file, *keys) == (0, "")
    assert run("keys_are_in", file, *keys) == (0, "")
    assert file.read_text().splitlines() == ["theirs", *keys]
    assert (tmp_path / "root/.ssh/authorized_keys.before").read_text() == f"theirs\n{keys[0]}\n"


def test_the_password_is_asked_for_by_its_own_salt(run: Run, engine: str, tmp_path: Path) -> None:
    (tmp_path / "shadow").write_text("root:*:19700:0:99999:7:::\n")
    assert run("password_is", engine, "xcatmn", stdin="a b$c\n")[0] == 1
    assert run("set_password", engine, "xcatmn", stdin="a b$c\n")[0] == 0
    assert (tmp_path / "shadow").read_text().startswith("root:$6$")
    assert run("password_is", engine, "xcatmn", stdin="a b$c\n")[0] == 0
    assert run("password_is", engine, "xcatmn", stdin="another\n")[0] == 1
    assert run("password_is", "false", "xcatmn", stdin="a b$c\n")[0] == 2


def test_a_row_of_the_passwd_table_has_to_be_there_whole(
    run: Run, engine: str, tmp_path: Path
) -> None:
    row, other = '"system","root","a*b",,,,\n', '"ipmi","ADMIN","x",,,,\n'
    (tmp_path / "passwd").write_text(f"#key,username\n{row}")
    assert run("rows_are_in", engine, "xcatmn", stdin=row)[0] == 0
    assert run("rows_are_in", engine, "xcatmn", stdin=row + other)[0] == 1
    assert run("rows_are_in", engine, "xcatmn", stdin='"system","root","ab",,,,\n')[0] == 1
    assert run("rows_are_in", "false", "xcatmn", stdin=row)[0] == 2


def test_the_loop_devices_of_the_host_are_given_to_the_program_inside(
    run: Run, engine: str
) -> None:
    there = [number for number in range(3) if Path(f"/dev/loop{number}").is_block_device()]
    words = "".join(f" {number}" for number in there)
    assert run("with_loops", engine, "xcatmn", "3", 'echo "$0 $*"') == (0, f"loops{words}\n")
    assert run("with_loops", engine, "xcatmn", "3", "exit 7")[0] == 7


def test_the_missing_loop_devices_are_named(run: Run) -> None:
    code, text = run("loop_devices", "300")
    missing = [n for n in range(300) if not Path(f"/dev/loop{n}").is_block_device()]
    assert (code, [int(word) for word in text.split() if word != "free"]) == (0, missing)


def test_the_master_is_a_row_of_the_site_table(run: Run) -> None:
    table = ("printf", '"domain","x",,\n"master","10.5.106.1",,\n')
    assert run("master_is", "10.5.106.1", *table)[0] == 0
    assert run("master_is", "10.5.106.10", *table)[0] == 1
    assert run("master_is", "10.5.106.1", "false")[0] == 2


def test_sshd_s_answer_to_root_is_written_once_and_put_back(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "sshd_config"
    before = "Port 22\npermitrootlogin no\nPermitRootLogin yes\n"
    config.write_text(before)

    def on(name: str, *words: str) -> int:
        text = sh.text(name).replace("/etc/ssh/sshd_config", str(config))
        return run(name, *words, text=text.replace("service ssh restart", "true"))[0]

    assert on("permits_root", "yes") == 1
    assert on("permit_root", "yes") == 0
    assert config.read_text() == "PermitRootLogin yes\nPort 22\n"
    assert (on("permits_root", "yes"), on("permits_root", "no")) == (0, 1)
    assert (on("permit_root_back"), config.read_text()) == (0, before)
    assert on("permit_root_back") == 0
