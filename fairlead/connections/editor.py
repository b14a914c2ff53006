"""A text edited by a person: in a file of memory (tmpfs) that only we can read, and that is gone
afterwards whatever becomes of us.
"""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from fairlead.connections.process import run_on_terminal
from fairlead.model.errors import SecretError

MEMORY = "/dev/shm"
PREFIX = "fairlead-edit-"  # then our process, a dash and letters
# Its stdin ends with us, even when we are killed.
GUARD = 'trap "" HUP INT TERM; cat >/dev/null; rm -rf "$1"'
SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def edit(
    name: str,
    text: bytes,
    environment: Mapping[str, str],
    memory: str = MEMORY,
) -> bytes:
    """The text as the editor ($VISUAL, $EDITOR, vi) left it.

    Raises SecretError: no memory to put it, or the editor failed.
    """
    argv = tuple(shlex.split(environment.get("VISUAL") or environment.get("EDITOR") or "vi"))
    with _folder(memory) as folder, _signals_raise():
        path = folder / name
        with open(
            os.open(
                path,
                os.O_WRONLY | os.O_CREAT | os.O_EXCL,
                0o600,
            ),
            "wb",
        ) as file:
            file.write(text)
        try:
            code = run_on_terminal((*argv, str(path)))
        except OSError as error:
            what = f"{argv[0]} cannot be started: {error.strerror}"
            raise SecretError("EDITOR", what, "name another in EDITOR") from None
        if code:
            what = f"the editor ended with {code}; nothing was changed"
            raise SecretError(f"secrets/{name}", what, "")
        return path.read_bytes()


@contextmanager
def _folder(memory: str) -> Iterator[Path]:
    if not os.path.isdir(memory):
        raise SecretError(
            memory,
            "is not there, and a secret is not put on a disk to be edited",
            "inv secrets.set --name=... takes a value on stdin",
        )
    _sweep(Path(memory))
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=memory)
    guard = subprocess.Popen(
        ("sh", "-c", GUARD, "guard", folder), stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield Path(folder)
    finally:
        guard.communicate()


def _sweep(memory: Path) -> None:
    """Remove what is left of those who were killed together with their guard: at the end of a whole
    control group, of a virtual machine's session.
    """
    for folder in memory.glob(f"{PREFIX}*-*"):
        number = folder.name.removeprefix(PREFIX).partition("-")[0]
        if folder.stat().st_uid == os.getuid() and not Path("/proc", number).exists():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _signals_raise() -> Iterator[None]:
    """A signal that ends us goes the way of an exception."""
    before = {number: signal.signal(number, _end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: object) -> None:
    raise SystemExit(128 + number)
