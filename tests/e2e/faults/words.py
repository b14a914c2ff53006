"""What the command line has said: its rows, its sentences, the commands that it names."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

COMMAND = re.compile(r"\binv ((?:[a-z0-9_]+\.)+[a-z_]+(?: --[a-z-]+(?:=[^\s;,)]+)?)*)")
TOLD = re.compile(r"\((?:\S+@\S+: )?inv [^)]*\)")  # what somebody ran, not what is to be run
WAIT = re.compile(r"--wait=\d+m\b")
LOOKS = ("runs.list", "runs.show")
# which of several is the one that leads on
ORDER = ("runs.recover", "runs.release", "runs.follow", ".up", ".restart", "")


@dataclass(frozen=True)
class Words:
    """One command that has ended: what was typed, its exit code, what it printed."""

    argv: tuple[str, ...]
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        try:
            document = json.loads(self.out)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.document.get("hosts") or []

    @property
    def verb(self) -> str:
        return self.argv[0].rpartition(".")[2]

    @property
    def text(self) -> str:
        """All sentences, those of rows, steps, checks and notes included."""
        document = self.document
        if not document:
            return f"{self.err}\n{self.out}"
        parts = [document.get("error", ""), *document.get("notes", ())]
        for row in self.rows:
            parts.append(row.get("error", ""))
            parts += [check.get("remedy", "") for check in row.get("checks", ()) if not check["ok"]]
        return "\n".join([*filter(None, parts), self.err])

    def of_host(self, host: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["host"] == host]

    def commands(self, typed: Sequence[str]) -> list[tuple[str, ...]]:
        """The commands that it names, the one that leads on first; `typed`: what was asked for at
        first, which is waited with where it says so."""
        text = TOLD.sub("", self.text)
        named = [tuple(match[1].split()) for match in COMMAND.finditer(text)]
        named.sort(key=lambda argv: next(n for n, word in enumerate(ORDER) if word in argv[0]))
        wait = WAIT.search(text)
        waits = [(*typed, wait[0])] if wait else []
        leads = [argv for argv in named if argv[0] not in LOOKS]
        return list(dict.fromkeys([*leads, *waits, *named]))

    def __str__(self) -> str:
        state = ",".join(row["state"] for row in self.rows)
        return f"inv {' '.join(self.argv)}: {self.code} {state}".rstrip()
