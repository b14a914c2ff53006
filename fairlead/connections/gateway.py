"""Opening a connection: gateways shared and not overrun, refusals at the banner tried again, and every failure told in words."""

import contextlib
import errno
import random
import socket
import threading
import time
from typing import Any

from fairlead.model.errors import FairleadError, Unreachable

ATTEMPTS = 4  # the first, and three more where sshd refuses at its banner (MaxStartups)
STARTS = 8  # unfinished connections at a time through one gateway; sshd begins to drop them at 10
KEEPALIVE = 15  # seconds


class Hop:
    """A Fabric connection to one host, under the name that errors call it by, and the gateway before it."""

    def __init__(self, name: str, connection: Any, via: "Gateway | None" = None):
        self.name, self.connection, self.via = name, connection, via

    @property
    def place(self) -> str:
        at = self.connection
        return f"[{at.host}]:{at.port}" if ":" in at.host else f"{at.host}:{at.port}"

    @property
    def transport(self) -> Any:
        return self.connection.transport

    def open(self) -> None:
        """Open it unless it is open. Raises Unreachable, HostKeyRefused."""
        if not self.connection.is_connected:
            with self.via.starts if self.via else contextlib.nullcontext():
                self._open()

    def _open(self) -> None:
        for pause in (*(0.3 * 2**attempt for attempt in range(ATTEMPTS - 1)), 0.0):
            try:
                return self._try()
            except _Busy:
                time.sleep(random.uniform(pause / 2, pause * 1.5))
        what = f"{self.place} hung up before its banner, {ATTEMPTS} times"
        raise Unreachable(
            self.name, what, "its sshd is busy (MaxStartups) or shuts us out; try later"
        )

    def _try(self) -> None:
        began, at = time.monotonic(), self.connection
        if self.via:
            at.connect_kwargs["sock"] = self.via.way_to(self)
        try:
            at.open()
            at.transport.set_keepalive(KEEPALIVE)
        except FairleadError:
            self.close()
            raise
        except Exception as error:
            met = getattr(at.client.get_transport(), "remote_version", "")
            self.close()
            raise told(
                self, error, met, time.monotonic() - began >= at.connect_timeout * 0.9
            ) from None
        finally:
            at.connect_kwargs.pop("sock", None)

    def close(self) -> None:
        """Close it, in whatever state it is."""
        transport = self.connection.client.get_transport()
        self.connection.client.close()
        if transport is not None:
            transport.close()
            transport.sock.close()


class Gateway:
    """One connection through which many hosts are reached, opened by the first who needs it."""

    def __init__(self, hop: Hop):
        self.hop, self.starts = hop, threading.BoundedSemaphore(STARTS)
        self._lock, self._failed, self._error = threading.Lock(), 0.0, Unreachable(hop.name, "")

    def way_to(self, far: Hop) -> Any:
        """A channel to a host behind it. Raises Unreachable."""
        import paramiko

        self._open(time.monotonic())
        at = far.connection
        try:
            return self.hop.transport.open_channel("direct-tcpip", (at.host, at.port), ("", 0))
        except (paramiko.SSHException, EOFError, OSError) as error:
            why = getattr(error, "text", "") or str(error) or "it hung up"
            what = f"its gateway {self.hop.name} cannot reach {far.place} ({why})"
            raise Unreachable(far.name, what, "is it up, and does sshd run there?") from None

    def _open(self, asked: float) -> None:
        with self._lock:
            if self._failed > asked:  # another has tried while we waited
                raise self._error
            try:
                self.hop.open()
            except FairleadError as error:
                self._failed, self._error = time.monotonic(), error
                raise


class _Busy(Exception):
    """Refused before the banner."""


def told(hop: Hop, error: Exception, met: str, late: bool) -> Exception:
    """What went wrong, in words. `met`: what sshd had said of itself by then; `late`: whether it took all the time there was."""
    import paramiko

    why = getattr(error, "strerror", None) or str(error) or type(error).__name__
    silent = Unreachable(
        hop.name,
        f"no answer at {hop.place} within {hop.connection.connect_timeout:g} s",
        "is it up, and the way to it open?",
    )
    match error:
        case socket.gaierror():
            what = f"its address {hop.connection.host} is not known ({why})"
            return Unreachable(
                hop.name, what, "mend `address:` in the site file, or the name service"
            )
        case TimeoutError():
            return silent
        case ConnectionRefusedError() | paramiko.ssh_exception.NoValidConnectionsError() if (
            _refused(error)
        ):
            return Unreachable(
                hop.name, f"nothing listens at {hop.place}", "does sshd run there, on that port?"
            )
        case paramiko.ssh_exception.NoValidConnectionsError():
            return Unreachable(
                hop.name, f"there is no way to {hop.place}", "is it up, and the network between?"
            )
        case paramiko.ssh_exception.IncompatiblePeer():
            return Unreachable(
                hop.name,
                f"no common algorithm with {hop.place} ({why})",
                "use `transport: openssh`",
            )
        case paramiko.SSHException() | EOFError() | ConnectionError() if not met:
            return silent if late else _Busy()
        case paramiko.SSHException() | EOFError():
            return (
                silent
                if late
                else Unreachable(
                    hop.name, f"{hop.place} broke off ({why})", "look into the log of its sshd"
                )
            )
        case OSError():
            return Unreachable(
                hop.name, f"cannot be reached at {hop.place} ({why})", "is the way to it open?"
            )
    return error


def _refused(error: Exception) -> bool:
    each = getattr(error, "errors", {}).values() or (error,)
    return any(one.errno == errno.ECONNREFUSED for one in each)
