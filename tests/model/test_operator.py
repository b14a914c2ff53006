"""How a person here names a file."""

from pathlib import Path

import pytest

from fairlead.model import operator


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("~/x", "/home/ann/x"),
        ("x/~", "x/~"),
        ("~nobody-of-that-name/x", "~nobody-of-that-name/x"),
    ],
)
def test_a_tilde_is_a_home_where_there_is_one(
    text: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert operator.path(text) == Path(path)
