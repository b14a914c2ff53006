"""The walls of the house: who may import whom, lazy imports counted; which room alone uses what."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = (  # a room may import the floors below its own; beside it, only what BESIDE names
    ("cli",),
    ("output", "runner", "testing"),
    ("inventory", "operations", "connections", "remote", "secrets", "contract"),
    ("model",),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
BESIDE = {"connections": "fairlead.secrets.files", "operations": "fairlead.inventory.yamlfile"}
DOORS = {"", "__main__", "api"}  # the version, the program, and what plugins import: they see all
SOLE_USERS = {
    "yaml": {"inventory"},
    "ClusterShell": {"inventory", "connections"},
    "pyrage": {"secrets"},
    "fabric": {"connections"},
    "paramiko": {"connections"},
    "subprocess": {"connections"},
    "invoke": {"cli"},
    "rich": {"output"},
    "pluggy": {"contract"},
}
HEAVY = set("fabric paramiko rich yaml ClusterShell cryptography pyrage bcrypt asyncio".split())
HEAVY_ITSELF = {f"fairlead.connections.{name}" for name in ("tree_channel", "far_gateway")}
FORBIDDEN_IN_PLUGINS = set("fabric invoke rich yaml subprocess os paramiko".split())
SYSTEMS = re.compile(r"\b(daos|perfsonar|xcat|opensvc|triumf)\b", re.IGNORECASE)


def python_files(folder: str) -> list[Path]:
    """What a plugin carries in files/ goes to hosts as data, and is no part of the house."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    return [path for path in paths if "files" not in path.relative_to(ROOT).parts]


def module_of(path: Path) -> str:
    """fairlead/output/__init__.py is fairlead.output."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


CORE = {module_of(path): path for path in python_files("fairlead")}
PLUGINS = {module_of(path): path for path in python_files("plugins")}
HOUSE = CORE | PLUGINS


def room(module: str) -> str:
    """The first word below fairlead; "" for fairlead itself."""
    return module.split(".")[1] if "." in module else ""


@cache
def imports(module: str) -> frozenset[str]:
    """Every module that is imported, those in functions too.

    `from fairlead.inventory import site` is fairlead.inventory.site, a relative name is made full.
    """
    tree = ast.parse(HOUSE[module].read_text("utf-8"))
    return frozenset(name for node in ast.walk(tree) for name in names_in(node, module))


def names_in(node: ast.AST, module: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        source = full_name(node, module)
        for alias in node.names:
            name = f"{source}.{alias.name}"
            yield name if name in HOUSE else source


def full_name(node: ast.ImportFrom, module: str) -> str:
    """What stands behind `from`, its dots resolved."""
    if not node.level:
        return node.module or ""
    package = module.split(".") if HOUSE[module].name == "__init__.py" else module.split(".")[:-1]
    parent = package[: len(package) - node.level + 1]
    return ".".join([*parent, *filter(None, [node.module])])


def needed(module: str) -> set[str]:
    """The modules of the house that have to be there before this one is: what it imports, and the
    packages above that which are not above itself, for their __init__ runs first."""
    own = set(packages(module)) | {module}
    direct = imports(module) & set(HOUSE)
    above = {package for name in direct for package in packages(name)}
    return (direct | above & set(HOUSE)) - own


def packages(module: str) -> Iterator[str]:
    words = module.split(".")
    yield from (".".join(words[:end]) for end in range(1, len(words)))


def left_in_circles(graph: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """What remains when those that need nothing any more are taken away, again and again."""
    left = dict(graph)
    while free := {module for module, others in left.items() if not others & set(left)}:
        left = {module: others for module, others in left.items() if module not in free}
    return left


@pytest.mark.parametrize("module", CORE)
def test_a_room_knows_only_what_stands_below_it(module):
    own = room(module)
    if own in DOORS:
        return
    below = {name for name, floor in FLOOR.items() if floor > FLOOR[own]} | {own, ""}
    inner = imports(module) & set(CORE)
    assert {name for name in inner if room(name) not in below} <= {BESIDE.get(own)}


def test_nobody_imports_in_a_circle():
    assert left_in_circles({module: needed(module) for module in HOUSE}) == {}


def test_a_circle_would_be_seen():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}, "e": set()}
    assert set(left_in_circles(graph)) == {"a", "b", "c", "d"}


def test_the_output_knows_results_traits_and_node_sets_alone():
    known: set[str] = set()
    for module in CORE:
        if room(module) == "output":
            known |= imports(module) & set(CORE)
    others = {name for name in known if room(name) not in ("output", "model", "")}
    assert others == {"fairlead.contract.verbs", "fairlead.inventory.nodesets"}


@pytest.mark.parametrize("part", SOLE_USERS)
def test_each_part_has_its_sole_users(part):
    users = {
        room(module)
        for module in CORE
        if any(name.split(".")[0] == part for name in imports(module))
    }
    assert users <= SOLE_USERS[part]


@pytest.mark.parametrize("module", CORE)
def test_heavy_parts_are_imported_where_they_are_used(module):
    tree = ast.parse(CORE[module].read_text("utf-8"))
    at_once = {name for node in tree.body for name in names_in(node, module)}
    if module not in HEAVY_ITSELF:
        assert {name.split(".")[0] for name in at_once} & HEAVY == set()
        assert not at_once & HEAVY_ITSELF


@pytest.mark.parametrize("module", PLUGINS)
def test_plugins_describe_and_do_nothing(module):
    names = imports(module)
    assert {name.split(".")[0] for name in names} & FORBIDDEN_IN_PLUGINS == set()


@pytest.mark.parametrize("module", PLUGINS)
def test_plugins_come_in_by_one_door(module):
    assert {name for name in imports(module) if name.startswith("fairlead")} <= {"fairlead.api"}


@pytest.mark.parametrize("module", PLUGINS)
def test_a_plugin_knows_no_other(module):
    own = ".".join(module.split(".")[:2])
    others = {name for name in imports(module) if name.startswith("plugins.")}
    assert {name for name in others if not f"{name}.".startswith(f"{own}.")} == set()


def spoken(tree: ast.AST) -> Iterator[str]:
    """Names and texts of a program, docstrings left out."""
    bodies = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    docstrings = {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield str(node.value)
        for field in ("id", "attr", "name"):
            yield str(getattr(node, field, ""))


@pytest.mark.parametrize("module", CORE)
def test_the_core_never_names_a_system(module):
    tree = ast.parse(CORE[module].read_text("utf-8"))
    assert [text for text in spoken(tree) if SYSTEMS.search(text)] == []


@pytest.mark.parametrize(
    "path",
    [*HOUSE.values(), ROOT / "machine.py", ROOT / "tasks.py"],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_nothing_is_pasted_into_a_shell(path):
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    with_shell = [call for call in calls if any(word.arg == "shell" for word in call.keywords)]
    assert [ast.unparse(call) for call in with_shell] == []
    names = {ast.unparse(call.func) for call in calls}
    dangerous = {"os.system", "os.popen", "eval", "exec", "yaml.load", "pickle.loads"}
    assert names & dangerous == set()
