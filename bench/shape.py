"""The shape of the house in figures: sizes, density, names, types, sh in Python. Prints a table."""

import ast
import re
import tokenize
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {
    *(tokenize.NL, tokenize.NEWLINE, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT),
    *(tokenize.ENCODING, tokenize.ENDMARKER),
}
PROSE = frozenset("found told said heard held asked given wanted lacking one".split())
SHELL = re.compile(
    r"""\$\(|\$\{\w+[%\#]|"\$(?!\{)|\$[1-9@\#*]|;\ then\b|;\ do\b|\bfi\b|\besac\b|
        \ \|\|\ |\ &&\ |>&2|2>/dev/null""",
    re.VERBOSE,
)
LONGEST = 80  # characters of sh that may stand in a Python file


def files(*folders: str) -> tuple[Path, ...]:
    """The Python files of these folders; what a plugin carries in files/ goes to hosts as data."""
    paths = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(path for path in paths if "files" not in path.relative_to(ROOT).parts)


def trees(paths: Sequence[Path]) -> Iterator[tuple[Path, ast.Module]]:
    for path in paths:
        yield path, ast.parse(path.read_text("utf-8"))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def functions(paths: Sequence[Path]) -> list[tuple[int, str]]:
    """(lines, place) of every function, decorators left out."""
    return [
        (node.end_lineno - node.lineno + 1, f"{place(path, node.lineno)} {node.name}")
        for path, tree in trees(paths)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]


def lengths(paths: Sequence[Path]) -> list[tuple[int, str]]:
    """(lines, place) of every file that is not empty."""
    counted = [(path.read_text("utf-8").count("\n"), place(path, 1)) for path in paths]
    return [(lines, where) for lines, where in counted if lines]


def density(paths: Sequence[Path]) -> float:
    """Tokens per line of code: names, numbers, texts and operators, by the lines that one begins
    on.

    A text counts as one token on one line, however long: docstrings too.
    """
    tokens = [token for path in paths for token in code_tokens(path)]
    return len(tokens) / len(set(tokens))


def code_tokens(path: Path) -> Iterator[tuple[Path, int]]:
    """Where each token of a file begins, remarks and the shape of blocks left out."""
    with path.open(encoding="utf-8") as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type not in SKIPPED:
                yield path, token.start[0]


def docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            yield first.value


def prose_names(paths: Sequence[Path]) -> list[str]:
    """Where a value is bound to a name that says what happened to it, not what it is."""
    return [
        f"{place(path, node.lineno)} {name}"
        for path, tree in trees(paths)
        for node in ast.walk(tree)
        if (name := bound_name(node)) in PROSE and isinstance(node, ast.Name | ast.arg)
    ]


def bound_name(node: ast.AST) -> str:
    """The name that a target of an assignment, a loop or a comprehension, or a parameter binds."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    return node.arg if isinstance(node, ast.arg) else ""


def any_parameters(paths: Sequence[Path]) -> list[str]:
    """Parameters annotated `Any` and nothing else."""
    return [
        f"{place(path, node.lineno)} {node.arg}"
        for path, tree in trees(paths)
        for node in ast.walk(tree)
        if isinstance(node, ast.arg) and node.annotation and ast.unparse(node.annotation) == "Any"
    ]


def shell_texts(paths: Sequence[Path]) -> list[str]:
    """Texts of more than LONGEST characters that are sh."""
    return [
        f"{place(path, node.lineno)} {node.value[:60]!r}"
        for path, tree in trees(paths)
        for known in [set(map(id, docstrings(tree)))]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in known
        if len(node.value) > LONGEST and SHELL.search(node.value)
    ]


def report() -> str:
    core, house = files("fairlead"), files("fairlead", "plugins")
    sizes, files_ = functions(house), lengths(house)
    rows = {
        "functions": len(sizes),
        "median lines of a function (<= 7)": median(size for size, _ in sizes),
        "longest function (<= 60)": max(sizes),
        "files": len(files_),
        "median lines of a file (<= 150)": median(size for size, _ in files_),
        "longest file (<= 450)": max(files_),
        "tokens per code line, core (< 8)": round(density(core), 2),
        "tokens per code line, plugins": round(density(files("plugins")), 2),
        "names that are prose (< 40)": len(prose_names(house)),
        "parameters annotated Any, core (< 40)": len(any_parameters(core)),
        "sh texts over 80 characters": len(shell_texts(house)),
        "the same in tests": len(shell_texts(files("tests"))),
    }
    return "\n".join(f"{name:40} {value}" for name, value in rows.items())


if __name__ == "__main__":
    print(report())
