"""A copy of the operator's journal in syslog, or in journald where that has syslog's socket."""

import os
from collections.abc import Callable
from pathlib import Path

from fairlead import __version__
from fairlead.model import operator
from fairlead.model.results import RunResult
from fairlead.output import journal
from fairlead.output.fields import component_of
from fairlead.output.folding import grouped
from fairlead.output.listener import Listener

SOCKET = Path("/dev/log")
PATIENCE = 2.0  # seconds for a syslog that does not read: a run is not to wait for it
NOTICE = 13  # user.notice, as of `logger`


class Syslog(Listener):
    """Sends a line when a verb has ended that the journal has a line of, where `is_wanted`.

    `complain`: what hears why it cannot be sent.
    """

    def __init__(
        self,
        is_wanted: Callable[[], bool],
        complain: Callable[[str], None],
        socket: Path = SOCKET,
    ):
        self.is_wanted = is_wanted
        self.complain = complain
        self.socket = socket

    def ended(self, result: RunResult) -> None:
        if not journal.is_remembered(result):
            return
        if not self.is_wanted():
            return
        try:
            _send(self.socket, line(result))
        except OSError as error:
            why = error.strerror or "it takes no line"
            self.complain(f"{self.socket}: run {result.run} is not in syslog here: {why}")


def line(result: RunResult) -> str:
    """What a run was and came to, in a line."""
    from fairlead.inventory.nodesets import fold

    states = []
    for rows in grouped(result.hosts, lambda row: (component_of(row), row.state)):
        hosts = fold(dict.fromkeys(row.host for row in rows))
        states.append(f"{component_of(rows[0])} on {hosts} {rows[0].state}")
    words = [
        f"run {result.run}: {operator.address()}: inv {result.verb}",
        *result.flags,
        f"for {result.site}",
        *([f"because of {result.reason!r}"] if result.reason else []),
        f"ended with exit code {result.code}:",
        ", ".join(states),
        f"[fairlead {__version__}{f' site {result.revision}' if result.revision else ''}]",
    ]
    return " ".join(words)


def _send(path: Path, text: str) -> None:
    """Raises OSError."""
    import socket

    message = f"<{NOTICE}>fairlead[{os.getpid()}]: {text}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(PATIENCE)
        sender.connect(str(path))
        sender.send(message.encode(errors="replace"))
