"""This machine, without SSH: the host that is always there."""

import os
from collections.abc import Callable

from fairlead.connections.base import BaseConnection, Host, Site
from fairlead.connections.process import LocalProcess, run_on_terminal
from fairlead.model import operator
from fairlead.model.plan import Secret


def connect(
    host: Host,
    site: Site,
    password: Callable[[str], Secret],
) -> "LocalConnection":
    """A connection that cannot be cut."""
    return LocalConnection(host, password)


class LocalConnection(BaseConnection):
    """The connection to ourselves. sudo is left out where we are root."""

    def __init__(self, host: Host, password: Callable[[str], Secret]):
        super().__init__(host.name, host.sudo and os.geteuid() != 0, password)

    @property
    def user(self) -> str:
        return operator.name()

    def start(self, argv: tuple[str, ...]) -> LocalProcess:
        self.channels += 1
        return LocalProcess(self.host, argv)

    def terminal(self, argv: tuple[str, ...]) -> int:
        return run_on_terminal(("sudo", "--", *argv) if self._sudo else argv)
