"""docs/ten-minutes.txt, typed by somebody new at a terminal: from an empty folder and the wheel to
a test point that was started by hand and is upgraded by fairlead. Timed, line by line.

hosts.ini, which the page presupposes, names the lab's hosts.
"""

import os
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from release import package
from tests.e2e.ground import NAME, REMOTE, containers, publish, remotes, sh, under, version
from tests.e2e.inv import NETWORK, REPOSITORY, ROOT
from tests.e2e.terminal import Screen
from tests.e2e.test_bad_input import fingerprint
from tests.release import ways

pytestmark = pytest.mark.long

PAGE = REPOSITORY / "docs" / "ten-minutes.txt"
HALF = 300  # seconds: half of ten minutes is for reading
HOSTS_INI = f"""\
[perfsonar]
ps1 ansible_host={NETWORK}.1
ps2 ansible_host={NETWORK}.2

[perfsonar:vars]
ansible_user=root
ansible_ssh_private_key_file={ROOT}/key
"""
HOSTS = {"ps1": "n1", "ps2": "n2"}
MEANWHILE: Mapping[str, Callable[[], None]] = {
    "./inv perfsonar.upgrade": lambda: publish("5.1.0"),
}
BY_HAND = "docker run -d --name perfsonar-testpoint --net=host perfsonar/testpoint"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


class Newcomer:
    """Types lines in a shell, each in the folder that the one before left."""

    def __init__(self, home: Path, wheels: Path):
        self.folder, self._home = home, home
        links = f"{os.environ.get('PIP_FIND_LINKS', '')} {wheels}"
        path = f"{sys.base_prefix}/bin:{ways.PATH}"  # its python3 can make environments
        self._env = ways.Account(home).environment(PATH=path, PIP_FIND_LINKS=links)

    def types(self, line: str, answers: Mapping[str, str]) -> tuple[int, str]:
        """Its exit code, and what stood on the screen. `answers`: each question has its own."""
        place = self._home / "place"
        shell = ("bash", "-c", f"{line}\ncode=$?\npwd >{shlex.quote(str(place))}\nexit $code")
        with Screen(shell, self.folder, self._env, columns=100) as screen:
            for question, answer in answers.items():
                screen.waits_for(question, timeout=60)
                screen.type(f"{answer}\n")
            code = screen.ended(timeout=HALF)
            self.folder = Path(place.read_text().strip())
            return code, ESCAPES.sub("", screen.all)


def steps() -> Iterator[tuple[str, int]]:
    """(a line of the page, the exit code that it says)."""
    for line in PAGE.read_text("utf-8").splitlines():
        command, _, code = line.partition("  # exit ")
        if command and not command.startswith("#"):
            yield command, int(code or 0)


def answers_of(line: str) -> Mapping[str, str]:
    """The fingerprints that the hosts' consoles show, which hosts.trust wants typed."""
    if "hosts.trust" not in line:
        return {}
    return {rf"{ours} .*Type \S+": fingerprint(host) for ours, host in HOSTS.items()}


@pytest.fixture
def by_hand(bare: None) -> None:
    under("n1", BY_HAND)
    under("n1", sh.text("test_point_answers"), "docker", NAME, REMOTE)


def test_from_an_empty_folder_to_an_upgrade_it_takes_five_minutes(
    by_hand: None, tmp_path: Path
) -> None:
    wheel, _ = package.build(tmp_path / "dist")
    home = tmp_path / "home"
    home.mkdir()
    (home / "hosts.ini").write_text(HOSTS_INI)
    newcomer, total = Newcomer(home, wheel.parent), 0.0
    for line, expected in steps():
        MEANWHILE.get(line, lambda: None)()
        began = time.monotonic()
        code, seen = newcomer.types(line, answers_of(line))
        seconds = time.monotonic() - began
        total += seconds
        print(f"{seconds:6.1f} s  $ {line}\n{seen}")
        assert code == expected, f"{line} ended with {code}"
    print(f"{total:6.1f} s  in all")
    assert containers("n1")[NAME] == "running"
    assert (version("n1"), remotes("n1")) == ("5.1.0", REMOTE)
    assert containers("n2") == {}
    assert total < HALF
