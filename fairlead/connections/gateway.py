"""Opening a connection: gateways shared and not overrun, refusals at the banner tried again, and
every failure told in words.
"""

import contextlib
import errno
import random
import shlex
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from fairlead.connections.ssh_config import SshConfig
from fairlead.model.errors import FairleadError, Unreachable
from fairlead.model.plan import Noun

if TYPE_CHECKING:
    import fabric
    import paramiko

ATTEMPTS = 4  # the first, and three more where sshd refuses at its banner (MaxStartups)
STARTS = 8  # unfinished connections at a time through one gateway; sshd begins to drop them at 10
SETTING_UP = 32  # key exchanges at a time: each takes some 10 ms of our processor, and has to end
KEEPALIVE = 15  # seconds
LOOK = 5.0  # seconds between two looks of a silent connection at what time it is
ALL_THE_TIME = 0.9  # the part of the time-out that was used up when a failure counts as one


_SETUPS = threading.BoundedSemaphore(SETTING_UP)


class NoCommonAlgorithm(Unreachable):
    """The two sides have no algorithm of some kind in common, a type of host keys perhaps."""


class Hop:
    """A Fabric connection to one host, under the name that errors call it by, what ssh_config says
    of it, and the way before it.
    """

    def __init__(
        self,
        name: str,
        connection: "fabric.Connection",
        config: SshConfig,
        via: "Gateway | ProxyCommand | None" = None,
    ):
        self.name, self.connection, self.config, self.via = name, connection, config, via

    @property
    def place(self) -> str:
        """Its address and port."""
        host, port = self.connection.host, self.connection.port
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    @property
    def transport(self) -> "paramiko.Transport":
        return self.connection.transport

    def open(self) -> None:
        """Open it unless it is open. Raises Unreachable, HostKeyRefused."""
        if not self.connection.is_connected:
            with self.via.starts if self.via else contextlib.nullcontext():
                self._open()

    def _open(self) -> None:
        for attempt in range(ATTEMPTS):
            try:
                return self._try()
            except _Busy:
                if attempt < ATTEMPTS - 1:
                    time.sleep(0.3 * 2**attempt * random.uniform(0.5, 1.5))
        what = f"{self.place} hung up before its banner, {ATTEMPTS} times"
        remedy = "its sshd is busy (MaxStartups) or shuts us out; try later"
        raise Unreachable(self.name, what, remedy)

    def _try(self) -> None:
        began, connection = time.monotonic(), self.connection
        try:
            # what may wait for somebody who is not there keeps nobody from setting up
            connection.connect_kwargs["sock"] = self.via.way_to(self) if self.via else self._reach()
            with _SETUPS:
                began = time.monotonic()
                connection.open()
            connection.transport.set_keepalive(KEEPALIVE)
            connection.transport.sock.settimeout(LOOK)
        except FairleadError:
            self.close()
            raise
        except Exception as error:
            banner = getattr(connection.client.get_transport(), "remote_version", "")
            self.close()
            late = time.monotonic() - began >= connection.connect_timeout * ALL_THE_TIME
            raise in_words(self, error, banner, late) from None
        finally:
            connection.connect_kwargs.pop("sock", None)

    def _reach(self) -> socket.socket:
        """A socket to sshd, by the first of its addresses that takes us, as paramiko would.

        Raises OSError.
        """
        import paramiko

        host, port = self.connection.host, self.connection.port
        errors: dict[tuple[Any, ...], OSError] = {}
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        for family, kind, _, _, address in addresses:
            sock = socket.socket(family, kind)
            try:
                sock.settimeout(self.connection.connect_timeout)
                sock.connect(address)
            except OSError as error:
                sock.close()
                if error.errno not in (errno.ECONNREFUSED, errno.EHOSTUNREACH):
                    raise
                errors[address] = error
            else:
                return sock
        raise paramiko.ssh_exception.NoValidConnectionsError(errors)

    def close(self) -> None:
        """Close it, in whatever state it is."""
        transport = self.connection.client.get_transport()
        if transport is not None and isinstance(transport.sock, socket.socket):
            with contextlib.suppress(OSError):
                transport.sock.shutdown(socket.SHUT_RDWR)  # wakes who waits for a word from it
        self.connection.client.close()
        if transport is not None:
            transport.close()
            transport.sock.close()


class ProxyCommand(Noun):
    """A program of ssh_config that is the way to a host."""

    command: str

    @property
    def starts(self) -> "contextlib.AbstractContextManager[None]":
        return contextlib.nullcontext()

    def way_to(self, far: Hop) -> "paramiko.ProxyCommand":
        """The program, started as ssh would."""
        import paramiko

        return paramiko.ProxyCommand(shlex.join(("sh", "-c", f"exec {self.command}")))


class Gateway:
    """One connection through which many hosts are reached, opened by the first who needs it."""

    def __init__(self, hop: Hop):
        self.hop, self.starts = hop, threading.BoundedSemaphore(STARTS)
        self._lock, self._failed = threading.Lock(), 0.0
        self._error: FairleadError = Unreachable(hop.name, "")

    def way_to(self, far: Hop) -> "paramiko.Channel":
        """A channel to a host behind it. Raises Unreachable."""
        import paramiko

        self._open(time.monotonic())
        address = (far.connection.host, far.connection.port)
        try:
            return self.hop.transport.open_channel("direct-tcpip", address, ("", 0))
        except (paramiko.SSHException, EOFError, OSError) as error:
            why = getattr(error, "text", "") or str(error) or "it hung up"
            what = f"its gateway {self.hop.name} cannot reach {far.place} ({why})"
            raise Unreachable(far.name, what, "is it up, and does sshd run there?") from None

    def _open(self, since: float) -> None:
        with self._lock:
            if self._failed > since:  # another has tried while we waited
                raise self._error
            try:
                self.hop.open()
            except FairleadError as error:
                self._failed, self._error = time.monotonic(), error
                raise


class _Busy(Exception):
    """Refused before the banner."""


def in_words(
    hop: Hop,
    error: Exception,
    banner: str,
    late: bool,
) -> Exception:
    """What went wrong, as Unreachable; _Busy: it may be tried again; else the error itself.

    `banner`: what sshd had said of itself by then; `late`: whether it took all the time there was.
    """
    import paramiko

    name, place = hop.name, hop.place
    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    match error:
        case socket.gaierror():
            what = f"its address {hop.connection.host} is not known ({why})"
            return Unreachable(name, what, "mend `address:` in the site file, or the name service")
        case TimeoutError():
            return _silent(hop)
        case OSError() if _is_refused(error):
            remedy = "does sshd run there, on that port?"
            return Unreachable(name, f"nothing listens at {place}", remedy)
        case paramiko.ssh_exception.NoValidConnectionsError():
            remedy = "is it up, and the network between?"
            return Unreachable(name, f"there is no way to {place}", remedy)
        case paramiko.ssh_exception.IncompatiblePeer():
            what = f"no common algorithm with {place} ({why})"
            return NoCommonAlgorithm(name, what, "use `transport: openssh`")
        case paramiko.SSHException() | EOFError() | ConnectionError() if not banner:
            return _silent(hop) if late else _Busy()
        case paramiko.SSHException() | EOFError():
            if late:
                return _silent(hop)
            return Unreachable(name, f"{place} broke off ({why})", "look into the log of its sshd")
        case OSError():
            what = f"cannot be reached at {place} ({why})"
            return Unreachable(name, what, "is the way to it open?")
    return error


def _silent(hop: Hop) -> Unreachable:
    what = f"no answer at {hop.place} within {hop.connection.connect_timeout:g} s"
    return Unreachable(hop.name, what, "is it up, and the way to it open?")


def _is_refused(error: OSError) -> bool:
    """Whether an address refuses, of the one or those that were tried."""
    errors = getattr(error, "errors", {}).values() or (error,)
    return any(failure.errno == errno.ECONNREFUSED for failure in errors)
