"""Files that are nobody else's, and files that are there whole or not at all."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret
from fairlead.secrets.files import (
    first_line,
    make_folder,
    read_private,
    replace,
    replace_all,
    written,
)


def refusal(path: Path, **how: object) -> str:
    with pytest.raises(SecretError) as refused:
        read_private(path, **how)  # type: ignore[arg-type]
    return str(refused.value).replace(str(path), "FILE")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine"
    path.write_bytes(b"one\r\ntwo\n")
    path.chmod(0o600)
    return path


def test_a_private_file_is_read(mine: Path) -> None:
    assert read_private(mine) == Secret(b"one\r\ntwo\n")
    assert first_line(read_private(mine)) == Secret("one")


def test_a_file_that_others_can_read_is_refused(mine: Path) -> None:
    mine.chmod(0o640)
    assert refusal(mine) == "FILE: FILE is open to others (-rw-r-----); chmod 600 FILE"


def test_a_file_that_is_not_there_is_refused_in_the_name_of_who_wants_it(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no", where="WISH", remedy="write one") == (
        "WISH: FILE cannot be read (No such file or directory); write one"
    )


def test_a_pipe_is_refused_only_where_it_has_to_be_a_file(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"phrase\n")
    os.close(writing)
    pipe = Path(f"/dev/fd/{reading}")
    assert "is open to others (prw-------)" in refusal(pipe, regular=True)
    reading_again, writing = os.pipe()
    os.write(writing, b"phrase\n")
    os.close(writing)
    assert read_private(Path(f"/dev/fd/{reading_again}")) == Secret(b"phrase\n")
    os.close(reading)
    os.close(reading_again)


def test_a_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "folder/file"
    replace(path, b"before")
    replace(path, b"after", 0o640)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"after", 0o640)
    assert [*path.parent.iterdir()] == [path]


def test_where_one_cannot_be_written_none_is_replaced(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "file/bad"
    good.write_bytes(b"before")
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(SecretError, match="cannot be written: "):
        replace_all({good: b"after", bad: b"x"})
    assert good.read_bytes() == b"before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "good"]


def test_two_who_write_a_file_at_once_do_not_write_into_one_another(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with written(path) as slow:
        slow.write(b"half")
        slow.flush()
        replace(path, b"all of the other")
        assert path.read_bytes() == b"all of the other"
        slow.write(b" and half")
    assert path.read_bytes() == b"half and half"
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_whose_writing_is_broken_off_is_as_it_was_and_nothing_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, b"before")
    with suppress(KeyboardInterrupt), written(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"before"
    assert [*tmp_path.iterdir()] == [path]


def test_what_a_process_that_died_has_left_is_taken_away_a_day_later(tmp_path: Path) -> None:
    path, young, old = (tmp_path / name for name in ("f[1]", ".f[1].a1.new", ".f[1].b2.new"))
    young.touch()
    old.touch()
    os.utime(old, (0, 0))
    replace(path, b"whole")
    assert sorted(tmp_path.iterdir()) == sorted((path, young))


def test_a_folder_is_ours_alone_and_so_are_the_new_ones_above_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    before = os.umask(0o022)
    try:
        for _ in range(2):
            make_folder(tmp_path / "state/fairlead/watch")
    finally:
        os.umask(before)
    made = [tmp_path, *(tmp_path / name for name in ("state", "state/fairlead"))]
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (*made, made[-1] / "watch")]
    assert modes == [0o755, 0o700, 0o700, 0o700]
