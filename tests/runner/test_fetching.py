"""A file that a step has written is brought here, whole and for us alone, or stays where it is."""

import stat
from pathlib import Path

import pytest

from fairlead.model.plan import Ask, Step
from fairlead.runner import fetching
from tests.driver import Driver, row, states

WRITE = 'printf "\\377%s" "$1" >"$2" && echo "$2"'


def writes(driver: Driver, folder: Path | None) -> None:
    """A system whose `up` writes a file on each host, and has it brought to the folder."""

    def up(ask: Ask) -> list[Step]:
        path = driver.folder / f"{ask.target.host}-file"
        do = ("sh", "-c", WRITE, "sh", ask.target.host, str(path))
        return [Step(name="write", do=do, register="file", fetch_to=str(folder or ""))]

    driver.system(server={"up": up})


def test_each_host_has_its_own_folder_that_only_we_can_read(driver: Driver, tmp_path: Path) -> None:
    writes(driver, tmp_path / "here/deep")
    result = driver.perform("up")
    assert states(result) == {"n1": "changed", "n2": "changed", "n3": "changed"}
    files = {path.name: path for path in (tmp_path / "here/deep").glob("*/*")}
    assert {name: path.read_bytes() for name, path in files.items()} == {
        f"n{number}-file": b"\xffn%d" % number for number in (1, 2, 3)
    }
    modes = {stat.S_IMODE(path.stat().st_mode) for path in files.values()}
    assert (modes, stat.S_IMODE((tmp_path / "here/deep/n1").stat().st_mode)) == ({0o600}, 0o700)
    assert f"n1: {driver.folder}/n1-file is here as {files['n1-file']}" in result.notes


def test_a_dry_run_brings_nothing(driver: Driver, tmp_path: Path) -> None:
    writes(driver, tmp_path / "here")
    driver.perform("up", dry_run=True)
    assert not (tmp_path / "here").exists()


def test_what_nobody_asks_for_stays_where_it_is(driver: Driver) -> None:
    writes(driver, None)
    result = driver.perform("up")
    assert (states(result)["n1"], result.notes) == ("changed", ())


def test_what_does_not_arrive_whole_is_not_kept(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PRINT", 'sha256sum "$1" >&2; head -c 1 "$1"')
    writes(driver, tmp_path / "here")
    result = driver.perform("up", hosts=("n1",))
    path = f"{driver.folder}/n1-file"
    assert (row(result, "n1").state, result.code) == ("failed", 1)
    assert row(result, "n1").error == (
        f"n1: {path} stays on the host: has not arrived whole; copy it from there"
    )
    assert list((tmp_path / "here/n1").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "here").write_text("a file")
    writes(driver, tmp_path / "here")
    result = driver.perform("up", hosts=("n1",))
    assert "cannot be written (Not a directory); copy it from there" in row(result, "n1").error
