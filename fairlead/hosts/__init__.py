"""What a host is to us: program in, bytes out, exit code; by Fabric, OpenSSH, on this machine, or a fake. Sole user of fabric and subprocess.

    connect(host, site)         a Line; raises Unreachable or HostKeyRefused
    line.run(program)           one channel, one program on the stdin of `sh -s`
    line.session(argv)          a program for its output, or a terminal

keys.py knows which host keys are trusted, sudo.py opens the door to root, exchange.py lets both sides talk at once; fabric.py, openssh.py and
local.py are the carriers.
"""

from collections.abc import Callable
from typing import Any

from fairlead.hosts.line import Answer, Line
from fairlead.plan import Secret

__all__ = ["Answer", "Line", "connect"]


def connect(host: Any, site: Any, *, password: Callable[[str], Secret] | None = None) -> Line:
    """The line to a host of the site. `password` gives sudo's, by host; default: FAIRLEAD_SUDO_PASSWORD_FILE, else asked once at the terminal."""
    from fairlead.hosts import sudo

    return _carrier(host.transport)(host, site, sudo.passwords(password))


def _carrier(transport: str) -> Callable[..., Line]:
    match transport:
        case "local":
            from fairlead.hosts.local import connect as found
        case "openssh":
            from fairlead.hosts.openssh import connect as found
        case _:
            from fairlead.hosts.fabric import connect as found
    return found
