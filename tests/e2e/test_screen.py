"""What a person sees, on a real terminal (tmux): live rows while hosts work, one table after them,
and nothing left over.
"""

import re
import shlex
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.e2e.ground import NAME, clear, containers, sh, under
from tests.e2e.inv import NUMBER, REPOSITORY, environment, words
from tests.e2e.test_perfsonar import DOCUMENT

SIZES = {"small": (80, 24), "large": (120, 40)}
NEEDED = ("FAIRLEAD_HOME", "FAIRLEAD_SITE", "FAIRLEAD_LAB_NUMBER", "PYTHONPATH", "PATH", "HOME")
ENDED = re.compile(r"^\[exit (\d+) of (\d+)\]$", re.M)


class Screen:
    """A terminal of `columns` x `rows` in which command lines are typed."""

    def __init__(self, columns: int, rows: int):
        self._tmux = ("tmux", "-L", f"fairlead-{NUMBER}", "-f", "/dev/null")
        settings = [f"{name}={value}" for name, value in environment().items() if name in NEEDED]
        size = ("-x", str(columns), "-y", str(rows), "-c", str(REPOSITORY))
        self._do(
            "new-session",
            "-d",
            *size,
            "env",
            "-i",
            *settings,
            "TERM=screen",
            "LANG=C.UTF-8",
            "PS1=$ ",
            "sh",
        )

    def _do(self, *argv: str) -> str:
        return subprocess.run(
            [*self._tmux, *argv], capture_output=True, text=True, check=True, timeout=10
        ).stdout

    def close(self) -> None:
        self._do("kill-server")

    def now(self) -> str:
        """The lines on the screen, without what is blank at their ends."""
        return "\n".join(
            line.rstrip() for line in self._do("capture-pane", "-p").splitlines()
        ).rstrip()

    turn = 0  # which command it is: the screen may still show how the one before ended

    def type(self, *argv: str) -> None:
        self.turn += 1
        self._do(
            "send-keys", "-l", f'clear; {shlex.join(words(*argv))}; echo "[exit $? of {self.turn}]"'
        )
        self._do("send-keys", "Enter")

    def watch(self, *argv: str, seconds: float = 60) -> tuple[list[str], str, int]:
        """Type `inv ARGV`; what was seen while it worked, what is there at its end, its exit
        code.
        """
        self.type(*argv)
        seen, until = list[str](), time.monotonic() + seconds
        while not (ended := ENDED.search(now := self.now())) or int(ended[2]) != self.turn:
            assert time.monotonic() < until, now
            seen.append(now)
            time.sleep(0.1)
        return seen, now[: ended.start()].rstrip(), int(ended[1])

    def shows(self, pattern: str | re.Pattern[str], seconds: float = 20) -> None:
        """Wait until it does."""
        until = time.monotonic() + seconds
        while not re.search(pattern, now := self.now(), re.M if isinstance(pattern, str) else 0):
            assert time.monotonic() < until, now
            time.sleep(0.1)

    def interrupt(self) -> None:
        self._do("send-keys", "C-c")

    def cursor_is_seen(self) -> bool:
        return self._do("display-message", "-p", "#{cursor_flag}").strip() == "1"


@pytest.fixture
def screens(lab) -> Iterator[type[Screen]]:
    opened = []

    def screen(size: str) -> Screen:
        opened.append(Screen(*SIZES[size]))
        return opened[-1]

    yield screen
    for one in opened:
        one.close()


def test_each_host_has_a_row_while_it_works_and_one_table_is_left(bare, screens) -> None:
    screen = screens("small")
    seen, left, code = screen.watch("perfsonar.up")
    assert (code, left) == (0, "n[1-3]  changed  image, state, container")
    rows = [
        re.findall(r"^(n[123]) +\d+ s +\d/4  (?:image|state|container|healthy)", picture, re.M)
        for picture in seen
    ]
    assert ["n1", "n2", "n3"] in rows
    assert screen.cursor_is_seen()
    assert screen.watch("perfsonar.up")[1:] == ("ok, nothing changed (n[1-3])", 0)


@pytest.mark.parametrize("size", SIZES)
def test_a_status_fits(running, screens, size) -> None:
    _, left, code = screens(size).watch("perfsonar.status")
    lines = left.splitlines()
    assert (code, max(map(len, lines)) <= SIZES[size][0], len(lines) < SIZES[size][1]) == (
        0,
        True,
        True,
    )
    assert re.search(r"^digest +sha256:[0-9a-f]{12}\b(?![0-9a-f])", left, re.M)
    assert [line for line in lines if line.startswith("hosts")] == (
        ["hosts   n[1-2]", "hosts   n3"] if size == "small" else [lines[0]]
    )


def test_what_blocks_stands_last_with_its_remedy(running, screens) -> None:
    under("n1", 'docker rm -f "$1"; touch /etc/lab-unsynchronised', NAME)
    try:
        _, left, code = screens("large").watch("perfsonar.preflight")
    finally:
        under("n1", "rm /etc/lab-unsynchronised")
    words = " ".join(left.split())
    last = words[words.rindex("n1 time blocks") : words.rindex(",")]
    assert (code, last) == (
        4,
        "n1 time blocks found chrony, not synchronised, off by 0.012 ms, wanted chrony, "
        "ntpd or timesyncd, synchronised "
        "one-way delays are measured against this clock; the container cannot set it "
        "remedy: give it a time server that it reaches (chronyc sources) "
        "perfsonar.preflight: exit 4",
    )


def test_ctrl_c_leaves_a_sentence_and_the_host_goes_on(cleared, screens) -> None:
    under("n1", DOCUMENT["supervisord"]["run"])
    screen = screens("small")
    screen.type("perfsonar.up", "--host=n1")
    screen.shows(r"^n1 .* \d+/\d+ ")
    screen.interrupt()
    screen.shows(ENDED)
    assert "interrupted; hosts finish what they began; see which: inv runs.list" in screen.now()
    assert screen.cursor_is_seen()
    under("n1", sh.text("both_stand"), NAME)
    assert containers("n1") == {NAME: "running", f"{NAME}.previous": "exited"}
    clear("n1")
