"""Nobody reads what we print any more, or it has no room; and how we are told to end."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fairlead.cli.program import ended_as_by_ctrl_c
from fairlead.model.plan import Fact
from tests.driver import Driver
from tests.machine import ends
from tests.runner.toys import leases_of, makes

ROOT = Path(__file__).parents[2]
BOX = '''"""A box."""

import msgspec

from fairlead.api import System


class Section(msgspec.Struct):
    """Where it is."""

    hosts: str = "local"


system = System(name="box", about="A box.", section=Section, components=("lid",))
'''
LID = '''"""A lid."""

from fairlead.api import Ask, Session, hookimpl


@hookimpl
def exec(ask: Ask) -> Session:
    """Run a program."""
    return Session(ask.argv)
'''


@pytest.fixture
def box(ops: Path) -> Path:
    """An ops repository with a system whose exec runs a program on this machine."""
    folder = ops / "plugins" / "box"
    folder.mkdir()
    (folder / "__init__.py").write_text(BOX)
    (folder / "lid.py").write_text(LID)
    (ops / "sites").mkdir(exist_ok=True)
    (ops / "sites" / "here.yml").write_text("hosts: {}\nbox: {hosts: local}\n")
    return ops


def started(*words: str, **streams: object) -> subprocess.Popen[bytes]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "FAIRLEAD_SITE": "here"}
    argv = [sys.executable, "-m", "fairlead", *words]
    return subprocess.Popen(argv, env=environment, **({"stderr": subprocess.PIPE} | streams))


def test_where_the_reader_has_gone_the_program_ends_and_we_with_141(box: Path) -> None:
    program = ("sh", "-c", "echo $$; exec yes")
    inv = started("box.exec", "--", *program, stdout=subprocess.PIPE)
    number = int(inv.stdout.readline())
    inv.stdout.close()
    assert (inv.wait(20), inv.stderr.read()) == (141, b"")
    assert ends(number)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--list",), "output: cannot be written (No space left on device); make room"),
        (("box.exec", "--help"), "output: cannot be written (No space left on device); make room"),
        (
            ("box.exec", "--", "yes"),
            "local: failed: output: cannot be written (No space left on device);"
            " make room; the run is known: inv runs.list --all",
        ),
        (
            ("box.exec", "--json", "--", "echo"),
            "fairlead: output: cannot be written (No space left on device);"
            " make room; the run is known: inv runs.list --all",
        ),
    ],
)
def test_output_without_room_is_a_sentence(
    box: Path, words: tuple[str, ...], sentence: str
) -> None:
    with Path("/dev/full").open("wb") as full:
        inv = started(*words, stdout=full)
        _, complaint = inv.communicate(timeout=20)
    assert (inv.returncode, complaint.decode().strip().removeprefix("fairlead: ")) == (
        1,
        sentence.removeprefix("fairlead: "),
    )


def test_a_word_that_is_no_utf_8_arrives_as_it_was_typed(box: Path) -> None:
    inv = started("box.exec", "--", "printf", "%s", b"caf\xe9.log", stdout=subprocess.PIPE)
    assert inv.communicate(timeout=20)[0] == b"caf\xe9.log"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_lease_is_given_back_as_by_ctrl_c(driver: Driver, number: int) -> None:
    slow = [Fact("slow", ("sleep", "10"), str)]
    driver.system(hosts="n1", server={"up": makes(driver.folder), "facts": lambda ask: slow})
    timer = threading.Timer(1, os.kill, (os.getpid(), number))
    timer.start()
    with ended_as_by_ctrl_c(), pytest.raises(KeyboardInterrupt):
        driver.perform("up")
    assert (leases_of(driver)["n1"], driver["n1"].state.exists()) == ([], True)
    assert signal.getsignal(number) is signal.SIG_DFL
