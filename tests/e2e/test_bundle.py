"""A site as one file: made where a registry is, used where there is neither registry nor image."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.ground import all_run, clear, done, each, without_registry
from tests.e2e.inv import REPOSITORY, SITE, Said, environment

IMAGES = "docker image ls -q | wc -l"
PULL = 'docker pull -q "$1" >/dev/null 2>&1 && echo pulled || echo refused'
TASKS = "from fairlead.cli.tasks import namespace\nns = namespace(globals())\n"
NAME = Path(SITE).stem


@pytest.fixture
def repository(running: None, tmp_path: Path) -> Path:
    """One with plugins and the lab's site, as its owner has it; test points run on all hosts."""
    folder = tmp_path / "here"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(REPOSITORY / "plugins", folder / "plugins", ignore=ignored)
    (folder / "sites").mkdir()
    shutil.copy(SITE, folder / "sites")
    (folder / "tasks.py").write_text(TASKS)
    return folder


def within(folder: Path, *argv: str) -> Said:
    """`fairlead ARGV` in a folder, which has to end well."""
    variables = environment()
    for name in ("FAIRLEAD_HOME", "FAIRLEAD_SITE"):
        del variables[name]
    ended = subprocess.run(
        (sys.executable, "-P", "-m", "fairlead", *argv),
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.returncode}\n{ended.stderr}\n{ended.stdout}"
    return Said(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.long
def test_three_hosts_are_up_from_a_bundle_without_registry_and_images(
    repository: Path, tmp_path: Path
) -> None:
    site, there = f"--site={NAME}", tmp_path / "there"
    foreseen = within(repository, "bundle", "../b", "--from=n1,n3", site, "--dry-run")
    assert f"would pack  sites/{NAME}.yml" in foreseen.out
    made = within(repository, "bundle", "../b", "--from=n1,n3", site)
    assert "perfsonar/testpoint:latest" in made.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "here"]
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    done("perfsonar.down", "--yes")
    clear()
    shutil.rmtree(repository)
    with without_registry():
        assert set(each(IMAGES).values()) == {"0\n"}
        assert set(each(PULL, "perfsonar/testpoint:latest").values()) == {"refused\n"}
        within(tmp_path, "unbundle", "b", "--to=there")
        shipped = within(there, "pull", "--ship=./images", site)
        assert "came from ./images" in shipped.out + shipped.err
        within(there, "perfsonar.up", site)
        assert all_run("5.0.0")
        within(there, "pull", "--ship=./images", site, "--fail-on=changed")
