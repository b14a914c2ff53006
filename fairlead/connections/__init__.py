"""What a host is to us: program in, bytes out, exit code; by Fabric, OpenSSH, on this machine, or a fake. Sole user of fabric and subprocess.

    connect(host, site)         a Line; raises Unreachable or HostKeyRefused
    line.run(program)           one channel, one program on the stdin of `sh -s`
    line.session(argv)          a program for its output, or a terminal

keys.py knows which host keys are trusted, sudo.py opens the door to root, exchange.py lets both sides talk at once; fabric.py, openssh.py and
local.py are the carriers.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fairlead.connections.line import Connection, ProgramResult
from fairlead.model.plan import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairlead.connections.known_hosts import Key, KnownHost

__all__ = ["Connection", "ProgramResult", "connect", "known_as", "shown_keys"]


def connect(host: Any, site: Any, *, password: Callable[[str], Secret] | None = None) -> Connection:
    """The line to a host of the site. `password` gives sudo's, by host; default: FAIRLEAD_SUDO_PASSWORD_FILE, else asked once at the terminal."""
    from fairlead.connections import become

    return _carrier(host.transport)(host, site, become.passwords(password))


def shown_keys(host: Any, site: Any) -> "Iterator[Key]":
    """The keys that a host shows now, type after type. Nothing is trusted by it, and nobody logs in. Raises Unreachable."""
    from fairlead.connections import fabric

    return fabric.shown_keys(host, site)


def known_as(host: Any, site: Any) -> "tuple[str, tuple[KnownHost, ...]]":
    """The name under which a host's keys stand in known_hosts, and every entry that means it."""
    from fairlead.connections import fabric

    return fabric.known_as(host, site)


def _carrier(transport: str) -> Callable[..., Connection]:
    match transport:
        case "local":
            from fairlead.connections.local import connect as found
        case "openssh":
            from fairlead.connections.openssh import connect as found
        case _:
            from fairlead.connections.fabric import connect as found
    return found
