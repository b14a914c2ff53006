"""What runs learn of the names that only hosts know, and what of it is kept."""

import os
from pathlib import Path

import pytest

from fairlead.cli.completion import learned
from fairlead.cli.flags import NameUse
from fairlead.model.results import HostResult, RunResult

POOLS = "daos.pools"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "ops"


def run(*lists: tuple[str, ...], site: str = "pier", code: int = 0) -> RunResult:
    """One whose hosts gave these lists of pools."""
    rows = tuple(
        HostResult(
            host=f"n{number}",
            system="daos",
            component="pool",
            state="failed" if code else "ok",
            code=code,
            names={POOLS: names},
        )
        for number, names in enumerate(lists)
    )
    return RunResult(verb="list", site=site, run="r", hosts=rows)


def well(site: str = "pier", code: int = 0) -> RunResult:
    """One that listed nothing."""
    row = HostResult(host="n1", system="daos", component="pool", state="ok", code=code)
    return RunResult(verb="create", site=site, run="r", hosts=(row,))


def known(folder: Path) -> list[str]:
    return [line.removeprefix("n\t") for line in learned.lines(folder)]


def test_a_list_takes_the_place_of_the_one_before(folder):
    learned.remember(folder, run(("tank", "old")), ())
    learned.remember(folder, run(("tank",), ("scratch",)), ())
    assert known(folder) == ["pier\tdaos.pools\tscratch tank"]
    learned.remember(folder, run(()), ())
    assert known(folder) == ["pier\tdaos.pools\t"]


def test_each_site_has_its_own(folder):
    learned.remember(folder, run(("tank",)), ())
    learned.remember(folder, run(("lake",), site="quay"), ())
    assert known(folder) == ["pier\tdaos.pools\ttank", "quay\tdaos.pools\tlake"]


def test_a_name_that_was_used_is_known_until_its_end(folder):
    learned.remember(folder, well(), [NameUse(POOLS, "tank", False)])
    learned.remember(folder, well(), [NameUse(POOLS, "scratch", False)])
    assert known(folder) == ["pier\tdaos.pools\tscratch tank"]
    learned.remember(folder, well(), [NameUse(POOLS, "tank", True)])
    assert known(folder) == ["pier\tdaos.pools\tscratch"]


def test_a_name_of_a_run_that_failed_is_neither_known_nor_gone(folder):
    learned.remember(folder, well(), [NameUse(POOLS, "tank", False)])
    learned.remember(folder, well(code=1), [NameUse(POOLS, "typo", False)])
    learned.remember(folder, well(code=1), [NameUse(POOLS, "tank", True)])
    assert known(folder) == ["pier\tdaos.pools\ttank"]


@pytest.mark.parametrize(
    "name",
    ["$(reboot)", "https://me:secret@host/", "a b", "a;b", "-rf", "", "a\tb", "é", "x" * 201],
)
def test_what_a_shell_would_not_take_as_it_is_is_left_out(name, folder):
    learned.remember(folder, run(("tank", name)), ())
    learned.remember(folder, well(), [NameUse(POOLS, name, False)])
    assert known(folder) == ["pier\tdaos.pools\ttank"]


def test_nothing_is_written_where_nothing_is_new(folder):
    learned.remember(folder, run(("tank",)), ())
    os.utime(learned.place(folder), (5, 5))
    learned.remember(folder, run(("tank",)), [NameUse(POOLS, "tank", False)])
    assert learned.place(folder).stat().st_mtime == 5


def test_a_file_that_was_begun_is_older_than_any_list_of_candidates(folder):
    learned.begin(folder)
    assert learned.place(folder).stat().st_mtime == 0
    assert known(folder) == []
    learned.remember(folder, run(("tank",)), ())
    learned.begin(folder)
    assert known(folder) == ["pier\tdaos.pools\ttank"]


def test_without_a_cache_a_run_goes_on(folder, tmp_path):
    (tmp_path / "cache").touch()
    learned.begin(folder)
    learned.remember(folder, run(("tank",)), ())
    assert known(folder) == []


VERBS = """

class Rope(msgspec.Struct):
    rope: Annotated[str, msgspec.Meta(extra={"completes": "toy.ropes"})]


class Cut(msgspec.Struct):
    rope: Annotated[str, msgspec.Meta(extra={"completes": "toy.ropes", "ends": "yes"})]


@verb
def moor(ask: Ask[Rope]):
    return ()


@verb
def cut(ask: Ask[Cut]):
    return ()
"""


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        (["toy.server.moor --rope=hemp"], ["s\ttoy.ropes\themp"]),
        (["toy.server.moor --rope=hemp", "toy.server.cut --rope=hemp"], ["s\ttoy.ropes\t"]),
        (["toy.server.moor --rope=hemp --dry-run"], []),
        (["toy.server.up"], []),
    ],
)
def test_a_command_line_teaches_what_it_did_and_not_what_it_would_do(
    lines, names, ops, inv, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    server = ops / "plugins" / "toy" / "server.py"
    text = server.read_text().replace("hookimpl\n", "hookimpl, verb\n", 1)
    server.write_text(text + VERBS)
    assert [inv(*line.split()) for line in lines] == [0] * len(lines)
    assert known(ops) == names
