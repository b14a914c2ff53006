"""The frame of the script that --explain writes into a file: its functions, whose part is whose."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from fairlead.model.results import RunResult
from fairlead.output.fields import component_of
from fairlead.output.folding import grouped

LIBRARY = Path(__file__).parent / "shell" / "job.sh"


def library() -> str:
    """The functions that the parts call, and what a person has to know of the script."""
    return LIBRARY.read_text("utf-8")


def parts(result: RunResult) -> Iterator[str]:
    """What is done on which hosts: the same text once for all of them."""
    with_script = [row for row in result.hosts if row.script]
    for group in grouped(with_script, lambda row: (component_of(row), row.script)):
        hosts = [row.script_host for row in group]
        yield _part(component_of(group[0]), hosts, group[0].script)


def _part(component: str, hosts: list[str], text: str) -> str:
    words = shlex.join((component, *hosts))
    return f"if part {words}; then\n\n{text.rstrip()}\n\nfi\n"
