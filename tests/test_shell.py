"""Every .sh file: shellcheck has nothing to say, and each shell that hosts have can read it."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.machine import SHELLS

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(
    path for folder in ("fairlead", "plugins", "tests") for path in (ROOT / folder).rglob("*.sh")
)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="needs shellcheck")
@pytest.mark.parametrize("path", FILES, ids=name)
def test_shellcheck_has_nothing_to_say(path: Path) -> None:
    words = ["shellcheck", "-x", "-P", "SCRIPTDIR", "-s", "sh", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_can_read_them(shell: str) -> None:
    command = [shell, *["sh"] * (shell == "busybox"), "-n"]
    for path in FILES:
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, check=False)
        assert (name(path), done.stderr, done.returncode) == (name(path), "", 0)
