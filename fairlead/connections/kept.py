"""Connections that stay for the next command line: a master of ssh that lives on for some seconds
after its last use (ControlPersist), behind a socket.

The socket's name is a digest of all that decides who is reached and as whom, so that what has
changed since (an address, a user, a key that is revoked) leads to another connection. A master is
believed only once the host itself has opened a session over it.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from fairlead.connections import fabric, kept_folder, mux, openssh, ssh_answers
from fairlead.connections.auth import USUAL
from fairlead.connections.base import Host, Site
from fairlead.connections.mux import MuxProcess
from fairlead.connections.ssh_config import SshConfig, home_path
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Secret

VARIABLE = "FAIRLEAD_KEEP"
MOST = 86400  # seconds
ENVIRONMENT = ("HOME", "SSH_AUTH_SOCK", "KRB5CCNAME")  # where ssh looks for what we log in with
ASKED_ANEW = {  # what ssh asks elsewhere at each connection: key -> values that ask nothing
    "knownhostscommand": ("none",),
    "verifyhostkeydns": ("no", "false"),
}


def connect(
    host: Host,
    site: Site,
    password: Callable[[str], Secret],
) -> "KeptConnection | None":
    """A connection that stays; None where none is to stay, or ssh cannot be what keeps it."""
    keep = seconds(site)
    if not keep or not shutil.which("ssh"):
        return None
    if host.transport != "openssh":
        for hop in (*openssh.way(host, site), host):
            fabric.check_identity(hop, site)
    name = digest(host, site)
    if not name:
        return None
    connection = KeptConnection(host, site, password, str(kept_folder.folder() / name), keep)
    try:
        connection.open_shell()
    except openssh.NotLetIn:  # the built-in transport may have a way that ssh has not
        if host.transport == "openssh":
            raise
        return None
    return connection


def seconds(site: Site) -> int:
    """How long a connection stays after its last use; 0: not at all. Raises CommandLineError."""
    text = os.environ.get(VARIABLE, "")
    if not text:
        return site.ssh.keep
    if not (text.isascii() and text.isdigit() and int(text) <= MOST):
        what = f"{text!r} is no number of seconds from 0 to {MOST}"
        raise CommandLineError(VARIABLE, what, f"say for instance {VARIABLE}=60, or unset it")
    return int(text)


class KeptConnection(openssh.OpenSshConnection):
    """A connection over a master that may be there already, and stays.

    One of its own (`_folder` is set) only where the host opens no further session on that.
    """

    def __init__(
        self,
        host: Host,
        site: Site,
        password: Callable[[str], Secret],
        path: str,
        keep: int,
    ):
        super().__init__(host, site, password)
        self._path, self._keep = path, keep

    @property
    def _socket(self) -> str:
        return super()._socket if self._folder else self._path

    def open_shell(self) -> None:
        """Open the shell that does all programs, by which the way to the host is proved."""
        self._waiting_shell()

    def open(self) -> None:
        if self._folder:
            super().open()
        elif not kept_folder.is_alive(self._path):
            self._open_kept()

    def _open_kept(self) -> None:
        with kept_folder.locked(self._path):
            if kept_folder.is_alive(self._path):  # another has opened it while we waited
                return
            with suppress(FileNotFoundError):
                os.unlink(self._path)
            with tempfile.TemporaryDirectory(prefix="fl-", ignore_cleanup_errors=True) as folder:
                self._open_master(self._keep, folder)
            config = ssh_answers.of_host(self._host, self._site)
            kept_folder.write_note(self._path, self._host, self._site, config)

    def start(self, argv: tuple[str, ...]) -> MuxProcess:
        if not self._folder:
            self.open()
            try:
                return self._start(argv)
            except mux.SessionRefused:
                self._open_own()
            except mux.NoMaster:  # its link was cut since
                self.lose()
        return super().start(argv)

    def terminal(self, argv: tuple[str, ...]) -> int:
        way = self.start(("true",))  # a session is to be had; ssh would only end with 255
        try:
            way.exit_code(self._site.ssh.connect_timeout)
        finally:
            way.close()
        return super().terminal(argv)

    def lose(self) -> None:
        """Nobody begins anything on it any more; what others do over it may end."""
        if not self._folder:
            mux.stop(self._path)
        self.close()


def digest(host: Host, site: Site) -> str:
    """A name for all that decides who is reached and as whom; "" where that cannot be known."""
    hops = [hop for way in (*openssh.way(host, site), host) for hop in _hops(way, site)]
    if any(_is_asked_anew(_words(answer)) for _, answer in hops):
        return ""
    parts: list[object] = [
        host.name,
        openssh.options(host, site, ""),
        [(name, os.environ.get(name)) for name in ENVIRONMENT],
        [_of_hop(config, answer, site) for config, answer in hops],
    ]
    return hashlib.sha256(repr(parts).encode(errors="surrogateescape")).hexdigest()[
        : kept_folder.NAME
    ]


def _hops(host: Host, site: Site) -> tuple[tuple[SshConfig, bytes], ...]:
    """ssh_config's gateways count only where the site names none."""
    hops = ssh_answers.whole(host, site)
    return hops[:1] if host.via else hops


def _of_hop(config: SshConfig, answer: bytes, site: Site) -> list[object]:
    """What is known of one host on the way, and what we log in with."""
    words = _words(answer)
    files = fabric.known_files(config, site)
    keys = (*(config.identity_files or USUAL), *config.certificate_files)
    revoked = words.get("revokedhostkeys", "none")
    return [
        answer,
        [(entry.marker, entry.names, entry.key) for entry in _entries(config, site)],
        [_state(path) for path in files] if words.get("checkhostip") == "yes" else [],
        _state(Path(home_path(revoked))),
        [_state(Path(home_path(path))) for path in keys],
    ]


def _entries(config: SshConfig, site: Site) -> Iterator[fabric.KnownHost]:
    """Where nothing is known of a port, ssh believes what is known without it."""
    yield from fabric.entries_of(config, site)[1]
    if config.port != 22:
        yield from fabric.known_hosts.known(
            config.host_key_alias or config.hostname, fabric.known_files(config, site)
        )


def _state(path: Path) -> tuple[object, ...]:
    """What changes when a file does."""
    try:
        status = path.stat()
    except OSError:
        return (str(path),)
    return (str(path), status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)


def _words(answer: bytes) -> Mapping[str, str]:
    """Key in lower case -> its first value, of what `ssh -G` has printed."""
    lines = (line.partition(" ") for line in answer.decode(errors="replace").splitlines())
    words: dict[str, str] = {}
    for key, _, value in lines:
        words.setdefault(key.lower(), value.strip())
    return words


def _is_asked_anew(words: Mapping[str, str]) -> bool:
    return any(words.get(key, harmless[0]) not in harmless for key, harmless in ASKED_ANEW.items())
