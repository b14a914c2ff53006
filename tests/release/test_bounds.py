"""What an installation brings stays what it was tried with."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest

from release import bounds

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
MODULES = {"yaml": "pyyaml"}  # a distribution of another name than its module


def text(*, dependency: str, excuse: str = "", extra: str = "pytest<9") -> str:
    return (
        f'[build-system]\nrequires = ["hatchling<2"]\n[project]\ndependencies = ["{dependency}"]\n'
        f'[project.optional-dependencies]\ntest = ["{extra}"]\n[tool.fairlead.unbounded]\n{excuse}'
    )


def test_ours_are_bounded():
    assert list(bounds.faults(PYPROJECT)) == []


@pytest.mark.parametrize("bound", ["rich>=13,<16", "rich==13.1", "rich~=13.1", "rich[all]<=15"])
def test_a_bound_is_one_in_each_of_its_forms(bound):
    assert list(bounds.faults(text(dependency=bound))) == []


@pytest.mark.parametrize("open_end", ["rich", "rich>=13", "rich!=14", "rich>13"])
def test_a_dependency_without_one_is_named_with_its_place(open_end):
    assert list(bounds.faults(text(dependency=open_end))) == [
        f"pyproject.toml: project.dependencies: '{open_end}' has no upper bound; give it one, or "
        "say why it has none in [tool.fairlead.unbounded]"
    ]


def test_what_only_tests_need_is_bounded_too():
    (fault,) = bounds.faults(text(dependency="rich<16", extra="pytest>=8"))
    assert fault.startswith("pyproject.toml: project.optional-dependencies.test: 'pytest>=8' has")


def test_an_excuse_holds_and_goes_with_its_dependency():
    assert list(bounds.faults(text(dependency="rich>=13", excuse='rich = "why"'))) == []
    assert list(bounds.faults(text(dependency="rich<16", excuse='gone = "why"'))) == [
        "pyproject.toml: tool.fairlead.unbounded: gone is no dependency; take it away"
    ]


def test_what_is_imported_is_declared():
    """Not only brought by something else that we need today."""
    declared = {
        re.match("[A-Za-z0-9-]+", requirement).group().lower()
        for requirement in tomllib.loads(PYPROJECT)["project"]["dependencies"]
    }
    modules = set()
    for path in (*(ROOT / "fairlead").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")):
        if "files" not in path.parts:  # what goes to hosts has its own there
            modules |= top_modules(ast.parse(path.read_text("utf-8")))
    others = modules - sys.stdlib_module_names - {"fairlead"}
    assert {MODULES.get(name, name).lower() for name in others} == declared


def top_modules(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names
