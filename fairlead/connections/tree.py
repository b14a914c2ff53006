"""A tree: hosts are reached by gateways, each of which starts one ssh for each of its hosts. The
controller has one connection for each gateway, whatever the number of hosts.

The gateway's ssh believes the host keys that are known here, and no others. Where a gateway is
lost, its hosts are told as unreachable; whoever seeks such a host again goes by the next gateway.
What wants a channel to itself (sessions, files, a terminal) goes as it would without the tree.
"""

import base64
import os
import re
import secrets
import shlex
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, BinaryIO

from fairlead.connections import fabric, known_hosts, openssh, ssh_answers
from fairlead.connections.base import BaseConnection, Connection, Host, Site
from fairlead.connections.conversation import OutputCallback
from fairlead.connections.tree_process import LOST, TreeProcess
from fairlead.model.errors import FairleadError, HostKeyRefused, Unreachable
from fairlead.model.plan import Secret

if TYPE_CHECKING:
    from fairlead.connections.tree_channel import Engine, GatewayChannel

AGAIN = 30.0  # seconds until a gateway that did not open is tried again
STRICT = {  # whatever the ssh_config of the gateway says
    "IgnoreUnknown": "KnownHostsCommand,RemoteCommand",
    "KnownHostsCommand": "none",
    "RemoteCommand": "none",
    "GlobalKnownHostsFile": "/dev/null",
    "VerifyHostKeyDNS": "no",
    "NoHostAuthenticationForLocalhost": "no",
    "CheckHostIP": "no",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "ControlMaster": "no",
    "ControlPath": "none",
    "PermitLocalCommand": "yes",
}

Password = Callable[[str], Secret]


def connect(host: Host, site: Site, password: Password) -> "TreeConnection":
    """An open connection, by the first of the host's gateways that opens."""
    connection = TreeConnection(host, site, password)
    connection.open()
    return connection


class TreeConnection(BaseConnection):
    """The connection to a host behind gateways. A new one begins with the next gateway."""

    def __init__(
        self,
        host: Host,
        site: Site,
        password: Password,
    ):
        super().__init__(host.name, host.sudo, password)
        self._host, self._site = host, site
        self._config = ssh_answers.of_host(host, site)
        self._turn = TREE.turn(host.name)
        self._direct: Connection | None = None

    @property
    def user(self) -> str:
        return self._config.user

    def open(self) -> None:
        """Log in at the host. Raises Unreachable, HostKeyRefused."""
        try:
            self._waiting_shell()
        except FairleadError:
            self.close()
            raise

    def start(self, argv: tuple[str, ...]) -> TreeProcess:
        TREE.join(self)
        gateway, channel = self._open_gateway()
        self.channels += 1
        mark = f"fairlead-{secrets.token_hex(12)}"
        process = TreeProcess(self.host, gateway, channel, mark)
        name, known = self._known()
        process.begin((*self._ssh(name, mark), shlex.join(argv)), known)
        limit = self._site.ssh.connect_timeout * 3 + 5
        complaint = process.complaint(limit)
        if complaint is not None:
            raise self._in_words(gateway, complaint)
        return process

    def terminal(self, argv: tuple[str, ...]) -> int:
        raise AssertionError("a session goes by another connection")

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: OutputCallback | None = None,
        on_errors: OutputCallback | None = None,
    ) -> int:
        """See Connection.session."""
        direct = self._direct or self._connect_directly()
        return direct.session(argv, tty=tty, stdin=stdin, on_output=on_output, on_errors=on_errors)

    def _connect_directly(self) -> Connection:
        kind = openssh if self._host.transport == "openssh" else fabric
        self._direct = kind.connect(self._host, self._site, self._password)
        return self._direct

    def close(self) -> None:
        super().close()
        direct, self._direct = self._direct, None
        if direct:
            direct.close()
        TREE.leave(self)

    def _open_gateway(self) -> "tuple[str, GatewayChannel]":
        """The first gateway that opens, this connection's own first; one whose key is refused is
        not passed over.
        """
        names = self._host.gateways
        first = self._turn % len(names)
        complaints = []
        for name in (*names[first:], *names[:first]):
            try:
                return name, TREE.gateway(self._site.hosts[name], self._site).channel()
            except HostKeyRefused:
                raise
            except Unreachable as error:
                complaints.append(f"{name}: {error.what}")
        what = f"none of its gateways opens ({'; '.join(complaints)})"
        raise Unreachable(self.host, what, f"look: inv hosts.check --host={names[0]}")

    def _ssh(self, alias: str, mark: str) -> tuple[str, ...]:
        """ssh as the gateway starts it; its known_hosts is added there."""
        own = {
            "HostName": self._config.hostname,
            "Port": str(self._config.port),
            "User": self._config.user,
            "HostKeyAlias": alias,
            "LocalCommand": f"echo {mark}",
        }
        rules = openssh.strict_rules(self._site) | STRICT | own
        return ("ssh", *openssh.options_of(rules), "-T", "--", self.host)

    def _known(self) -> tuple[str, str]:
        """The name under which its keys stand, and the lines of known_hosts that mean it.

        Raises HostKeyRefused where there are none.
        """
        name, entries = fabric.known_as(self._host, self._site)
        if all(entry.marker == known_hosts.REVOKED for entry in entries):
            what = "no host key of it is known here, and its gateways believe no other"
            raise HostKeyRefused(self.host, what, f"inv hosts.trust --host={self.host}")
        lines = (
            (entry.marker, name, entry.key.kind, base64.b64encode(entry.key.blob).decode())
            for entry in entries
        )
        return name, "".join(" ".join(filter(None, line)) + "\n" for line in lines)

    def _in_words(self, gateway: str, complaint: str) -> FairleadError:
        """What the ssh of a gateway complained of."""
        if openssh.UNKNOWN_KEY in complaint:
            is_changed = re.search(r"has changed|IDENTIFICATION HAS CHANGED|revoked", complaint)
            why = "has changed, or is revoked" if is_changed else "is not the known one"
            what = f"the host key that it shows its gateway {gateway} {why}"
            remedy = f"if it has been installed anew: inv hosts.trust --host={self.host}"
            return HostKeyRefused(self.host, what, remedy)
        _, what, remedy = openssh.fault(self._config, self._site, LOST, complaint)
        if "Permission denied" in complaint:
            address = self._config.hostname
            remedy = f"a gateway logs in with a key of its own; try there: ssh {address}"
        return Unreachable(self.host, f"{what}, says its gateway {gateway}", remedy)


class Gateway:
    """One gateway, opened by the first who needs it; what it complains of lies in `log`."""

    def __init__(
        self,
        host: Host,
        site: Site,
        engine: "Engine",
        folder: str,
    ):
        self.name = host.name
        self._host, self._site, self._engine = host, site, engine
        self._log = os.path.join(folder, host.name)
        self._lock, self._failed = threading.Lock(), 0.0
        self._channel: GatewayChannel | None = None
        self._error: FairleadError = Unreachable(host.name, "")

    def channel(self) -> "GatewayChannel":
        """The open channel. Raises Unreachable, HostKeyRefused."""
        with self._lock:
            if self._channel is None or self._channel.is_lost:
                if self._failed and time.monotonic() < self._failed + AGAIN:
                    raise self._error
                self._channel = self._opened()
            return self._channel

    def finish(self) -> None:
        if self._channel:
            self._channel.finish()

    def _opened(self) -> "GatewayChannel":
        from fairlead.connections.tree_channel import GatewayChannel

        rules = openssh.options(self._host, self._site, self._log)
        argv = ("ssh", *rules, "-S", "none", "-T", "--", self.name, self._command())
        with open(f"{self._log}.err", "wb") as errors:
            channel = GatewayChannel(self._engine, argv, openssh.environment(), errors)
        if channel.wait(self._site.ssh.connect_timeout * 3 + 5):
            return channel
        channel.finish()
        self._failed, self._error = time.monotonic(), self._in_words(channel.code)
        raise self._error

    def _command(self) -> str:
        from fairlead.connections.tree_channel import BOOT

        tree = self._site.ssh.tree
        return shlex.join((tree.python if tree else "python3", "-Bu", "-c", BOOT))

    def _in_words(self, code: int | None) -> FairleadError:
        complaint = openssh.text_of(f"{self._log}.err")
        if code in (None, LOST):
            opener = openssh.OpenSshConnection(self._host, self._site, _no_password)
            return opener.in_words(
                openssh.NOT_IN_TIME if code is None else code,
                complaint,
                openssh.text_of(self._log),
            )
        last = complaint.strip().rpartition("\n")[2] or f"it ended with {code}"
        what = f"does not run ClusterShell ({last})"
        remedy = "install ClusterShell there for the Python that ssh.tree.python names"
        return Unreachable(self.name, what, remedy)


def _no_password(host: str) -> Secret:
    raise AssertionError("a gateway needs no root")


class Tree:
    """The gateways that are open, and who uses them: they end with the last connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[str, count[int]] = {}
        self._connections: set[TreeConnection] = set()
        self._gateways: dict[tuple[object, ...], Gateway] = {}
        self._engine: Engine | None = None
        self._folder = ""

    def turn(self, host: str) -> int:
        """How many connections to a host there were before."""
        with self._lock:
            return next(self._turns.setdefault(host, count()))

    def join(self, connection: TreeConnection) -> None:
        with self._lock:
            self._connections.add(connection)
            if self._engine is None:
                from fairlead.connections.tree_channel import Engine

                self._engine, self._folder = Engine(), tempfile.mkdtemp(prefix="fl-")

    def leave(self, connection: TreeConnection) -> None:
        with self._lock:
            self._connections.discard(connection)
            if not self._connections and self._engine:
                self._end(self._engine)

    def gateway(self, host: Host, site: Site) -> Gateway:
        """The one there is, else a new one."""
        with self._lock:
            assert self._engine is not None
            new = Gateway(host, site, self._engine, self._folder)
            return self._gateways.setdefault((host, site.ssh), new)

    def _end(self, engine: "Engine") -> None:
        for gateway in self._gateways.values():
            gateway.finish()
        engine.end()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._engine, self._folder = None, ""
        self._gateways.clear()


TREE = Tree()
