"""The walls of the house: who may import whom, lazy imports counted; which room alone uses which part."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = sorted((ROOT / "fairlead").rglob("*.py"))
PLUGINS = [
    path for path in sorted((ROOT / "plugins").rglob("*.py")) if "files" not in path.parts
]  # files/ goes to hosts: data

FLOORS = (  # a room may import the floors below its own; beside it, only what BESIDE names
    ("cli",),
    ("output", "runner", "testing"),
    ("inventory", "operations", "connections", "remote", "secrets", "contract"),
    ("model",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
BESIDE = {"connections": "fairlead.secrets.files", "operations": "fairlead.inventory.yamlfile"}
DOORS = {
    "",
    "__main__",
    "api",
}  # fairlead itself, its program, and what plugins import: they may see all
SOLE_USERS = {
    "yaml": {"inventory"},
    "ClusterShell": {"inventory"},
    "pyrage": {"secrets"},
    "fabric": {"connections"},
    "paramiko": {"connections"},
    "subprocess": {"connections"},
    "invoke": {"cli"},
    "rich": {"output"},
    "pluggy": {"contract"},
}
HEAVY = {
    "fabric",
    "paramiko",
    "rich",
    "yaml",
    "ClusterShell",
    "cryptography",
    "pyrage",
    "bcrypt",
    "asyncio",
}
FORBIDDEN_IN_PLUGINS = {"fabric", "invoke", "rich", "yaml", "subprocess", "os", "paramiko"}
SYSTEMS = re.compile(r"\b(daos|perfsonar|xcat|opensvc|triumf)\b", re.IGNORECASE)


def module_of(path: Path) -> str:
    """fairlead/output/__init__.py is fairlead.output."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in CORE}


def room(module: str) -> str:
    """The first word below fairlead; "" for fairlead itself."""
    return module.split(".")[1] if "." in module else ""


@cache
def imports(path: Path) -> tuple[tuple[str, int], ...]:
    """(module, line) of every import, those in functions too; `from fairlead import site` is fairlead.site."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from ((name if name in MODULES else node.module, node.lineno) for name in names)


def inner(path: Path) -> set[str]:
    """The modules of fairlead that a file imports."""
    return {name for name, _ in imports(path) if name in MODULES}


@pytest.mark.parametrize("module", MODULES)
def test_a_room_knows_only_what_stands_below_it(module):
    own = room(module)
    if own in DOORS:
        return
    below = {name for name, floor in FLOOR.items() if floor > FLOOR[own]}
    crossing = {
        name
        for name in inner(MODULES[module])
        if room(name) not in below | {own, ""} and name != BESIDE.get(own)
    }
    assert crossing == set()


def test_nobody_imports_in_a_circle():
    left = {module: inner(path) - {module} for module, path in MODULES.items()}
    while free := {module for module, known in left.items() if not known & set(left)}:
        left = {module: known for module, known in left.items() if module not in free}
    assert left == {}


@pytest.mark.parametrize("part", SOLE_USERS)
def test_each_part_has_its_sole_users(part):
    users = {
        room(module)
        for module, path in MODULES.items()
        for name, _ in imports(path)
        if name.split(".")[0] == part
    }
    assert users <= SOLE_USERS[part]


@pytest.mark.parametrize("module", MODULES)
def test_heavy_parts_are_imported_where_they_are_used(module):
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        name
        for node in top
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert {name.split(".")[0] for name in names} & HEAVY == set()


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: str(path.relative_to(ROOT)))
def test_plugins_describe_and_do_nothing(path):
    names = {name for name, _ in imports(path)}
    assert {name.split(".")[0] for name in names} & FORBIDDEN_IN_PLUGINS == set()
    ours = {name for name in names if name.split(".")[0] == "fairlead"}
    assert ours <= {"fairlead.api"}


def spoken(tree: ast.AST) -> Iterator[str]:
    """Names and texts of a program, docstrings left out."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    told = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        yield from filter(
            None,
            [getattr(node, "id", None), getattr(node, "attr", None), getattr(node, "name", None)],
        )


@pytest.mark.parametrize("module", MODULES)
def test_the_core_never_names_a_system(module):
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    assert [text for text in spoken(tree) if isinstance(text, str) and SYSTEMS.search(text)] == []


@pytest.mark.parametrize(
    "path",
    [*CORE, *PLUGINS, ROOT / "machine.py", ROOT / "tasks.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_is_pasted_into_a_shell(path):
    calls = [
        node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    assert [
        ast.unparse(call) for call in calls if any(word.arg == "shell" for word in call.keywords)
    ] == []
    names = {ast.unparse(call.func) for call in calls}
    assert names & {"os.system", "os.popen", "eval", "exec", "yaml.load", "pickle.loads"} == set()
