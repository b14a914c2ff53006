"""The usual kind of connection. ssh tells what its ssh_config means, Fabric gives the connection;
programs run on channels of its transport.

Fabric's own run() polls for 34-44 ms and it adds every host key; here a run is one channel without
polling, and a key that is not known is refused before anybody logs in.
"""

import contextlib
import logging
import os
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.connections import known_hosts, ssh_answers
from fairlead.connections.auth import PublicKeyAuth
from fairlead.connections.base import BaseConnection, Host, Site
from fairlead.connections.gateway import Gateway, Hop, NoCommonAlgorithm, ProxyCommand
from fairlead.connections.known_hosts import Key, KnownHost
from fairlead.connections.ssh_config import SshConfig
from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.plan import Secret

if TYPE_CHECKING:
    import fabric
    import paramiko

    from fairlead.connections.ssh_channel import ChannelProcess

DEAD = 60_000  # milliseconds that the kernel waits for what we sent to be acknowledged
KINDS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
_ASK = threading.RLock()  # Fabric's configuration is shared, and was not made for threads


def connect(
    host: Host,
    site: Site,
    password: Callable[[str], Secret],
) -> "FabricConnection":
    """An open connection."""
    connection = FabricConnection(host, site, password)
    connection.hop.open()
    return connection


class FabricConnection(BaseConnection):
    """The connection to a host over one of Fabric's."""

    def __init__(
        self,
        host: Host,
        site: Site,
        password: Callable[[str], Secret],
    ):
        super().__init__(host.name, host.sudo, password)
        self.hop = hop_to(host, site)

    @property
    def user(self) -> str:
        return self.hop.connection.user

    def start(
        self,
        argv: tuple[str, ...],
        size: tuple[int, int] | None = None,
    ) -> "ChannelProcess":
        from fairlead.connections.ssh_channel import ChannelProcess

        self.hop.open()
        process = ChannelProcess(self.host, self.hop.transport, shlex.join(argv), size)
        self.channels += 1
        return process

    def terminal(self, argv: tuple[str, ...]) -> int:
        from fairlead.connections import terminal

        escalation = self.escalation(tty=True)
        process = self.start(escalation.argv(argv), terminal.size())
        try:
            return terminal.attach(process, escalation)
        finally:
            process.close()

    def close(self) -> None:
        super().close()
        self.hop.close()


def hop_to(host: Host, site: Site) -> Hop:
    """The way to a host, not yet open, made strict: every hop's key has to be known."""
    check_identity(host, site)
    config = ssh_answers.of_host(host, site)
    if host.via:
        return _strict(config, site, _shared(hop_to(site.hosts[host.via], site), site))
    return _strict(config, site, _way(config, site, (host.name,)))


def _way(config: SshConfig, site: Site, before: tuple[str, ...]) -> "Gateway | ProxyCommand | None":
    """The way that ssh_config names: a ProxyJump, each of its gateways as strict as we are; or a
    ProxyCommand. `before`: the hosts that it is the way to.
    """
    gateway = ssh_answers.gateway(config, site, before)
    if not gateway:
        return ProxyCommand(config.proxy_command) if config.proxy_command else None
    jump, _, far = gateway
    return _shared(_strict(far, site, _way(far, site, (*before, str(jump)))), site)


def check_identity(host: Host, site: Site) -> None:
    """Raise SiteError where the key that the site names is not there."""
    if host.identity and not os.path.exists(host.identity):
        raise SiteError(
            f"{site.path}: hosts.{host.name}.identity",
            f"there is no file {host.identity}",
            "name the private key, or leave it out",
        )


def _strict(config: SshConfig, site: Site, via: "Gateway | ProxyCommand | None") -> Hop:
    """A connection with its policy, its time-outs, its log-in."""
    name, limit = config.name, site.ssh.connect_timeout
    connection = _connection(config)
    hop = Hop(name, connection, config, via)
    is_ours = name in site.hosts
    trust = (
        f"inv hosts.trust --host={name} --fingerprint=" if is_ours else f"ssh {name}, and compare "
    )

    def known() -> tuple[KnownHost, ...]:
        return entries_of(config, site)[1]

    def check(key: Key) -> None:
        known_hosts.check(name, hop.place, key, known(), trust + key.fingerprint)

    connection.client.set_missing_host_key_policy(_Policy(check))
    connection.connect_timeout = limit
    connection.connect_kwargs = {
        "banner_timeout": limit,
        "auth_timeout": limit,
        "channel_timeout": limit,
        "transport_factory": _transport(lambda: known_hosts.kinds(known())),
        "auth_strategy": PublicKeyAuth(config),
    }
    return hop


def _connection(config: SshConfig) -> "fabric.Connection":
    """Fabric's, which reads no ssh_config of its own."""
    with _ASK:
        return _kind_of_connection()(
            config.hostname,
            user=config.user,
            port=config.port,
            gateway=False,
            config=_settings(),
        )


@cache
def _kind_of_connection() -> "type[fabric.Connection]":
    import fabric

    class Connection(fabric.Connection):
        """Fabric's, but for what its constructor would write into the settings of all: that is an
        attribute of its own here.
        """

        inline_ssh_env = True

    return Connection


@cache
def _settings() -> "fabric.Config":
    """Fabric's settings, the same for all connections: making them takes longer than a connection
    does. They are only read, by many threads at once.
    """
    import fabric
    import paramiko

    class Silent(paramiko.SSHConfig):
        def lookup(self, hostname: str) -> paramiko.SSHConfigDict:
            return paramiko.SSHConfigDict()

    # or its tracebacks land on stderr
    logging.getLogger("paramiko").addHandler(logging.NullHandler())
    return fabric.Config(lazy=True, ssh_config=Silent())


_GATEWAYS: dict[tuple[Any, ...], Gateway] = {}


def _shared(hop: Hop, site: Site) -> Gateway:
    """The gateway that there is already to that place, by that way, with those keys; else a new
    one.
    """
    connection = hop.connection
    files = connection.connect_kwargs["auth_strategy"].files
    place = (hop.name, connection.user, connection.host, connection.port)
    key = (*place, hop.via, files, connection.connect_timeout, site.ssh)
    return _GATEWAYS.setdefault(key, Gateway(hop))


class _Policy:
    """Asked by paramiko for every key, before anybody logs in."""

    def __init__(self, check: Callable[[Key], None]):
        self.check = check

    def missing_host_key(
        self,
        client: "paramiko.SSHClient",
        hostname: str,
        key: "paramiko.PKey",
    ) -> None:
        self.check(Key(key.get_name(), key.asbytes()))


def _transport(
    first: Callable[[], tuple[str, ...]], only: tuple[str, ...] = ()
) -> "Callable[..., paramiko.Transport]":
    """What makes a transport without Nagle's delay, that asks for the key types which are known
    before the others (or for these `only`).
    """

    def make(sock: "socket.socket | paramiko.Channel", **options: Any) -> "paramiko.Transport":
        import paramiko

        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError, AttributeError):  # Linux alone has it
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD)
        transport = paramiko.Transport(sock, **options)
        security = transport.get_security_options()
        known = () if only else first()
        by_known = sorted(security.key_types, key=lambda kind: _kind(kind) not in known)
        security.key_types = only or tuple(by_known)
        return transport

    return make


def _kind(algorithm: str) -> str:
    """The type of key that an algorithm signs with."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2") else algorithm


def shown_keys(host: Host, site: Site) -> Iterator[Key]:
    """The keys that a host shows, type after type.

    Nobody logs in (but at its gateways, whose keys have to be known). Raises Unreachable.
    """
    for kinds in KINDS:
        hop = hop_to(host, site)
        hop.connection.client.set_missing_host_key_policy(_Policy(_raise_shown))
        hop.connection.connect_kwargs["transport_factory"] = _transport(tuple, kinds)
        try:
            hop.open()
        except _Shown as shown:
            yield shown.key
        except NoCommonAlgorithm:
            pass  # it has no key of this type


def known_as(host: Host, site: Site) -> tuple[str, tuple[KnownHost, ...]]:
    """See entries_of."""
    return entries_of(ssh_answers.of_host(host, site), site)


def entries_of(config: SshConfig, site: Site) -> tuple[str, tuple[KnownHost, ...]]:
    """The name under which a host's keys stand in known_hosts, and what stands there."""
    name = known_hosts.name(config.hostname, config.port, config.host_key_alias)
    return name, known_hosts.known(name, known_files(config, site))


def known_files(config: SshConfig, site: Site) -> tuple[Path, ...]:
    """The known_hosts files that count for a host."""
    user, system = config.user_known_hosts, config.global_known_hosts
    return known_hosts.files(site.ssh.known_hosts, user, system)


class _Shown(FairleadError):
    """A key was shown; that was all we wanted."""

    def __init__(self, key: Key):
        self.key = key


def _raise_shown(key: Key) -> None:
    raise _Shown(key)
