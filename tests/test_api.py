"""The door for plugins: what it says to type checkers and what it fetches are the same."""

import ast
from pathlib import Path

import pytest

from fairlead import api


def checked() -> dict[str, str]:
    """Name -> the module that type checkers are told it comes from."""
    tree = ast.parse(Path(api.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    return {
        alias.asname or alias.name: f"{node.module}"
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def fetched() -> dict[str, str]:
    """Name -> the module that it is fetched from."""
    tables = {**api._PLACES, **api._ROOMS}
    return {name: f"fairlead.{module}" for module, names in tables.items() for name in names}


def test_type_checkers_see_what_is_fetched() -> None:
    assert checked() == fetched()
    assert sorted(checked()) == api.__all__


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_can_be_fetched(name: str) -> None:
    assert getattr(api, name) is not None
    assert name in vars(api)


def test_a_name_that_it_has_not_is_told() -> None:
    with pytest.raises(AttributeError, match=r"fairlead\.api has no 'Container_'; docs/hooks"):
        api.Container_  # noqa: B018
