"""Writing to a stream that may be a terminal, a pipe, or closed at the other end."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console


def is_terminal(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Can the cursor be moved there? Not in a file or a pipe, and not with TERM=dumb."""
    return stream.isatty() and environment.get("TERM", "dumb") not in ("dumb", "unknown", "")


def write_text(stream: TextIO, text: str) -> None:
    """One write, flushed; a letter that the stream's encoding lacks becomes `?`."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def write_bytes(stream: TextIO, data: bytes) -> None:
    """Bytes as they are, flushed; a stream without a buffer of bytes gets them as text."""
    stream.flush()
    raw = getattr(stream, "buffer", None)
    if raw is None:
        stream.write(data.decode("utf-8", "replace"))
    else:
        raw.write(data)
        raw.flush()
    stream.flush()


def console(stream: TextIO) -> "Console":
    """A Rich console that takes every text literally.

    It leaves the cursor visible, so that nothing has to be restored after a kill.
    """
    from rich.console import Console

    class _Console(Console):
        def show_cursor(self, show: bool = True) -> bool:
            return False

    return _Console(
        file=stream,
        force_terminal=True,
        no_color=bool(os.environ.get("NO_COLOR")),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
