"""The other kind of connection, for what paramiko cannot do (Kerberos, hardware keys): the ssh
command, one connection shared by ControlMaster.
"""

import os
import random
import re
import shlex
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from fairlead.connections import fabric, known_hosts, mux, ssh_answers
from fairlead.connections.base import BaseConnection, Host, Site
from fairlead.connections.mux import MuxProcess
from fairlead.connections.process import complete, run_on_terminal
from fairlead.connections.ssh_config import SshConfig
from fairlead.model.errors import FairleadError, HostKeyRefused, Unreachable
from fairlead.model.plan import Secret

ATTEMPTS = 4  # the first, and three more where sshd refuses at its banner (MaxStartups)
PERSIST = 60  # seconds that a forgotten master stays
REFUSALS, PAUSE = 3, 0.1  # times, seconds: how often a session that is refused is asked for again
NOT_IN_TIME = 124  # see process.complete
UNKNOWN_KEY = "Host key verification failed"
BUSY = r"kex_exchange_identification|banner exchange|Exceeded MaxStartups|Connection reset by"
FINAL = (  # where it stands beside BUSY, a gateway's words often
    rf"{UNKNOWN_KEY}|Permission denied|Connection refused|timed out|not resolve"
)
WARNING = r"Warning:|\*\* |@@|debug"  # no fault of a connection
KEY_FAULT = r"Permissions \d+ for|Load key|sign_and_send_pubkey"
LOG_IN = r"Permission denied|Too many authentication failures|No more authentication"
SSH_ERRORS = (  # what ssh complains of (it has one exit code for all), what that is, a remedy
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
        LOG_IN,
        "does not let {user} in ({last})",
        "a key, or a ticket (kinit)?",
    ),
    (
        BUSY,
        "{place} hung up before its banner ({last})",
        "its sshd is busy (MaxStartups) or shuts us out; try later",
    ),
)


class NotLetIn(Unreachable):
    """The host takes none of the ways to log in that ssh has by itself."""


def connect(
    host: Host,
    site: Site,
    password: Callable[[str], Secret],
) -> "OpenSshConnection":
    """An open connection."""
    connection = OpenSshConnection(host, site, password)
    connection.open()
    return connection


class OpenSshConnection(BaseConnection):
    """The connection over a master of its own; its socket lies in a folder that is ours alone."""

    def __init__(
        self,
        host: Host,
        site: Site,
        password: Callable[[str], Secret],
    ):
        super().__init__(host.name, host.sudo, password)
        self._host, self._site, self._folder = host, site, ""

    @property
    def user(self) -> str:
        return self._host.user or ssh_answers.of_host(self._host, self._site).user

    def open(self) -> None:
        """Open it unless it is open. Raises Unreachable, HostKeyRefused."""
        if self._folder and mux.is_alive(self._socket):
            return
        self.close()
        self._open_own()

    def _open_own(self) -> None:
        """A master for us alone."""
        self._folder = tempfile.mkdtemp(prefix="fl-")
        try:
            self._open_master(PERSIST, self._folder)
        except FairleadError:
            self.close()
            raise

    @property
    def _socket(self) -> str:
        """The socket of the master."""
        return os.path.join(self._folder, "s")

    def _open_master(self, persist: int, folder: str) -> None:
        """An ssh that holds the connection, `persist` seconds longer than it is used.

        `folder` is there for so long as it opens. Raises Unreachable, HostKeyRefused.
        """
        # where the ssh of a gateway complains: a lasting master gives it no stderr
        log = os.path.join(folder, "said")
        rules = options(self._host, self._site, log)
        master = ("ssh", "-fNM", "-o", f"ControlPersist={persist}", *self._through_socket())
        limit = self._site.ssh.connect_timeout * 3 + 5
        for attempt in range(ATTEMPTS):
            code, complaint = complete(
                (*master, *rules, "--", self.host),
                limit,
                environment(),
            )
            if code == 0:
                return
            of_gateway = text_of(log)
            if not re.search(BUSY, complaint) or re.search(FINAL, complaint + of_gateway):
                break
            time.sleep(random.uniform(0.1, 0.5) * 2**attempt)
        raise self.in_words(code, complaint, of_gateway)

    def start(self, argv: tuple[str, ...]) -> MuxProcess:
        self.open()
        try:
            return self._start(argv)
        except mux.SessionRefused as error:
            what = f"its sshd opens no further session ({error})"
            raise Unreachable(self.host, what, "raise MaxSessions there, or try again") from None
        except mux.NoMaster:
            self.lose()
            raise self._lost() from None

    def _start(self, argv: tuple[str, ...]) -> MuxProcess:
        """A program over the master. Raises mux.NoMaster, mux.SessionRefused."""
        self.channels += 1
        limit = self._site.ssh.connect_timeout
        for _ in range(REFUSALS):
            with suppress(mux.SessionRefused):
                return self._process(argv, limit)
            time.sleep(PAUSE)  # sshd may still count one that has just been closed
        return self._process(argv, limit)

    def _process(self, argv: tuple[str, ...], limit: float) -> MuxProcess:
        command, outlives = shlex.join(argv), not self._folder
        return MuxProcess(self.host, self._socket, command, limit, outlives, self.loss)

    def terminal(self, argv: tuple[str, ...]) -> int:
        self.open()
        self.channels += 1
        words = ("sudo", "--", *argv) if self._sudo else argv
        return run_on_terminal((*self._ssh(), "-tt", "--", self.host, shlex.join(words)))

    def close(self) -> None:
        super().close()
        if self._folder:
            mux.terminate(self._socket)
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = ""

    def _ssh(self) -> tuple[str, ...]:
        """ssh to the master; without it there is no way (ProxyCommand), instead of another
        connection with other rules.
        """
        rules = ("ControlMaster=no", "ProxyCommand=false", "BatchMode=yes", "EscapeChar=none")
        return ("ssh", "-F", "none", *self._through_socket(), *_options(rules))

    def _through_socket(self) -> tuple[str, ...]:
        return ("-S", self._socket.replace("%", "%%"))

    def loss(self) -> Unreachable | None:
        """Why a program ended without an exit code: the link was lost; None: by a signal."""
        return None if mux.is_alive(self._socket) else self._lost()

    def _lost(self) -> Unreachable:
        what = "the link was lost while a program ran"
        return Unreachable(self.host, what, f"look: inv hosts.check --host={self.host}")

    def in_words(
        self,
        code: int,
        complaint: str,
        of_gateway: str,
    ) -> FairleadError:
        """What ssh, or the ssh of its gateway, complained of, in our words and its own."""
        if UNKNOWN_KEY in complaint + of_gateway:
            return self._key_refused(complaint + of_gateway)
        config = ssh_answers.of_host(self._host, self._site)
        gateway = self._host.via or config.gateway
        first = next(iter(_lines(of_gateway)), "")
        if gateway and (first or re.search(BUSY, complaint)):
            last = _own_words(complaint) or f"ssh ended with {code}"
            what = f"its way by {gateway} does not open ({first or last})"
            return Unreachable(self.host, what, f"try: ssh -v {self.host}")
        kind, what, remedy = fault(config, self._site, code, complaint)
        return kind(self.host, what, remedy)

    def _key_refused(self, complaint: str) -> FairleadError:
        """ssh does not tell the fingerprint of a key that it does not know: look at it ourselves,
        at the first hop whose key is refused.
        """
        for host in (*way(self._host, self._site), self._host):
            try:
                _check_key(host, self._site)
            except HostKeyRefused as error:
                return error
            except (FairleadError, StopIteration):
                break
        what = "its host key, or its gateway's, is unknown, changed or revoked"
        first = next((line for line in _lines(complaint) if UNKNOWN_KEY not in line), "")
        own = f" ({first})" if first else ""
        return HostKeyRefused(self.host, what + own, f"look: ssh {self.host}")


Fault = tuple[type[Unreachable], str, str]  # its kind, what it is, a remedy


def fault(
    config: SshConfig,
    site: Site,
    code: int,
    complaint: str,
) -> Fault:
    """What it means that ssh ended so, and complained so."""
    last = _own_words(complaint) or f"ssh ended with {code}"
    words = {
        "address": config.hostname,
        "place": f"{config.hostname}:{config.port}",
        "limit": site.ssh.connect_timeout,
        "user": config.user,
        "last": last,
    }
    reason = "timed out" if code == NOT_IN_TIME else complaint
    for pattern, what, remedy in SSH_ERRORS:
        if re.search(pattern, reason):
            kind = NotLetIn if pattern == LOG_IN else Unreachable
            return kind, what.format_map(words), remedy
    return Unreachable, f"ssh cannot reach it ({last})", f"try: ssh -v {config.name}"


def _check_key(host: Host, site: Site) -> None:
    """Raise HostKeyRefused unless the first key that a host shows is known.

    Raises Unreachable; StopIteration where it shows none.
    """
    place = fabric.hop_to(host, site).place
    _, marked = fabric.known_as(host, site)
    entries = [entry for entry in marked if entry.marker != known_hosts.AUTHORITY]
    key = next(fabric.shown_keys(host, site))
    trust = f"inv hosts.trust --host={host.name} --fingerprint={key.fingerprint}"
    known_hosts.check(host.name, place, key, entries, trust)


def options(host: Host, site: Site, log: str) -> tuple[str, ...]:
    """What ssh is told beside its ssh_config: strict, never asking, never waiting without an end.

    Gateways, those of the site and those of a ProxyJump, complain into the file `log`.
    """
    config = ssh_answers.of_host(host, site)
    if host.via:
        gateway = site.hosts[host.via]
        proxy = _proxy(gateway.name, options(gateway, site, log), log)
    else:
        proxy = _jump(config, site, log, (host.name,))
    return (*_strict(config, site, proxy), *ssh_answers.words(host, site))


def _strict(config: SshConfig, site: Site, proxy: str) -> tuple[str, ...]:
    files = fabric.known_files(config, site)
    known = " ".join(f'"{path}"'.replace("%", "%%") for path in files)
    rules = strict_rules(site) | {"UserKnownHostsFile": known}
    if proxy:
        rules["ProxyCommand"] = proxy
    return options_of(rules)


def strict_rules(site: Site) -> dict[str, str]:
    """What holds for every ssh of ours, wherever it runs."""
    return {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UpdateHostKeys": "no",
        "ConnectTimeout": str(max(1, round(site.ssh.connect_timeout))),
        "ServerAliveInterval": "15",
        "ServerAliveCountMax": "3",
        "ClearAllForwardings": "yes",
        "EscapeChar": "none",
    }


def options_of(rules: Mapping[str, str]) -> tuple[str, ...]:
    """Rules as words for ssh."""
    return _options(f"{key}={value}" for key, value in rules.items())


def _jump(
    config: SshConfig,
    site: Site,
    log: str,
    before: tuple[str, ...],
) -> str:
    """The way that a ProxyJump is, as a ProxyCommand; "" where there is none."""
    gateway = ssh_answers.gateway(config, site, before)
    if not gateway:
        return ""
    jump, words, far = gateway
    proxy = _jump(far, site, log, (*before, str(jump)))
    return _proxy(jump.host, (*_strict(far, site, proxy), *words), log)


def _options(rules: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for rule in rules for word in ("-o", rule))


def _proxy(name: str, rules: tuple[str, ...], log: str) -> str:
    """The way through a gateway, as strict as we are; ssh's own ProxyJump would ask."""
    ssh = shlex.join(("ssh", "-E", log, *rules))
    return f"{ssh.replace('%', '%%')} -W '[%h]:%p' -- {shlex.quote(name)}"


def way(host: Host, site: Site) -> tuple[Host, ...]:
    """The gateways before a host, the outermost first."""
    if not host.via:
        return ()
    gateway = site.hosts[host.via]
    return (*way(gateway, site), gateway)


def _lines(complaint: str) -> list[str]:
    """What ssh says, without its warnings."""
    lines = (line.strip() for line in complaint.replace("\r", "").split("\n"))
    return [line for line in lines if line and not re.match(WARNING, line)]


def _own_words(complaint: str) -> str:
    """The last line, and those before it that say what is wrong with a key."""
    lines = _lines(complaint)
    faults = [line for line in lines[:-1] if re.match(KEY_FAULT, line)]
    return "; ".join(dict.fromkeys((*faults, *lines[-1:])))


def text_of(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def environment() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "SSH_ASKPASS_REQUIRE": "never"}
