"""A .sh file as it is sent: no remarks, no empty lines, other files in their place."""

from pathlib import Path

import pytest

from fairlead.model import shellfile
from fairlead.operations import script


def test_remarks_and_empty_lines_stay_here(tmp_path: Path) -> None:
    (tmp_path / "a.sh").write_text(
        "#!/bin/sh\n# why\n\nif true; then\n  # inside\n  echo '# no'\nfi\n"
    )
    assert shellfile.read(tmp_path / "a.sh") == "if true; then\n  echo '# no'\nfi\n"


def test_another_file_stands_where_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "lib.sh").write_text("# library\nf() { echo f; }\n")
    (tmp_path / "deep/a.sh").write_text("# shellcheck source=../lib.sh\n. ../lib.sh\nf\n")
    assert shellfile.read(tmp_path / "deep/a.sh") == "f() { echo f; }\nf\n"


def test_a_program_gets_its_words_as_parameters(tmp_path: Path) -> None:
    (tmp_path / "shell").mkdir()
    (tmp_path / "shell/greet.sh").write_text('echo "$1"\n')
    sh = script.beside(str(tmp_path / "module.py"))
    assert sh("greet", "a;b") == ("sh", "-c", 'echo "$1"\n', "greet", "a;b")
    with pytest.raises(FileNotFoundError):
        sh("absent")
