"""An observer that records what was done, when, by whom.

One line of JSON for each verb, in the operator's own state folder; the hosts keep their own.
"""

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairlead.contract.verbs import traits
from fairlead.model import operator
from fairlead.model.results import HostResult, Progress, RunResult

TIME = "%Y-%m-%dT%H:%M:%SZ"  # texts of it sort by time
LIMIT = 1 << 20  # bytes; then the file is rotated once


def folder() -> Path:
    """The folder of what fairlead remembers on this machine.

    $XDG_STATE_HOME/fairlead, else ~/.local/state/fairlead.
    """
    return (
        Path(os.environ.get("XDG_STATE_HOME") or Path(operator.home(), ".local/state")) / "fairlead"
    )


class Journal:
    """Writes the line when a verb has ended.

    Verbs that only look leave none, unless they changed something (preflight --fix).
    """

    def __init__(self, path: Path | None = None):
        self.path = path or folder() / "journal.jsonl"

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def output(
        self,
        host: str,
        data: bytes,
        errors: bool = False,
    ) -> None: ...
    def remark(self, text: str) -> None: ...

    def ended(self, result: RunResult) -> None:
        if not traits(result.verb.rpartition(".")[2]).changes and not result.changed:
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size > LIMIT:
            self.path.replace(self.path.with_suffix(".jsonl.1"))
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(descriptor, (json.dumps(entry(result)) + "\n").encode())
        finally:
            os.close(descriptor)


def entry(result: RunResult) -> dict[str, Any]:
    """What the journal says of a run: never what a step printed."""
    flags = {"flags": list(result.flags)} if result.flags else {}
    options = {"options": dict(result.options)} if result.options else {}
    return {
        "time": time.strftime(TIME, time.gmtime()),
        "run": result.run,
        "who": operator.name(),
        "site": result.site,
        "verb": result.verb,
        **flags,
        **options,
        "code": result.code,
        "hosts": [*map(_row, result.hosts)],
    }


def _row(row: HostResult) -> dict[str, Any]:
    seconds: dict[str, float] = {}
    for step in row.steps:
        seconds[step.phase] = round(seconds.get(step.phase, 0) + step.seconds, 1)
    return {
        "host": row.host,
        "system": row.system,
        "component": row.component,
        "state": row.state,
        "code": row.code,
        **({"seconds": seconds} if any(seconds.values()) else {}),
    }


def entries() -> list[Mapping[str, Any]]:
    """What this operator's journal remembers, the oldest first. A line that is none is left out."""
    lines: list[str] = []
    for path in (folder() / "journal.jsonl.1", folder() / "journal.jsonl"):
        if path.exists():
            lines += path.read_text("utf-8", "replace").splitlines()
    return [entry for entry in map(_entry, lines) if entry]


def _entry(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) and "run" in value else {}
