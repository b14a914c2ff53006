"""The file that the shells read, and when it is written anew."""

import os
import subprocess
import time
from pathlib import Path

import pytest

from fairlead.cli.completion import places
from tests.cli.completion.test_shells import candidates


def lines(repository: Path, environment: dict[str, str]) -> list[str]:
    """The candidates, written anew."""
    own = environment | {"FAIRLEAD_HOME": str(repository)}
    command = ["fairlead", "completion.renew"]
    done = subprocess.run(
        command, cwd=repository, env=own, capture_output=True, text=True, check=True
    )
    path = candidates(environment, repository)
    assert done.stdout == f"{path}\n"
    return path.read_text().splitlines()


@pytest.fixture(scope="module")
def written(repository, environment) -> list[str]:
    return lines(repository, environment)


@pytest.mark.parametrize(
    "line",
    [
        "d\tpier",
        "s\tquay",
        "h\tpier\tn1 n2 bastion local",
        "g\tpier\t@cranes @quays @both @all @racks:r1 @failed @changed @unreachable",
        "k\tps1.key",
        "n\tpier\tdaos.pools\tscratch tank",
        "t\tup\tMake it run as the site says; where it does, every step is `ok`.",
        "t\tsweep\tSweep the pier.",
        "o\t*\t--dry-run\t-\tShow what would change; change nothing.",
        "o\tsweep\t--depth\tany\tHow deep.",
        "o\tdaos.pool.query\t--name\tnames:daos.pools\tof the pool",
        "o\tsecrets.show\t--name\tsecrets\tWhich secret: secrets/NAME.age.",
    ],
)
def test_a_line_says_one_thing(written, line):
    assert line in written


def test_the_lines_stand_in_the_order_in_which_the_shells_look(written):
    kinds = dict.fromkeys(line.partition("\t")[0] for line in written)
    assert list(kinds) == ["fairlead 1", "d", "s", "h", "g", "k", "n", "w", "t", "o"]


def test_every_line_has_as_many_fields_as_its_kind(written):
    numbers = {"d": 2, "s": 2, "h": 3, "g": 3, "k": 2, "n": 4, "w": 2, "t": 3, "o": 5}
    fields = [line.split("\t") for line in written[1:]]
    assert [line for line in fields if len(line) != numbers[line[0]]] == []


def test_every_flag_says_what_it_is(written):
    assert [line for line in written if line.startswith("o\t") and line.endswith("\t")] == []


def test_what_it_is_made_of_is_there_and_stands_in_it(written, repository):
    watched = [line[2:] for line in written if line.startswith("w\t")]
    assert [path for path in watched if not os.path.exists(path)] == []
    names = ("", "tasks.py", "invoke.yaml", "sites", "sites/pier.yml", "secrets")
    assert {str(repository / name) for name in names} <= set(watched)
    for plugin in ("daos", "daos/pool.py"):
        assert str(repository / "plugins" / plugin) in watched


def test_the_file_is_older_than_what_changes_while_it_is_written(repository, environment):
    before = time.time()
    lines(repository, environment)
    assert candidates(environment, repository).stat().st_mtime < before + 0.1


def test_a_site_with_a_mistake_loses_its_hosts_alone(repository, environment):
    site = repository / "sites" / "wrong.yml"
    site.write_text("hosts: [n1]\n")
    try:
        written = lines(repository, environment)
    finally:
        site.unlink()
    assert "s\twrong" in written
    assert [line for line in written if line.startswith("h\twrong")] == []
    assert "h\tquay\tbollard buoy local" in written


def test_a_clock_that_was_ahead_has_nothing_written_for_ever(repository, environment):
    site = repository / "sites" / "quay.yml"
    os.utime(site, (time.time() + 3600,) * 2)
    try:
        lines(repository, environment)
        assert candidates(environment, repository).stat().st_mtime >= site.stat().st_mtime
    finally:
        os.utime(site)


def test_a_cache_that_cannot_be_written_is_said(repository, environment, tmp_path):
    (tmp_path / "cache").touch()
    own = environment | {"FAIRLEAD_HOME": str(repository), "XDG_CACHE_HOME": f"{tmp_path}/cache"}
    command = ["fairlead", "completion.renew"]
    done = subprocess.run(command, cwd=repository, env=own, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.strip() == (
        f"fairlead: {tmp_path}/cache/fairlead/completion{repository}/=/candidates: cannot be "
        "written: Not a directory; give yourself the folder, or name another in XDG_CACHE_HOME"
    )


def test_the_place_is_that_of_the_ops_repository(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    path = places.place(Path("/srv/ops"))
    assert str(path) == "/cache/fairlead/completion/srv/ops/=/candidates"
