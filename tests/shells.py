"""Programs of ours in a shell that hosts have, with tools that are none."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.machine import SHELLS


class Shell:
    """One shell; `folder` is its own. Tools are found there before those of this machine."""

    def __init__(self, name: str, folder: Path):
        self.folder = folder
        self.bin = folder / "bin"
        self.tools: list[str] = []
        self.has_applets = name == "busybox"
        self.bin.mkdir()
        (self.bin / "sh").symlink_to(SHELLS[name])

    def tool(self, name: str, program: str) -> None:
        """Every program finds this sh program as the tool `name`."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{program}\n")
        path.chmod(0o755)
        self.tools.append(name)

    def run(self, argv: Sequence[Any], stdin: str = "", **env: str) -> tuple[int, str]:
        """Exit code and output of one of our programs, `sh -c TEXT NAME WORD...`."""
        done = self.done(argv, stdin, **env)
        return done.returncode, done.stdout

    def done(
        self, argv: Sequence[Any], stdin: str = "", **env: str
    ) -> subprocess.CompletedProcess[str]:
        first, option, text, *words = argv
        assert (first, option) == ("sh", "-c")
        return subprocess.run(
            [str(self.bin / "sh"), "-c", self._own_tools() + text, *words],
            input=stdin,
            env={"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.folder)}
            | env,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def _own_tools(self) -> str:
        """busybox takes its own applets before what PATH has, but no function's place.

        None of its applets has a hyphen, which no function may have."""
        names = [name for name in self.tools if self.has_applets and "-" not in name]
        return "".join(f'{name}() {{ "{self.bin}/{name}" "$@"; }}\n' for name in names)
