"""Groups that a run has made, in the node sets of an operator."""

from pathlib import Path

import pytest

from fairlead.inventory import site
from fairlead.inventory.run_groups import names_runs
from fairlead.model.errors import CommandLineError, SiteError

SITE = 'hosts: {"n[1-4]": {}}\ngroups: {io: n1, changed: n4}\n'


class Journal:
    """Knows what a run has made; remembers what it was asked."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, str]] = []

    def hosts(self, group: str, run: str) -> tuple[str, ...]:
        self.questions.append((group, run))
        return ("n1", "n3")


def load(folder: Path, journal: Journal, text: str = SITE) -> site.Site:
    (folder / "s.yml").write_text(text)
    return site.load(folder / "s.yml", {}).with_runs(journal.hosts)


def test_an_operator_names_the_hosts_of_a_run(tmp_path: Path) -> None:
    journal = Journal()
    pier = load(tmp_path, journal)
    assert pier.resolve("@failed") == ("n1", "n3")
    assert pier.resolve("@all!@unreachable") == ("n2", "n4")
    assert pier.resolve("@failed:20260101T000000-abc&@io") == ("n1",)
    assert journal.questions == [
        ("failed", ""),
        ("unreachable", ""),
        ("failed", "20260101T000000-abc"),
    ]


def test_a_run_is_looked_up_once_for_a_command_line(tmp_path: Path) -> None:
    journal = Journal()
    pier = load(tmp_path, journal)
    assert pier.resolve("@failed") == pier.resolve("@failed")
    assert journal.questions == [("failed", "")]


def test_a_group_of_the_site_of_that_name_wins(tmp_path: Path) -> None:
    journal = Journal()
    pier = load(tmp_path, journal)
    assert (pier.resolve("@changed"), journal.questions) == (("n4",), [])
    assert pier.resolve("@changed:r1") == ("n1", "n3")


def test_a_site_file_knows_of_no_runs(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="no such group '@failed'; groups: @io, @changed"):
        load(tmp_path, Journal(), f"{SITE}offline: '@failed'\n")


def test_only_the_groups_of_the_site_are_listed_in_errors(tmp_path: Path) -> None:
    pier = load(tmp_path, Journal())
    pier.resolve("@failed")
    with pytest.raises(CommandLineError, match=r"no such group '@x'; groups: @io, @changed$"):
        pier.resolve("@x")


def test_what_is_written_down_are_the_hosts_and_not_the_word(tmp_path: Path) -> None:
    pier = load(tmp_path, Journal())
    assert pier.without_runs(("n[1-2]!@failed", "@io")) == ("n2", "@io")
    assert [names_runs(text) for text in ("@failed:r", "@failedish", "n1")] == [True, False, False]
