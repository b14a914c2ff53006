"""The door that plugins import by: what is read of it without running is what it has."""

import ast
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from fairlead import api


def test_type_checkers_see_the_names_that_it_has() -> None:
    tree = ast.parse(Path(api.__file__).read_text("utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    places = {(node.module, alias.name) for node in imports for alias in node.names}
    assert sorted(name for _, name in places) == api.__all__
    assert {name: getattr(api, name) for _, name in places} == {
        name: _imported(module, name) for module, name in places
    }


def _imported(module: str | None, name: str) -> Any:
    """What `from module import name` gives."""
    return import_module(module or "").__dict__.get(name) or import_module(f"{module}.{name}")


@pytest.mark.parametrize("name", api.__all__)
def test_every_name_can_be_fetched(name: str) -> None:
    assert getattr(api, name) is not None


def test_a_name_that_it_has_not_is_told() -> None:
    with pytest.raises(AttributeError, match=r"fairlead\.api has no 'Container_'; docs/hooks"):
        api.Container_  # noqa: B018
