"""Where the sockets of kept connections lie: a folder that is ours alone, and what is in it.

A socket's name says all that decides who is reached and as whom (kept.py); beside it lies a note in
which a person finds the host.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from fairlead.connections import mux
from fairlead.connections.base import Host, Site
from fairlead.connections.ssh_config import SshConfig
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.secrets import files as private_files

NAME = 32  # characters of a socket's name
LONGEST = 107  # bytes of a socket's path, as the kernel has it
OF_SSH = 17  # characters that ssh puts behind a path while it opens one
NOTE, LOCK = ".host", ".lock"
OFF = "or do without: FAIRLEAD_KEEP=0"


class KeptLink(Noun):
    """One kept connection; `path` is its socket, `site` the file that its host is of."""

    path: str
    site: str
    host: str
    user: str
    address: str
    port: int


def folder() -> Path:
    """The folder, made where it is not there yet. Raises SiteError: it is not ours alone."""
    path = _place()
    with suppress(FileExistsError):
        path.mkdir(mode=0o700)
    _check(path)
    return path


def _place() -> Path:
    """In the folder of our session, where there is one that is ours; else below /tmp."""
    session = Path(os.environ.get("XDG_RUNTIME_DIR", ""), "fairlead")
    is_short = len(os.fsencode(session)) + 1 + NAME + OF_SSH <= LONGEST
    if session.is_absolute() and is_short and not _fault(session.parent):
        return session
    return Path(f"/tmp/fairlead-ssh-{os.geteuid()}")


def _check(path: Path) -> None:
    where = f"ssh.keep: {path}"
    if fault := _fault(path):
        raise SiteError(where, f"no connection is kept there: {fault}", _remedy(path))
    parent = path.parent.stat()
    is_shared = parent.st_mode & 0o022 and not parent.st_mode & stat.S_ISVTX
    if is_shared or parent.st_uid not in (0, os.geteuid()):
        what = f"no connection is kept there: others may put another in its place ({path.parent})"
        raise SiteError(where, what, f"chmod +t {path.parent}, {OFF}")


def _fault(path: Path) -> str:
    """What is wrong with a folder that has to be ours alone; "" where nothing is."""
    try:
        status = path.lstat()
    except OSError as error:
        return error.strerror or str(error)
    if not stat.S_ISDIR(status.st_mode):
        return "it is a link" if stat.S_ISLNK(status.st_mode) else "it is no folder"
    if status.st_uid != os.geteuid():
        return f"it belongs to another user (uid {status.st_uid})"
    mode = stat.S_IMODE(status.st_mode)
    return f"it is open to others (mode {mode:04o})" if mode & 0o077 else ""


def _remedy(path: Path) -> str:
    mends = "chmod 700" if "open to others" in _fault(path) else "look who made it, and rm -r"
    return f"{mends} {path}, {OFF}"


@contextmanager
def locked(path: str) -> Iterator[None]:
    """One of us at a time opens the connection behind a socket; nothing is left of the lock."""
    import fcntl

    lock = path + LOCK
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with suppress(FileNotFoundError):
            if os.stat(lock).st_ino == os.fstat(descriptor).st_ino:
                break
        os.close(descriptor)  # whoever had it has taken it away
    try:
        yield
    finally:
        os.unlink(lock)
        os.close(descriptor)


def is_alive(path: str) -> bool:
    """Whether a master of ours answers at a socket."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    is_ours = stat.S_ISSOCK(status.st_mode) and status.st_uid == os.geteuid()
    return is_ours and mux.is_alive(path)


def write_note(
    path: str,
    host: Host,
    site: Site,
    config: SshConfig,
) -> None:
    """Say whose connection that is; forget those that have ended by themselves."""
    link = KeptLink(
        path=path,
        site=_of_site(site),
        host=host.name,
        user=_readable(config.user),
        address=_readable(config.hostname),
        port=config.port,
    )
    data = msgspec.json.encode(link)
    private_files.replace(Path(path + NOTE), data)
    for note in Path(path).parent.glob(f"*{NOTE}"):
        if not os.path.lexists(note.with_suffix("")):
            note.unlink(missing_ok=True)


def kept_links(site: Site) -> tuple[KeptLink, ...]:
    """The connections to hosts of a site that are kept now, in its order. Raises SiteError."""
    path = _place()
    if not os.path.lexists(path):
        return ()
    _check(path)
    own = _of_site(site)
    notes = sorted(path.glob(f"*{NOTE}"))
    links = [link for link in map(_link, notes) if link and link.site == own]
    alive = [link for link in links if is_alive(link.path)]
    order = {name: number for number, name in enumerate(site.hosts)}
    return tuple(sorted(alive, key=lambda link: order.get(link.host, -1)))


def _of_site(site: Site) -> str:
    return _readable(os.path.abspath(site.path))


def _readable(text: str) -> str:
    """As UTF-8; what is none of it is a ?."""
    return text.encode(errors="replace").decode()


def _link(note: Path) -> KeptLink | None:
    """What a note says; None where it is none, or not of the socket beside it."""
    try:
        link = msgspec.json.decode(note.read_bytes(), type=KeptLink)
    except (OSError, msgspec.MsgspecError):
        return None
    return link if link.path == str(note.with_suffix("")) else None


def end(link: KeptLink) -> bool:
    """End a kept connection, and what others do over it now; whether there was one to end."""
    has_ended = mux.terminate(link.path)
    for path in (link.path, link.path + NOTE):
        with suppress(FileNotFoundError):
            os.unlink(path)
    return has_ended
