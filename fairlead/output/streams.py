"""Where the words go: a stream that may be a terminal, a pipe, or closed at the other end."""

import os
from collections.abc import Mapping
from typing import Any, TextIO


def is_terminal(stream: Any, environment: Mapping[str, str] = os.environ) -> bool:
    """Can the cursor be moved there? Not in a file or a pipe, and not with TERM=dumb."""
    return stream.isatty() and environment.get("TERM", "dumb") not in ("dumb", "unknown", "")


def say(stream: TextIO, text: str) -> None:
    """One write, flushed; a letter that the stream's encoding lacks becomes `?`."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


def pass_on(stream: Any, data: bytes) -> None:
    """Bytes as they are."""
    stream.flush()
    raw = getattr(stream, "buffer", None)
    if raw is None:
        stream.write(data.decode("utf-8", "replace"))
    else:
        raw.write(data)
        raw.flush()
    stream.flush()


def console(stream: TextIO) -> Any:
    """A Rich console that takes every text literally and leaves the cursor visible, so that nothing has to be restored after a kill."""
    from rich.console import Console

    colourless = bool(os.environ.get("NO_COLOR"))
    found = Console(
        file=stream,
        force_terminal=True,
        no_color=colourless,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    found.show_cursor = lambda show=True: False
    return found
