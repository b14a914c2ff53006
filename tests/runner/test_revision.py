"""The commit that a site's folder stands at, as git itself tells it."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Status
from fairlead.runner.revision import commit
from tests.driver import Driver


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    return subprocess.run(
        ["git", *who, *words], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_branch_packed_references_a_detached_head_and_a_worktree(tmp_path: Path) -> None:
    site = tmp_path / "ops/sites/a.yml"
    site.parent.mkdir(parents=True)
    assert commit(str(site)) == ""
    git(tmp_path / "ops", "init", "-q", "-b", "main")
    commit.cache_clear()
    assert commit(str(site)) == ""  # no commit yet
    git(tmp_path / "ops", "commit", "-q", "--allow-empty", "-m", "one")
    for change in (
        ("pack-refs", "--all"),
        ("checkout", "-q", "--detach"),
        ("worktree", "add", "-q", "-b", "side", str(tmp_path / "beside")),
    ):
        commit.cache_clear()
        assert commit(str(site)) == git(tmp_path / "ops", "rev-parse", "HEAD")
        git(tmp_path / "ops", *change)
    git(tmp_path / "beside", "commit", "-q", "--allow-empty", "-m", "two")
    assert commit(str(tmp_path / "beside/site.yml")) == git(
        tmp_path / "beside", "rev-parse", "HEAD"
    )


def a_repository(folder: Path) -> Path:
    """A file in a repository with one commit; the file need not exist."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "one")
    commit.cache_clear()
    return folder / "site.yml"


def test_a_submodule_has_its_own(tmp_path: Path) -> None:
    inner = a_repository(tmp_path / "inner").parent
    outer = a_repository(tmp_path / "outer").parent
    add = ("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sites")
    git(outer, *add)
    git(outer, "commit", "-q", "-m", "two")
    assert commit(str(outer / "sites/a.yml")) == git(inner, "rev-parse", "HEAD")


def test_no_file_is_no_commit() -> None:
    assert commit("") == ""


def test_without_git_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = a_repository(tmp_path / "ops")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert commit(str(site)) == ""


def test_a_repository_of_somebody_else_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = a_repository(tmp_path / "ops")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git refuses: safe.directory
    assert commit(str(site)) == ""


def test_git_is_asked_for_a_verb_that_changes_something(driver: Driver) -> None:
    git(driver.folder, "init", "-q")
    git(driver.folder, "commit", "-q", "--allow-empty", "-m", "one")
    commit.cache_clear()
    revisions = {}

    def answers(value: Any) -> Any:
        def verb(ask: Any) -> Any:
            revisions[ask.verb] = ask.revision
            return value

        return verb

    driver.system(server={"up": answers([]), "status": answers(Status(True, ()))}, hosts="n1")
    results = {verb: driver.perform(verb).revision for verb in ("up", "status")}
    assert results == revisions
    assert revisions == {"up": git(driver.folder, "rev-parse", "HEAD"), "status": ""}


def test_what_a_hook_of_git_sets_is_not_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = a_repository(tmp_path / "ours"), a_repository(tmp_path / "other")
    git(other.parent, "commit", "-q", "--allow-empty", "-m", "two")
    monkeypatch.setenv("GIT_DIR", str(other.parent / ".git"))
    revision = commit(str(ours))
    monkeypatch.delenv("GIT_DIR")
    assert revision == git(ours.parent, "rev-parse", "HEAD")
