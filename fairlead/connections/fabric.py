"""The usual carrier. Fabric gives ssh_config, gateways and the connection; programs run on channels of its transport.

Fabric's own run() polls for 34-44 ms and it adds every host key; here a run is one channel without polling, and a key that is not known is
refused before anybody logs in.
"""

import contextlib
import logging
import os
import shlex
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fairlead.connections import known_hosts
from fairlead.connections.auth import Keys
from fairlead.connections.base import BaseConnection
from fairlead.connections.gateway import Gateway, Hop
from fairlead.model.errors import FairleadError, SiteError, Unreachable
from fairlead.model.plan import Secret

DEAD = 60_000  # milliseconds that the kernel waits for what we sent to be acknowledged
KINDS = (
    ("ssh-ed25519",),
    ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"),
    ("rsa-sha2-512", "rsa-sha2-256"),
)
_ASK = threading.RLock()  # Fabric's configuration is shared, and was not made for threads


def connect(host: Any, site: Any, password: Callable[[str], Secret]) -> "FabricConnection":
    """An open line."""
    line = FabricConnection(host, site, password)
    line.hop.open()
    return line


class FabricConnection(BaseConnection):
    """The line over one Fabric connection."""

    def __init__(self, host: Any, site: Any, password: Callable[[str], Secret]):
        super().__init__(host.name, host.sudo, password)
        self.hop = hop_to(host, site)

    @property
    def user(self) -> str:
        return self.hop.connection.user

    def start(self, argv: tuple[str, ...], size: tuple[int, int] | None = None) -> Any:
        from fairlead.connections.ssh_channel import ChannelTalk

        self.hop.open()
        found = ChannelTalk(self.host, self.hop.transport, shlex.join(argv), size)
        self.channels += 1
        return found

    def terminal(self, argv: tuple[str, ...]) -> int:
        from fairlead.connections import terminal

        door = self.escalation(tty=True)
        talk = self.start(door.argv(argv), terminal.size())
        try:
            return terminal.attach(talk, door)
        finally:
            talk.close()

    def close(self) -> None:
        self.hop.close()


def hop_to(host: Any, site: Any) -> Hop:
    """The way to a host, not yet open, made strict: every hop's key has to be known."""
    import fabric
    import paramiko

    _check_identity(host, site)
    with _ASK:
        try:
            config = fabric.Config(
                lazy=True,
                ssh_config=paramiko.SSHConfig.from_text(
                    _of_site(host) + _of_files(site.ssh.config)
                ),
            )
            found = fabric.Connection(host.name, config=config, gateway=False if host.via else None)
        except (paramiko.SSHException, ValueError) as error:
            raise SiteError(
                site.ssh.config or "~/.ssh/config",
                f"cannot be read ({error})",
                "mend it; ssh -G shows what ssh makes of it",
            ) from None
        via = _shared(hop_to(site.hosts[host.via], site), site) if host.via else _jump(found, site)
        return _strict(host.name, found, site, host.identity, via)


def _of_site(host: Any) -> str:
    """What the site says of a host, as ssh_config. In that language the first word counts, so it goes before the files."""
    address, port = (
        host.address if host.address != host.name else "",
        host.port if host.port != 22 else "",
    )
    said = {"HostName": address, "Port": port, "User": host.user}
    return (
        f"Host {host.name}\n"
        + "".join(f" {key} {value}\n" for key, value in said.items() if value)
        + "Host *\n"
    )


def _of_files(path: str) -> str:
    """The ssh_config that the site names; else the user's and the system's."""
    logging.getLogger("paramiko").addHandler(
        logging.NullHandler()
    )  # or its tracebacks land on stderr
    if path and not os.path.exists(path):
        raise SiteError(
            f"ssh.config: {path}",
            "there is no such file",
            "mend the path in the site file, or leave it out",
        )
    texts = [
        Path(one)
        for one in (
            (path,) if path else (os.path.expanduser("~/.ssh/config"), "/etc/ssh/ssh_config")
        )
    ]
    return "".join(one.read_text(errors="replace") + "\nHost *\n" for one in texts if one.is_file())


def _jump(found: Any, site: Any) -> Gateway | None:
    """The gateway that ssh_config names (ProxyJump), which Fabric would follow trustingly. A ProxyCommand stays Fabric's."""
    before, found.gateway = found.gateway, found.gateway if isinstance(found.gateway, str) else None
    if before is None or isinstance(before, str):
        return None
    return _shared(_strict(before.original_host, before, site, "", _jump(before, site)), site)


def _check_identity(host: Any, site: Any) -> None:
    if host.identity and not os.path.exists(host.identity):
        raise SiteError(
            f"{site.path}: hosts.{host.name}.identity",
            f"there is no file {host.identity}",
            "name the private key, or leave it out",
        )


def _strict(name: str, found: Any, site: Any, identity: str, via: Gateway | None) -> Hop:
    """A connection with its policy, its time-outs, its log-in."""
    hop, limit = Hop(name, found, via), site.ssh.connect_timeout
    trust = (
        f"inv hosts.trust --host={name} --fingerprint="
        if name in site.hosts
        else f"ssh {name}, and compare "
    )
    found.gateway = None if via else found.gateway

    def check(key: known_hosts.Key) -> None:
        known_hosts.check(name, hop.place, key, _entries(found, site)[1], trust + key.fingerprint)

    found.client.set_missing_host_key_policy(_Policy(hop, check))
    found.connect_timeout = limit
    found.connect_kwargs = {
        "banner_timeout": limit,
        "auth_timeout": limit,
        "channel_timeout": limit,
        "transport_factory": _transport(lambda: known_hosts.kinds(_entries(found, site)[1])),
        "auth_strategy": Keys(name, found.user, identity, found.ssh_config),
    }
    return hop


_GATEWAYS: dict[tuple[Any, ...], Gateway] = {}


def _shared(hop: Hop, site: Any) -> Gateway:
    """The gateway that there is already to that place, by that way, with those keys; else a new one."""
    at, auth = hop.connection, hop.connection.connect_kwargs["auth_strategy"]
    key = (
        hop.name,
        at.user,
        at.host,
        at.port,
        id(hop.via),
        auth.files,
        at.connect_timeout,
        site.ssh,
    )
    return _GATEWAYS.setdefault(key, Gateway(hop))


class _Policy:
    """Asked by paramiko for every key, before anybody logs in."""

    def __init__(self, hop: Hop, check: Callable[[known_hosts.Key], None]):
        self.hop, self.check = hop, check

    def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
        self.check(known_hosts.Key(key.get_name(), key.asbytes()))


def _transport(
    first: Callable[[], tuple[str, ...]], only: tuple[str, ...] = ()
) -> Callable[..., Any]:
    """A transport without Nagle's delay, that asks for the key types which are known before the others (or for these `only`)."""

    def make(sock: Any, **kwargs: Any) -> Any:
        import paramiko

        if isinstance(sock, socket.socket):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError, AttributeError):  # Linux alone has it
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD)
        made = paramiko.Transport(sock, **kwargs)
        options = made.get_security_options()
        known = () if only else first()
        options.key_types = only or tuple(
            sorted(options.key_types, key=lambda kind: _kind(kind) not in known)
        )
        return made

    return make


def _kind(algorithm: str) -> str:
    """The type of key that an algorithm signs with."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2") else algorithm


def shown_keys(host: Any, site: Any) -> Iterator[known_hosts.Key]:
    """The keys that a host shows, type after type; nobody logs in (but at its gateways, whose keys have to be known). Raises Unreachable."""
    for kinds in KINDS:
        hop = hop_to(host, site)
        hop.connection.client.set_missing_host_key_policy(_Policy(hop, _seen))
        hop.connection.connect_kwargs["transport_factory"] = _transport(tuple, kinds)
        try:
            hop.open()
        except _Seen as seen:
            yield seen.key
        except Unreachable as error:
            if "no common algorithm" not in error.what:
                raise


def known_as(host: Any, site: Any) -> tuple[str, tuple[known_hosts.KnownHost, ...]]:
    """The name under which a host's keys stand in known_hosts, and what stands there."""
    at = hop_to(host, site).connection
    return _entries(at, site)


def _entries(at: Any, site: Any) -> tuple[str, tuple[known_hosts.KnownHost, ...]]:
    name = known_hosts.name(at.host, at.port, at.ssh_config)
    return name, known_hosts.known(name, known_hosts.files(site.ssh.known_hosts, at.ssh_config))


class _Seen(FairleadError):
    """A key was shown; that was all we wanted."""

    def __init__(self, key: known_hosts.Key):
        self.key = key


def _seen(key: known_hosts.Key) -> None:
    raise _Seen(key)
