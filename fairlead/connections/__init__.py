"""What a host is to us: program in, bytes out, exit code; by Fabric, OpenSSH, a tree of gateways,
on this machine, or a fake. Sole user of fabric and subprocess.

    connect(host, site)         a Connection; raises Unreachable or HostKeyRefused
    connection.run(program)     spoken to the shell that does all programs, on one channel
    connection.session(argv)    a program for its output, or a terminal
    used_for(host, site)        the address, user, port, keys and gateways that ssh will use

known_hosts.py knows which host keys are trusted, from what known_hosts_file.py has read; become.py
the way to root, conversation.py lets both sides talk at once; fabric.py, openssh.py, tree.py and
local.py are the kinds of connections; kept.py, one that stays for the next command line.
"""

import resource
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from fairlead.connections.base import Connection, Host, ProgramResult, Site
from fairlead.model.plan import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fairlead.connections.known_hosts import Key, KnownHost
    from fairlead.connections.ssh_config import SshConfig

__all__ = ["Connection", "ProgramResult", "connect", "known_as", "shown_keys", "used_for"]

Password = Callable[[str], Secret]  # of sudo, for a host
DESCRIPTORS = 65_536  # that we want: an open connection takes some three


def connect(
    host: Host,
    site: Site,
    *,
    password: Password | None = None,
    may_keep: bool = False,
) -> Connection:
    """The connection to a host of the site.

    `password` gives sudo's, by host; default: FAIRLEAD_SUDO_PASSWORD_FILE, else asked once at the
    terminal. `may_keep`: it may be one that an earlier command line has left, and stay for a later
    one, where the site wants that. Raises Unreachable, HostKeyRefused.
    """
    from fairlead.connections import become

    _allow_many()
    passwords = become.passwords(password)
    if may_keep and host.transport != "local" and not host.gateways:
        from fairlead.connections import kept

        if connection := kept.connect(host, site, passwords):
            return connection
    return _connector("tree" if host.gateways else host.transport)(host, site, passwords)


@cache
def _allow_many() -> None:
    """Of 1,024 descriptors, which many systems give at first, there are too few for a fleet."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < limit:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def shown_keys(host: Host, site: Site) -> "Iterator[Key]":
    """The keys that a host shows now, type after type.

    Nothing is trusted by it, and nobody logs in. Raises Unreachable.
    """
    from fairlead.connections import fabric

    return fabric.shown_keys(host, site)


def known_as(host: Host, site: Site) -> "tuple[str, tuple[KnownHost, ...]]":
    """The name under which a host's keys stand in known_hosts, and every entry that means it."""
    from fairlead.connections import fabric

    return fabric.known_as(host, site)


def used_for(host: Host, site: Site) -> "SshConfig":
    """What ssh uses for a host of the site: the site's say, else ssh_config's.

    Raises SiteError, Unreachable.
    """
    from fairlead.connections import ssh_answers

    return ssh_answers.of_host(host, site)


def _connector(kind: str) -> Callable[[Host, Site, Password], Connection]:
    match kind:
        case "local":
            from fairlead.connections import local

            return local.connect
        case "openssh":
            from fairlead.connections import openssh

            return openssh.connect
        case "tree":
            from fairlead.connections import tree

            return tree.connect
        case _:
            from fairlead.connections import fabric

            return fabric.connect
