"""Who says what ssh_config means: ssh itself (`ssh -G`) where it is installed, for both transports;
else paramiko, as far as it goes.

ssh is started once for each host and command line; once for all hosts that its configuration cannot
tell apart (ssh_alike.py); not at all where no ssh_config says anything. What the site says is given
to it as on a command line, and so counts more.
"""

import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path

from fairlead.connections import process, ssh_alike, ssh_config, ssh_reading
from fairlead.connections.base import Host, Site
from fairlead.connections.ssh_config import Jump, SshConfig
from fairlead.model.errors import SiteError, Unreachable

SECONDS = 20  # for an answer: a `Match exec` may take its time
SYSTEM = "/etc/ssh/ssh_config"
NO_ANSWER = r"No user exists for uid|(?:unknown|illegal|invalid) option -- '?G"
LOOP = re.compile(r"jumphost loop via (.*)")
OUT_OF_CIRCLE = "give the gateway a block of its own above: `Host {}` with `ProxyJump none`"

Answer = tuple[int, bytes, str]  # exit code, stdout, stderr
_ANSWERS: dict[tuple[object, ...], Future[Answer]] = {}
_FIRST: dict[tuple[object, ...], tuple[str, str]] = {}  # of hosts that are alike: name, place
_LOCK = threading.Lock()


def of_host(host: Host, site: Site) -> SshConfig:
    """What ssh will use for a host of the site. Raises SiteError, Unreachable."""
    config = _config(host.name, _own(host), site)
    return config.for_openssh() if host.transport == "openssh" else config


def gateway(
    config: SshConfig, site: Site, before: tuple[str, ...]
) -> tuple[Jump, tuple[str, ...], SshConfig] | None:
    """The last gateway of a host's ProxyJump, the words for ssh to it, what ssh will use for it.

    `before`: the hosts that it is the way to, the farthest first. Raises Unreachable in a circle.
    """
    if not config.proxy_jump:
        return None
    *others, last = config.proxy_jump
    if str(last) in before:
        raise _circle(before[0], " > ".join((*before, str(last))), last.host)
    own = {
        "User": last.user,
        "Port": str(last.port or ""),
        "ProxyJump": ",".join(map(str, others)),
    }
    own = {key: value for key, value in own.items() if value}
    return last, _argv(own, site), _config(last.host, own, site)


def whole(host: Host, site: Site) -> tuple[tuple[SshConfig, str], ...]:
    """What ssh will use for a host and for each gateway of its ProxyJump, and all that `ssh -G` has
    said of it but for names that its words hold as well: "" where it was not asked.
    """
    config = of_host(host, site)
    before: tuple[str, ...] = (host.name,)
    hops = [(config, _shared_text(host.name, _own(host), site))]
    while jump := gateway(config, site, before):
        hop, own, config = jump
        before = (*before, str(hop))
        hops.append((config, _text(hop.host, own, site)))
    return tuple(hops)


def _shared_text(name: str, own: Mapping[str, str], site: Site) -> str:
    """The same for all hosts that are alike, whichever was asked."""
    if first := _first_alike(name, own, site):
        text = ssh_alike.shared(_text(first[0], _argv(first[1], site), site))
        if not ssh_alike.names(text, first[0], _place(*first)):
            return text
    return ssh_alike.shared(_text(name, _argv(own, site), site))


def _text(name: str, own: tuple[str, ...], site: Site) -> str:
    if not any(_says_something(file) for file in files(site)):
        return ""
    return _once(_question(name, own), site)[1].decode(errors="surrogateescape")


def _question(name: str, own: tuple[str, ...]) -> tuple[str, ...]:
    return ("ssh", *own, "-G", "--", name)


def _circle(name: str, way: str, gateway: str) -> Unreachable:
    """The error where a ProxyJump leads to itself."""
    what = f"the ProxyJump of ssh_config leads in a circle: {way}"
    return Unreachable(name, what, OUT_OF_CIRCLE.format(gateway))


def words(host: Host, site: Site) -> tuple[str, ...]:
    """What the site says of a host, and which ssh_config, as words for ssh."""
    return _argv(_own(host), site)


def files(site: Site) -> tuple[Path, ...]:
    """The ssh_config that the site names; else the user's and the system's. Raises SiteError."""
    path = site.ssh.config
    if path and not os.path.isfile(path):
        remedy = "mend the path in the site file, or leave it out"
        what = "is no file" if os.path.exists(path) else "there is no such file"
        raise SiteError(f"ssh.config: {path}", what, remedy)
    usual = (f"{ssh_config.passwd_home()}/.ssh/config", SYSTEM)
    return tuple(file for file in map(Path, (path,) if path else usual) if file.is_file())


def _own(host: Host) -> dict[str, str]:
    """The site's say, as ssh_config."""
    own = {
        "HostName": host.address.replace("%", "%%") if host.address != host.name else "",
        "Port": str(host.port) if host.has_port or host.port != 22 else "",
        "User": host.user,
        "IdentityFile": host.identity.replace("%", "%%"),
        "ProxyCommand": "none" if host.via else "",
    }
    return {key: value for key, value in own.items() if value}


def _argv(own: Mapping[str, str], site: Site) -> tuple[str, ...]:
    flags = ("-F", site.ssh.config) if site.ssh.config else ()
    identity = ("-i", own["IdentityFile"]) if "IdentityFile" in own else ()
    rules = (f"{key}={value}" for key, value in own.items() if key != "IdentityFile")
    return (*flags, *identity, *(word for rule in rules for word in ("-o", rule)))


def _config(name: str, own: Mapping[str, str], site: Site) -> SshConfig:
    if not any(_says_something(file) for file in files(site)):
        config = ssh_config.of_words(name, ssh_reading.own_words(name, own), "")
    elif shutil.which("ssh"):
        config = _asked(name, own, site)
    else:
        config = _read(name, own, site)
    return config.with_notes(_elsewhere(site))


def _asked(name: str, own: Mapping[str, str], site: Site) -> SshConfig:
    """The answer of `ssh -G`, of this host or of one that it cannot tell from this."""
    known = _answer_of_alike(name, own, site)
    if known is not None:
        return ssh_config.parse(name, known)
    code, out, complaint = _once(_question(name, _argv(own, site)), site)
    if code == 0:
        return ssh_config.parse(name, out.decode(errors="surrogateescape"))
    if code == 127 or re.search(NO_ANSWER, complaint):
        return _read(name, own, site)
    if loop := LOOP.search(complaint):
        raise _circle(name, f"{name} > {loop[1].strip()}", loop[1].strip())
    if code == 124:
        what = f"ssh -G {name} has not answered within {SECONDS} s"
        raise Unreachable(name, what, "is a `Match exec` of ssh_config slow?")
    raise _broken(site, (complaint.strip().splitlines() or [f"exit code {code}"])[0])


def _answer_of_alike(name: str, own: Mapping[str, str], site: Site) -> str | None:
    """What ssh has answered, or is about to, of the first host that is like this one; None: ask."""
    first = _first_alike(name, own, site)
    if first is None:
        return None
    code, out, _ = _once(_question(first[0], _argv(first[1], site)), site)
    text = out.decode(errors="surrogateescape")
    places = (first[0], _place(*first)), (name, _place(name, own))
    return ssh_alike.of_other(text, *places) if code == 0 else None


def _first_alike(
    name: str, own: Mapping[str, str], site: Site
) -> tuple[str, Mapping[str, str]] | None:
    """The first host that ssh_config cannot tell from this one, and the site's say of it; None: it
    is this one, or that is not certain.
    """
    host = (name, _place(name, own))
    marks = ssh_alike.marks(*host, files(site), _states(site))
    if marks is None:
        return None
    rules = {key: value for key, value in own.items() if key != "HostName"}
    key = (
        marks,
        "HostName" in own,
        *_argv(rules, site),
        *_states(site),
        os.environ.get("HOME"),
    )
    first = _FIRST.setdefault(key, host)
    if first == host:
        return None
    return first[0], {**own, "HostName": first[1]} if "HostName" in own else own


def _place(name: str, own: Mapping[str, str]) -> str:
    return own.get("HostName", name).lower()


def _states(site: Site) -> tuple[int, ...]:
    """What tells that one of the files has changed."""
    status = [file.stat() for file in files(site)]
    return tuple(number for state in status for number in (state.st_mtime_ns, state.st_size))


def _once(argv: tuple[str, ...], site: Site) -> Answer:
    """What ssh answers; who asks the same meanwhile, waits for the same answer."""
    key = (*argv, *_states(site), os.environ.get("HOME"))
    with _LOCK:
        is_first, answer = key not in _ANSWERS, _ANSWERS.setdefault(key, Future())
    if is_first:
        try:
            answer.set_result(process.capture(argv, SECONDS))
        except BaseException as error:
            answer.set_exception(error)
    return answer.result()


def _read(name: str, own: Mapping[str, str], site: Site) -> SshConfig:
    """As far as paramiko goes."""
    import paramiko

    try:
        return ssh_reading.read(name, own, files(site))
    except (paramiko.SSHException, ValueError, OSError) as error:
        raise _broken(site, str(error)) from None


def _broken(site: Site, why: str) -> SiteError:
    where, remedy = site.ssh.config or "~/.ssh/config", "ssh -G shows what ssh makes of it"
    return SiteError(where, f"cannot be read ({why})", f"mend it; {remedy}")


def _says_something(file: Path) -> bool:
    """Whether there is more in it than remarks, as far as we may know: what it may be read for is
    ssh's to say.
    """
    try:
        status = file.stat()
        return _has_rules(file, status.st_mtime_ns, status.st_size)
    except OSError:
        return True


@lru_cache(16)
def _has_rules(file: Path, *_: int) -> bool:
    """Read once, and no farther than the first rule. Raises OSError."""
    with file.open(errors="replace") as lines:
        return any(line.strip() and not line.strip().startswith("#") for line in lines)


def _elsewhere(site: Site) -> Iterator[str]:
    """A file that somebody may believe to be read."""
    home, known = os.environ.get("HOME", ""), ssh_config.passwd_home()
    path = Path(home, ".ssh/config")
    if home and not site.ssh.config and not _is_same(home, known) and path.is_file():
        yield f"{path} is not read: ssh looks in the home of the password file, {known}"


def _is_same(path: str, other: str) -> bool:
    return os.path.realpath(path) == os.path.realpath(other)
