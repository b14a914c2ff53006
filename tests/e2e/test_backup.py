"""A state becomes a file of its host and comes back, or nothing of it does."""

from hashlib import sha256
from pathlib import Path

import pytest

from tests.e2e.ground import REMOTE, STATE, container, done, publish, remotes, under, version
from tests.e2e.inv import inv

pytestmark = pytest.mark.long

BACKUPS = "/var/lib/fairlead/backups/perfsonar"


def add_remote() -> None:
    done("perfsonar.psconfig.add", "--host=n1", f"--url={REMOTE}")


def state_of(host: str) -> str:
    return under(host, f"cd {STATE}/current && find . -type f | sort | xargs sha256sum")


def password_of(state: str) -> list[str]:
    return [line for line in state.splitlines() if line.endswith("database-password")]


def test_a_backup_is_copied_here_and_comes_back(fresh, tmp_path: Path) -> None:
    first = container("n1")
    done("perfsonar.backup", "--host=n[1-2]", f"--to={tmp_path}")
    (copy,) = (tmp_path / "n1").iterdir()
    there = under("n1", f"sha256sum <{BACKUPS}/{copy.name}").split()[0]
    assert (there, copy.stat().st_mode & 0o777) == (sha256(copy.read_bytes()).hexdigest(), 0o600)
    assert {path.name for path in tmp_path.iterdir()} == {"n1", "n2"}
    assert under("n1", f"stat -c '%a %U' {BACKUPS}/*-backup-*.tar").split() == ["600", "root"]
    assert under("n1", f"ls -A {BACKUPS}").count("\n") == 1
    add_remote()
    assert REMOTE in remotes("n1")

    dry = done("perfsonar.restore", "--host=n1", "--dry-run", "--json")
    assert dry.rows["n1"]["state"] == "would-change"
    done("perfsonar.restore", "--host=n1")
    assert (remotes("n1"), container("n1")) == ("", first)
    assert under("n1", f"grep -l {REMOTE} -r {STATE}/newer-*")


def test_a_state_on_which_it_is_not_healthy_gives_way_to_todays(fresh) -> None:
    password = f"{STATE}/current/etc/pscheduler/database/database-password"
    spoil, mend = "cp -p $1 $1.good; echo wrong >$1", "mv $1.good $1"
    under("n1", spoil, password)  # those who run do not read it again
    done("perfsonar.backup", "--host=n1")
    under("n1", mend, password)
    before, first = state_of("n1"), container("n1")
    refused = inv("perfsonar.restore", "--host=n1", timeout=400)
    assert refused.code == 8, refused.err
    assert (container("n1"), version("n1")) == (first, "5.0.0")
    assert password_of(before) == password_of(state_of("n1"))
    assert under("n1", f"ls {STATE}").split() == ["current"]


def test_a_backup_of_a_newer_version_is_refused_before_anything_is_stopped(fresh) -> None:
    publish("5.1.0")
    done("perfsonar.upgrade", "--host=n1")
    done("perfsonar.backup", "--host=n1")
    done("perfsonar.rollback", "--host=n1")
    first = container("n1")
    refused = inv("perfsonar.restore", "--host=n1")
    assert (refused.code, "upgrade first" in refused.out + refused.err) == (1, True)
    assert (container("n1"), version("n1")) == (first, "5.0.0")
