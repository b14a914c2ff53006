"""The huge pages that tests set are given back, whatever ends them."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import hugepages

ROOT = Path(__file__).resolve().parents[1]
KILLED = """
import os, sys
from pathlib import Path
from tests.e2e import hugepages
hugepages.COUNT, hugepages.LOCK = map(Path, sys.argv[1:])
with hugepages.huge_pages(4096):
    os.kill(os.getpid(), 9)
"""


@pytest.fixture
def count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(hugepages, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(hugepages, "COUNT", tmp_path / "count")
    hugepages.COUNT.write_text("7\n")
    return hugepages.COUNT


def test_a_block_gives_back_what_it_found(count):
    with hugepages.huge_pages(4096):
        assert count.read_text() == "4096"
    assert count.read_text() == "7\n"


def test_the_next_one_gives_back_what_a_killed_one_had_found(count):
    subprocess.run([sys.executable, "-c", KILLED, count, hugepages.LOCK], cwd=ROOT, check=False)
    assert count.read_text() == "4096"
    with hugepages.huge_pages(4096):
        pass
    assert count.read_text() == "7\n"


def test_what_a_killed_one_had_found_is_given_back_once(count):
    subprocess.run([sys.executable, "-c", KILLED, count, hugepages.LOCK], cwd=ROOT, check=False)
    with hugepages.huge_pages(4096):
        pass
    count.write_text("9\n")
    with hugepages.huge_pages(4096):
        pass
    assert count.read_text() == "9\n"
