"""The commit that a site's folder stands at, as git itself tells it."""

import subprocess
from pathlib import Path

from fairlead.runner.revision import commit


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


def test_no_file_is_no_commit() -> None:
    assert commit("") == ""
