"""Nobody reads what we print any more, or it has no room; and how we are told to end."""

import json
import os
import shutil
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

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@pytest.fixture
def box(ops: Path) -> Path:
    """An ops repository with a system whose exec runs a program on this machine."""
    box = Path(__file__).parent / "plugins" / "box"
    shutil.copytree(box, ops / "plugins" / "box", ignore=shutil.ignore_patterns("__pycache__"))
    (ops / "sites").mkdir(exist_ok=True)
    (ops / "sites" / "here.yml").write_text("hosts: {}\nbox: {hosts: local}\n")
    return ops


def started(*words: str | bytes, **streams: object) -> subprocess.Popen[bytes]:
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


@pytest.mark.parametrize("words", [("--list",), ("box.exec", "--json", "--", "echo")])
@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_without_a_stream_at_all_it_works_and_prints_nowhere(
    box: Path, words: tuple[str, ...], numbers: tuple[int, ...]
) -> None:
    def close() -> None:
        for number in numbers:
            os.close(number)

    inv = started(*words, stdout=subprocess.PIPE, stdin=subprocess.PIPE, preexec_fn=close)
    out, complaints = inv.communicate(timeout=60)
    assert (inv.returncode, complaints, bool(out)) == (0, b"", 1 not in numbers)


UTF8, LATIN, ASCII = "a UTF-8 locale", "a locale of Latin-1", "ASCII"


@pytest.fixture(params=[UTF8, LATIN, ASCII])
def locale(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch) -> str:
    """The locale under which we are called."""
    if request.param == UTF8:
        monkeypatch.setenv("LC_ALL", "C.UTF-8")
    elif request.param == ASCII:
        for name, value in (("LC_ALL", "C"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONUTF8", "0")):
            monkeypatch.setenv(name, value)
    else:
        if not shutil.which("localedef") or not Path("/usr/share/i18n/locales/de_DE").exists():
            pytest.skip("needs localedef and the sources of locales")
        words = ("localedef", "-i", "de_DE", "-f", "ISO-8859-1", tmp_path / "de_DE.ISO-8859-1")
        subprocess.run(words, check=True)
        monkeypatch.setenv("LOCPATH", str(tmp_path))
        monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    return str(request.param)


@pytest.mark.parametrize("name", [b"caf\xc3\xa9.log", b"caf\xe9.log"], ids=["UTF-8", "Latin-1"])
def test_a_word_arrives_as_it_was_typed(box: Path, locale: str, name: bytes) -> None:
    inv = started("box.exec", "--", "printf", "%s", name, stdout=subprocess.PIPE)
    assert inv.communicate(timeout=20) == (name, b"")


@pytest.mark.parametrize("name", [b"caf\xc3\xa9", b"caf\xe9"], ids=["UTF-8", "Latin-1"])
def test_what_a_flag_says_arrives_as_it_was_typed(box: Path, locale: str, name: bytes) -> None:
    """In a word of a step, and on its stdin; no line of ours ends in a traceback over it."""
    words = ("box.put", f"--folder={box}", b"--text=" + name, "--json", "--wait=1m")
    inv = started(*words, stdout=subprocess.PIPE)
    out, err = inv.communicate(timeout=60)
    assert (inv.returncode, b"Traceback" in err) == (0, False), err
    assert (box / "word").read_bytes() == (box / "stdin").read_bytes() == name
    assert json.loads(out)["hosts"][0]["state"] == "changed"


def test_a_mistake_with_an_umlaut_is_a_sentence(box: Path, locale: str) -> None:
    inv = started("box.exec", b"--host=caf\xc3\xa9", "--", "ls", stdout=subprocess.PIPE)
    assert (inv.communicate(timeout=20)[1][:17], inv.returncode) == (b"fairlead: --host:", 2)


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


def test_a_home_that_cannot_be_written_harms_no_run_of_a_chain(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    words = ("box.put", f"--folder={box}", "--text=1", "box.put", f"--folder={box}", "--text=2")
    inv = started(*words, stdout=subprocess.PIPE)
    _, complaints = inv.communicate(timeout=60)
    assert (inv.returncode, (box / "word").read_text()) == (0, "2")
    assert b"Traceback" not in complaints
    assert complaints.count(b" is not in inv runs.history (/proc/none: No such file or dir") == 2
    assert complaints.count(b" is not in inv runs.report (/proc/none: No such file or dir") == 2
