"""Every dependency has an upper bound, or pyproject.toml says why not.

A major release may take away what we use: Fabric 3 needs Invoke 2, paramiko 5 has no GSSAPI, PyYAML
6 and bcrypt 5 refuse calls that were fine before. Whoever installs fairlead in two years shall get
what it was tried with.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
BOUND = re.compile(r"<|==|~=")


def faults(pyproject: str) -> Iterator[str]:
    """A sentence for each dependency without an upper bound, and for each excuse without one."""
    data = tomllib.loads(pyproject)
    excuses = set(data.get("tool", {}).get("fairlead", {}).get("unbounded", {}))
    names = set()
    for table, requirement in _requirements(data):
        name = NAME.match(requirement).group()
        names.add(name)
        if not BOUND.search(requirement) and name not in excuses:
            yield (
                f"pyproject.toml: {table}: {requirement!r} has no upper bound; give it one, or say "
                f"why it has none in [tool.fairlead.unbounded]"
            )
    for name in sorted(excuses - names):
        yield f"pyproject.toml: tool.fairlead.unbounded: {name} is no dependency; take it away"


def _requirements(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(where it stands, the requirement)."""
    for requirement in data["build-system"]["requires"]:
        yield "build-system.requires", requirement
    for requirement in data["project"]["dependencies"]:
        yield "project.dependencies", requirement
    for extra, requirements in data["project"].get("optional-dependencies", {}).items():
        for requirement in requirements:
            yield f"project.optional-dependencies.{extra}", requirement
