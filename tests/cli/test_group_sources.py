"""A source's answer does for a while; what has changed is said; what fails is no empty group."""

import json
import os
import time
from pathlib import Path

import pytest

from fairlead.cli import group_sources
from fairlead.cli.group_sources import GroupSources
from fairlead.contract import loader
from fairlead.inventory import site
from fairlead.model.errors import SiteError

ROOT = Path(__file__).parents[2]
SITE = """
hosts: {"n[1-9]": {}}
sources: {racks: {from: command, argv: [./racks], cache: 60, timeout: 5}}
"""


class Facility:
    """A site whose racks a program beside it prints; `told`: the sentences on changes."""

    def __init__(self, folder: Path):
        self.folder, self.sentences = folder, []
        self.plugins = loader.load([ROOT / "plugins"], entry_points=False)
        (folder / "s.yml").write_text(SITE)

    def prints(self, *lines: str, code: int = 0) -> None:
        words = "".join(f"echo '{line}'\n" for line in lines)
        program = self.folder / "racks"
        program.write_text(f"#!/bin/sh\necho asked >>{self.folder}/asked\n{words}exit {code}\n")
        program.chmod(0o755)

    def hosts(self, text: str) -> tuple[str, ...]:
        """Of another command line each time."""
        asker = GroupSources(self.plugins, self.sentences.append)
        return site.load(self.folder / "s.yml", {}, {}, asker).resolve(text)

    @property
    def questions(self) -> int:
        path = self.folder / "asked"
        return path.read_text().count("asked") if path.exists() else 0

    @property
    def cache(self) -> Path:
        (path,) = (self.folder / "cache" / "fairlead" / "groups").iterdir()
        return path

    def age(self, seconds: float) -> None:
        """Make the answers so much older."""
        memory = json.loads(self.cache.read_text())
        for answers in memory.values():
            for answer in answers.values():
                answer["date"] -= seconds
        self.cache.write_text(json.dumps(memory))


@pytest.fixture
def facility(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    facility = Facility(tmp_path)
    facility.prints("r1: n[1-3]", "r2: n4,@r1")
    return facility


def test_an_answer_does_for_a_while(facility):
    assert facility.hosts("@racks:r1") == ("n1", "n2", "n3")
    assert facility.hosts("@racks:r2") == ("n1", "n2", "n3", "n4")
    assert facility.questions == 1
    facility.age(61)
    facility.hosts("@racks:r1")
    assert facility.questions == 2


def test_what_has_changed_since_it_was_used_is_said_once(facility):
    facility.hosts("@racks:r1")
    facility.prints("r1: n[2-5]", "r2: n9")
    facility.age(61)
    before = json.loads(facility.cache.read_text())["used"]["r1"]["date"]
    assert facility.hosts("@racks:r1") == ("n2", "n3", "n4", "n5")
    date = time.strftime("%Y-%m-%d %H:%M", time.localtime(before))
    assert facility.sentences == [f"@racks:r1 has changed since {date}: + n[4-5], - n1"]
    facility.hosts("@racks:r1")
    facility.hosts("@racks:r2")  # was never used before
    assert len(facility.sentences) == 1


FAILURES = {
    "it fails": ((["r1: n1"], 3), "is not known: ./racks ended with 3"),
    "it prints nothing": (([], 0), "racks has no group 'r1' with hosts; known: "),
    "the group is empty": ((["r1:", "r2: n1"], 0), "racks has no group 'r1' with hosts"),
    "what it prints is no line": ((["no"], 0), "is not known: ./racks:1 'no' is no line"),
    "a host is not the site's": ((["r1: x1"], 0), "names x1, which the site does not have"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_source_that_fails_is_said_and_its_old_answer_is_not_taken(facility, case):
    facility.hosts("@racks:r1")
    facility.age(61)
    (lines, code), words = FAILURES[case]
    facility.prints(*lines, code=code)
    with pytest.raises(SiteError) as refused:
        facility.hosts("@racks:r1")
    text = str(refused.value).replace(f"{facility.folder}/", "./")
    assert text.startswith(f"@racks:r1: {words}")


def test_a_source_that_hangs_is_ended(facility):
    (facility.folder / "s.yml").write_text(SITE.replace("timeout: 5", "timeout: 0.2"))
    facility.prints("r1: n1")
    (facility.folder / "racks").write_text("#!/bin/sh\nsleep 30\n")
    began = time.monotonic()
    with pytest.raises(SiteError, match=r"has not answered in 0\.2 s"):
        facility.hosts("@racks:r1")
    assert time.monotonic() - began < 15


def test_a_cache_that_others_can_write_is_not_believed(facility):
    facility.hosts("@racks:r1")
    facility.cache.chmod(0o666)
    facility.hosts("@racks:r1")
    assert facility.questions == 2
    assert facility.cache.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"answers": {"r1": 3}}'])
def test_a_cache_that_is_torn_is_none(facility, text):
    facility.hosts("@racks:r1")
    facility.cache.write_text(text)
    assert facility.hosts("@racks:r1") == ("n1", "n2", "n3")


def test_without_a_cache_it_is_asked_each_time(facility, monkeypatch):
    (facility.folder / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(facility.folder / "file"))
    facility.hosts("@racks:r1")
    facility.hosts("@racks:r1")
    assert facility.questions == 2


def test_other_settings_are_another_answer(facility):
    facility.hosts("@racks:r1")
    (facility.folder / "s.yml").write_text(SITE.replace("cache: 60", "cache: 50"))
    facility.hosts("@racks:r1")
    assert facility.questions == 2


def test_what_is_remembered_is_offered_at_tab(facility):
    facility.hosts("@racks:r1")
    asker = GroupSources(facility.plugins)
    pier = site.load(facility.folder / "s.yml", {}, {}, asker)
    assert list(group_sources.remembered(pier)) == ["racks:r1", "racks:r2"]
    assert os.path.isabs(pier.sources["racks"].settings.argv[0])
