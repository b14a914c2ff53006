"""What others changed with something newer is told before something older undoes it."""

import time
from pathlib import Path

import pytest

from fairlead import __version__
from fairlead.model import operator
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Ask, Step
from fairlead.runner.revision import commit, has_commit
from tests.driver import Driver, row, states
from tests.runner.test_revision import git
from tests.runner.toys import made_files, makes

pytestmark = pytest.mark.slow


def committed(folder: Path, *words: str) -> str:
    git(folder, "commit", "-q", "--allow-empty", "-m", "more", *words)
    return read(folder)


def read(folder: Path) -> str:
    """The commit by now, which this process does not know from before."""
    commit.cache_clear()
    has_commit.cache_clear()
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def toy(driver: Driver) -> Driver:
    """A site in git, at its first commit; each commit makes a file of its own."""
    git(driver.folder, "init", "-q")
    committed(driver.folder)

    def up(ask: Ask) -> list[Step]:
        return makes(driver.folder, f"made-{ask.revision[:7]}")(ask)

    server = {"up": up, "restart": lambda ask: [Step(name="again", do=("true",))]}
    driver.system(server=server, other={"up": lambda ask: ()})
    return driver


def undo(folder: Path) -> str:
    git(folder, "reset", "-q", "--hard", "HEAD~1")
    return read(folder)


def test_whoever_has_the_others_commit_is_asked_nothing(toy: Driver) -> None:
    for _ in range(3):
        assert toy.perform("up").code == 0
        committed(toy.folder)
    assert toy.questions == []


def test_an_older_checkout_is_asked_once_before_it_undoes_anything(toy: Driver) -> None:
    newer = committed(toy.folder)
    toy.perform("up", hosts=("n[1-2]",))
    older = undo(toy.folder)
    toy.confirms = False
    before = made_files(toy.folder)
    result = toy.perform("up")
    assert (result.code, set(states(result).values())) == (2, {"failed"})
    assert made_files(toy.folder) == before
    (question,) = toy.questions
    theirs, ours = (f"fairlead {__version__} site {name[:12]}" for name in (newer, older))
    assert question == (
        f"n[1-2]: {operator.address()} did inv toy.up --host=n[1-2] on "
        f"{time.strftime('%Y-%m-%d', time.gmtime())} with {theirs}, which {ours} here does not have"
        ": get it first (git pull), or go on and perhaps undo it. Go on?"
    )
    toy.confirms = True
    assert toy.perform("up").code == 0
    assert len(toy.questions) == 2
    assert toy.perform("up").code == 0  # now the hosts are as this one says
    assert len(toy.questions) == 2


def test_a_commit_that_was_never_fetched_is_not_had(toy: Driver) -> None:
    newer = committed(toy.folder)
    toy.perform("up", hosts=("n1",))
    undo(toy.folder)
    for words in (("reflog", "expire", "--expire=now", "--all"), ("prune", "--expire=now")):
        git(toy.folder, *words)
    assert not has_commit(str(toy.folder / "test.yml"), newer)
    toy.confirms = False
    assert toy.perform("up").code == 2


@pytest.mark.parametrize("option", ["yes", "dry_run"])
def test_with_yes_and_in_a_dry_run_it_is_a_note(toy: Driver, option: str) -> None:
    newer = committed(toy.folder)
    toy.perform("up", hosts=("n1",))
    undo(toy.folder)
    result = toy.perform("up", **{option: True})
    assert (result.code, toy.questions) == (0, [])
    (note,) = result.notes
    assert (note[:4], newer[:12] in note) == ("n1: ", True)


def test_where_nothing_changes_nobody_is_asked(toy: Driver) -> None:
    toy.perform("up", hosts=("n1",))
    committed(toy.folder)
    toy.perform("restart", hosts=("n1",))  # makes nothing that the older commit would undo
    undo(toy.folder)
    toy.confirms = False
    result = toy.perform("up", hosts=("n1",))
    assert (result.code, result.notes, toy.questions) == (0, (), [])


@pytest.mark.parametrize("option", ["yes", "dry_run"])
def test_where_nothing_changes_there_is_no_note(toy: Driver, option: str) -> None:
    toy.perform("up", hosts=("n1",))
    committed(toy.folder)
    toy.perform("restart", hosts=("n1",))
    undo(toy.folder)
    assert toy.perform("up", hosts=("n1",), **{option: True}).notes == ()


def test_only_hosts_that_would_change_are_named(toy: Driver) -> None:
    toy.perform("up", hosts=("n1",))
    committed(toy.folder)
    toy.perform("restart", hosts=("n[1-2]",))
    undo(toy.folder)
    assert toy.perform("up").code == 0
    (question,) = toy.questions
    assert question.startswith("n2: ")


def test_whether_anything_changes_is_one_program_where_something_is_newer(toy: Driver) -> None:
    def cost() -> int:
        before = len(toy["n1"].asked)
        assert set(states(toy.perform("up", hosts=("n1",))).values()) == {"ok"}
        return len(toy["n1"].asked) - before

    toy.perform("up", hosts=("n1",))
    usual = cost()
    committed(toy.folder)
    toy.perform("restart", hosts=("n1",))
    undo(toy.folder)
    assert cost() == usual + 1
    assert cost() == usual


def test_where_nobody_can_be_asked_nothing_is_done(
    toy: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed(toy.folder)
    toy.perform("up", hosts=("n1",))
    undo(toy.folder)
    context = toy.context()

    def nobody(question: str, word: str) -> bool:
        raise CommandLineError("inv", f"there is no terminal to ask: {question}", "say --yes")

    context.confirm = nobody
    monkeypatch.setattr(toy, "context", lambda: context)
    result = toy.perform("up", hosts=("n[1-2]",))
    assert (result.code, row(result, "n2").error.endswith("; say --yes")) == (2, True)


def test_a_newer_fairlead_is_told_too(toy: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fairlead.runner.part.__version__", "99.0.1")
    toy.perform("up", hosts=("n1",))
    monkeypatch.undo()
    toy.perform("restart", hosts=("n1",))
    (question,) = toy.questions
    assert "with fairlead 99.0.1 site " in question


def test_without_git_nobody_is_asked(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver.perform("up")
    driver.perform("up")
    assert driver.questions == []
