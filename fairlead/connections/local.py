"""This machine, without SSH: the host that is always there."""

import getpass
import os
from collections.abc import Callable
from typing import Any

from fairlead.connections.base import BaseConnection
from fairlead.connections.process import ProcessTalk, terminal
from fairlead.model.plan import Secret


def connect(host: Any, site: Any, password: Callable[[str], Secret]) -> "LocalConnection":
    """A line that cannot be cut."""
    return LocalConnection(host, password)


class LocalConnection(BaseConnection):
    """The line to ourselves. sudo is left out where we are root."""

    def __init__(self, host: Any, password: Callable[[str], Secret]):
        super().__init__(host.name, host.sudo and os.geteuid() != 0, password)

    @property
    def user(self) -> str:
        return getpass.getuser()

    def start(self, argv: tuple[str, ...]) -> ProcessTalk:
        self.channels += 1
        return ProcessTalk(self.host, argv)

    def terminal(self, argv: tuple[str, ...]) -> int:
        return terminal(("sudo", "--", *argv) if self._sudo else argv)
