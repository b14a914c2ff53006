"""The other carrier, for what paramiko cannot do (Kerberos, hardware keys): the ssh command, one connection shared by ControlMaster."""

import os
import random
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable
from typing import Any

from fairlead.connections import fabric, known_hosts
from fairlead.connections.base import BaseConnection
from fairlead.connections.conversation import Talk
from fairlead.connections.process import ProcessTalk, complete, terminal
from fairlead.model.errors import FairleadError, HostKeyRefused, Unreachable
from fairlead.model.plan import Secret

ATTEMPTS = 4  # the first, and three more where sshd refuses at its banner (MaxStartups)
PERSIST = 60  # seconds that a forgotten master stays
LOST = 255  # what ssh itself ends with; a program may as well
BUSY = r"kex_exchange_identification|Exceeded MaxStartups|Connection reset by"
FINAL = r"Host key verification failed|Permission denied|Connection refused|timed out|not resolve"  # a gateway's, often
SSH_ERRORS = (
    (
        r"Could not resolve hostname",
        "its address {address} is not known",
        "mend `address:` in the site file, or the name service",
    ),
    (r"Connection refused", "nothing listens at {place}", "does sshd run there, on that port?"),
    (
        r"timed out|Timeout, server",
        "no answer at {place} within {limit:g} s",
        "is it up, and the way to it open?",
    ),
    (
        r"No route to host|unreachable",
        "there is no way to {place}",
        "is it up, and the network between?",
    ),
    (
        r"Permission denied|Too many authentication failures|No more authentication",
        "does not let {user} in ({said})",
        "a key, or a ticket (kinit)?",
    ),
    (
        BUSY,
        "{place} hung up before its banner",
        "its sshd is busy (MaxStartups) or shuts us out; try later",
    ),
)


def connect(host: Any, site: Any, password: Callable[[str], Secret]) -> "OpenSshConnection":
    """An open line."""
    line = OpenSshConnection(host, site, password)
    line.open()
    return line


class OpenSshConnection(BaseConnection):
    """The line over a master of its own; its socket lies in a folder that is ours alone."""

    def __init__(self, host: Any, site: Any, password: Callable[[str], Secret]):
        super().__init__(host.name, host.sudo, password)
        self._host, self._site, self._folder = host, site, ""

    @property
    def user(self) -> str:
        return self._host.user or fabric.hop_to(self._host, self._site).connection.user

    def open(self) -> None:
        if self._folder and self._alive():
            return
        self.close()
        self._folder = tempfile.mkdtemp(prefix="fl-")
        gateways = os.path.join(
            self._folder, "said"
        )  # where the ssh of a gateway complains: a lasting master gives it no stderr
        rules = options(self._host, self._site, gateways)
        argv = (
            "ssh",
            "-fNM",
            "-o",
            f"ControlPersist={PERSIST}",
            *self._through_socket(),
            *rules,
            "--",
            self.host,
        )
        for attempt in range(ATTEMPTS):
            code, said = complete(argv, self._site.ssh.connect_timeout * 3 + 5, _environment())
            if code == 0:
                return
            said += _text(gateways)
            if not re.search(BUSY, said) or re.search(FINAL, said):
                break
            time.sleep(random.uniform(0.1, 0.5) * 2**attempt)
        self.close()
        raise self._told(code, said)

    def start(self, argv: tuple[str, ...]) -> Talk:
        self.open()
        self.channels += 1
        return _SshTalk(self, (*self._ssh(), "-T", "--", self.host, shlex.join(argv)))

    def terminal(self, argv: tuple[str, ...]) -> int:
        self.open()
        self.channels += 1
        return terminal(
            (
                *self._ssh(),
                "-tt",
                "--",
                self.host,
                shlex.join(("sudo", "--", *argv) if self._sudo else argv),
            )
        )

    def close(self) -> None:
        if self._folder:
            complete(
                ("ssh", *self._through_socket(), "-O", "exit", "--", self.host), 5, _environment()
            )
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    def _ssh(self) -> tuple[str, ...]:
        """ssh to the master; without it there is no way (ProxyCommand), instead of another connection with other rules."""
        rules = ("ControlMaster=no", "ProxyCommand=false", "BatchMode=yes", "EscapeChar=none")
        return (
            "ssh",
            "-F",
            "none",
            *self._through_socket(),
            *(word for rule in rules for word in ("-o", rule)),
        )

    def _through_socket(self) -> tuple[str, ...]:
        return ("-S", os.path.join(self._folder, "s"))

    def _alive(self) -> bool:
        return (
            complete(
                ("ssh", *self._through_socket(), "-O", "check", "--", self.host), 5, _environment()
            )[0]
            == 0
        )

    def lost(self) -> Unreachable | None:
        """Why a program ended with 255: the link was lost, or (None) that was its own exit code."""
        if self._alive():
            return None
        return Unreachable(
            self.host,
            "the link was lost while a program ran",
            f"look: inv hosts.check --host={self.host}",
        )

    def _told(self, code: int, said: str) -> FairleadError:
        """What ssh complained of, in our words."""
        last = [line for line in said.replace("\r", "").split("\n") if line.strip()][-1:] or [
            f"ssh ended with {code}"
        ]
        words = {
            "address": self._host.address,
            "place": f"{self._host.address}:{self._host.port}",
            "limit": self._site.ssh.connect_timeout,
            "user": self._host.user or "us",
            "said": last[0],
        }
        if "Host key verification failed" in said:
            return self._key_refused()
        if code == 124:
            said = "timed out"
        for pattern, what, remedy in SSH_ERRORS:
            if re.search(pattern, said):
                return Unreachable(self.host, what.format_map(words), remedy)
        return Unreachable(
            self.host, f"ssh cannot reach it ({last[0]})", f"try: ssh -v {self.host}"
        )

    def _key_refused(self) -> FairleadError:
        """ssh does not tell the fingerprint of a key that it does not know: look at it ourselves, at the first hop whose key is refused."""
        for host in (*_way(self._host, self._site), self._host):
            try:
                place, (_, entries) = (
                    fabric.hop_to(host, self._site).place,
                    fabric.known_as(host, self._site),
                )
                key = next(fabric.shown_keys(host, self._site))
                known_hosts.check(
                    host.name,
                    place,
                    key,
                    entries,
                    f"inv hosts.trust --host={host.name} --fingerprint={key.fingerprint}",
                )
            except HostKeyRefused as error:
                return error
            except (FairleadError, StopIteration):
                break
        return HostKeyRefused(
            self.host,
            "its host key, or its gateway's, is unknown, changed or revoked",
            f"look: ssh {self.host}",
        )


class _SshTalk(ProcessTalk):
    """A program on a channel of the master."""

    def __init__(self, line: OpenSshConnection, argv: tuple[str, ...]):
        self._line = line
        super().__init__(line.host, argv)

    def code(self, seconds: float) -> int:
        code = super().code(seconds)
        if code == LOST and (error := self._line.lost()):
            raise error
        return code


def options(host: Any, site: Any, log: str) -> tuple[str, ...]:
    """What ssh is told beside its ssh_config: strict, never asking, never waiting without an end. Gateways complain into `log`."""
    config = fabric.hop_to(host, site).connection.ssh_config
    files = " ".join(
        f'"{path}"'.replace("%", "%%") for path in known_hosts.files(site.ssh.known_hosts, config)
    )
    limit = max(1, round(site.ssh.connect_timeout))
    said = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "UserKnownHostsFile": files,
        "ConnectTimeout": limit,
        "ServerAliveInterval": 15,
        "ServerAliveCountMax": 3,
        "ClearAllForwardings": "yes",
        "EscapeChar": "none",
    }
    said |= {"HostName": host.address} if host.address != host.name else {}
    said |= {"ProxyCommand": _proxy(site.hosts[host.via], site, log)} if host.via else {}
    words = tuple(word for key, value in said.items() for word in ("-o", f"{key}={value}"))
    return words + _flags(host, site)


def _flags(host: Any, site: Any) -> tuple[str, ...]:
    flags = (
        ("-F", site.ssh.config),
        ("-p", "" if host.port == 22 else str(host.port)),
        ("-l", host.user),
        ("-i", host.identity),
    )
    return tuple(word for flag, value in flags if value for word in (flag, value))


def _proxy(gateway: Any, site: Any, log: str) -> str:
    """The way through a gateway, as strict as we are; ssh's own ProxyJump would ask."""
    return (
        shlex.join(("ssh", "-E", log, *options(gateway, site, log))).replace("%", "%%")
        + f" -W '[%h]:%p' -- {shlex.quote(gateway.name)}"
    )


def _way(host: Any, site: Any) -> tuple[Any, ...]:
    """The gateways before a host, the outermost first."""
    return (*_way(site.hosts[host.via], site), site.hosts[host.via]) if host.via else ()


def _text(path: str) -> str:
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def _environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
