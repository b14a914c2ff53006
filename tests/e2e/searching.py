"""Where a marker stands: whole, any 12 characters of it, or its base64: in texts, in files here and
on a host's disk, in every process meanwhile.
"""

import base64
import contextlib
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

PART = 12
LOOKS = 15  # at a process: its first, for it may become another program


def needles(*markers: bytes) -> tuple[bytes, ...]:
    """Every 12 characters in a row of each line, and of its base64 at three alignments (without the
    characters that what stands before changes).
    """
    lines = [
        line
        for marker in markers
        for line in marker.split(b"\n")
        if len(line) >= PART and not line.startswith(b"-----")
    ]
    texts = [
        *lines,
        *(
            base64.b64encode(b"\0" * lead + line)[4 if lead else 0 :].rstrip(b"=")[:-1]
            for line in lines
            for lead in range(3)
        ),
    ]
    return tuple(
        dict.fromkeys(text[at : at + PART] for text in texts for at in range(len(text) - PART + 1))
    )


def among(data: bytes, found: Iterable[bytes]) -> list[bytes]:
    """Those of the needles that stand in it."""
    return [needle for needle in found if needle in data]


def files_with(found: Iterable[bytes], *folders: Path) -> set[str]:
    """The files under these folders that hold one of them."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm", prefix="needles-") as patterns:
        patterns.write(b"\n".join(found) + b"\n")
        patterns.flush()
        argv = [
            "grep",
            "-rlaF",
            "-D",
            "skip",
            "-f",
            patterns.name,
            "--",
            *(str(folder) for folder in folders),
        ]
        done = subprocess.run(
            argv,
            capture_output=True,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
            timeout=120,
            check=False,
        )
    return {line for line in done.stdout.decode().splitlines() if line != patterns.name}


class Processes:
    """Looks all the time at arguments and environment of every process of this machine, those of
    lab hosts and of their containers included.
    """

    def __init__(self) -> None:
        self.seen: dict[bytes, str] = {}
        self._looks: Counter[str] = Counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            self.look()

    def look(self) -> None:
        now = {path.name for path in Path("/proc").glob("[0-9]*")}
        self._looks = Counter({name: self._looks[name] + 1 for name in now})
        for name in (name for name in now if self._looks[name] <= LOOKS):
            for file in ("cmdline", "environ"):
                with contextlib.suppress(OSError):
                    self.seen.setdefault(
                        Path("/proc", name, file).read_bytes(), f"/proc/{name}/{file}"
                    )

    def with_any(self, found: Iterable[bytes]) -> Mapping[str, list[bytes]]:
        """Where one was seen, and which."""
        wanted = tuple(found)
        return {where: those for data, where in self.seen.items() if (those := among(data, wanted))}
