"""The shape of the house stays as it is meant to be; `python bench/shape.py` prints the figures."""

from statistics import median

import pytest

from bench import shape

CORE = shape.files("fairlead")
HOUSE = shape.files("fairlead", "plugins")
NEVER_ANY = {"site", "host", "part", "context", "common", "facts", "work", "world"}


def test_functions_are_small():
    functions = shape.functions(HOUSE)
    assert median(lines for lines, _ in functions) <= 7
    assert [function for function in functions if function[0] > 60] == []


def test_files_are_small():
    files = shape.lengths(HOUSE)
    assert median(lines for lines, _ in files) <= 150
    assert [file for file in files if file[0] > 450] == []


def test_a_line_holds_one_thought():
    assert shape.density(CORE) < 8.0


def test_values_have_names_of_their_own():
    assert shape.prose_names(HOUSE)[40:] == []


def test_the_core_knows_its_types():
    parameters = shape.any_parameters(CORE)
    assert parameters[40:] == []
    assert [where for where in parameters if where.split()[-1] in NEVER_ANY] == []


def test_no_sh_hides_in_python():
    assert shape.shell_texts(shape.files("fairlead", "plugins", "tests")) == []


def test_nothing_is_left_to_do():
    word = "TO" + "DO"
    assert [path for path in HOUSE if word in path.read_text("utf-8")] == []


@pytest.mark.parametrize(
    ("text", "is_sh"),
    [
        ("a sentence that says; what is so, and what is not: it is long, and no program at all", 0),
        ('for v; do [ -d "$v" ] || exit 1; done; ' + "echo all of them are there " * 2, 1),
    ],
)
def test_sh_is_told_from_prose(tmp_path, monkeypatch, text, is_sh):
    monkeypatch.setattr(shape, "ROOT", tmp_path)
    (tmp_path / "module.py").write_text(
        f'"""{text.replace(chr(34), chr(39))}"""\nTEXT = {text!r}\n'
    )
    assert len(shape.shell_texts([tmp_path / "module.py"])) == is_sh
