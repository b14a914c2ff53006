"""What ssh would use for a host: the noun, and how `ssh -G` writes it.

ssh fills in what its configuration leaves open, all but the tokens of key files (see TOKENS in
ssh_config(5)), which are filled in here.
"""

import hashlib
import os
import re
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from fairlead.model import operator
from fairlead.model.plan import Noun

BY_OPENSSH_ALONE = {  # what the built-in transport has no part of: key -> values that ask nothing
    "addressfamily": ("any",),
    "bindaddress": (),
    "bindinterface": (),
    "knownhostscommand": ("none",),
    "pkcs11provider": ("none",),
    "preferredauthentications": (),
    "proxyusefdpass": ("no",),
    "pubkeyauthentication": ("yes", "true", "unbound", "host-bound"),
    "revokedhostkeys": ("none",),
    "verifyhostkeydns": ("no", "false"),
}
NAMES = {
    "addressfamily": "AddressFamily",
    "bindaddress": "BindAddress",
    "bindinterface": "BindInterface",
    "knownhostscommand": "KnownHostsCommand",
    "pkcs11provider": "PKCS11Provider",
    "preferredauthentications": "PreferredAuthentications",
    "proxyusefdpass": "ProxyUseFdpass",
    "pubkeyauthentication": "PubkeyAuthentication",
    "revokedhostkeys": "RevokedHostKeys",
    "verifyhostkeydns": "VerifyHostKeyDNS",
}
KEYS_READ = frozenset(BY_OPENSSH_ALONE) | {  # what `ssh -G` prints that is looked at here
    "certificatefile",
    "globalknownhostsfile",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "port",
    "proxycommand",
    "proxyjump",
    "user",
    "userknownhostsfile",
}
ALONE = "of ssh_config is for `transport: openssh` alone"
NO_KEY = "none"  # an IdentityFile that says: none of the usual ones either
FILES = {
    "identityfile": "IdentityFile",
    "certificatefile": "CertificateFile",
    "identityagent": "IdentityAgent",
}
_JUMP = re.compile(
    r"(?:ssh://)?(?:(?P<user>.+)@)?(?:\[(?P<ip>[^\]]+)\]|(?P<host>[^:\[\]@]+))(?::(?P<port>\d+))?/?"
)


class Jump(Noun):
    """One host of a ProxyJump. `user` "" and `port` 0: as ssh_config has them."""

    host: str
    user: str = ""
    port: int = 0

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = f"{self.user}@" if self.user else ""
        return f"{user}{host}" + (f":{self.port}" if self.port else "")


class SshConfig(Noun, kw_only=True):
    """What ssh will use for the host `name`.

    `proxy_jump`: gateways, the one next to us first. `identity_files`: NO_KEY alone where there are
    to be none; empty: the usual ones. `identity_agent`: a socket, "" the one of the
    environment, "none" no agent. `source`: who read it. `notes`: a sentence for each thing that the
    built-in transport does not understand.
    """

    name: str
    hostname: str
    user: str
    port: int = 22
    identity_files: tuple[str, ...] = ()
    certificate_files: tuple[str, ...] = ()
    identities_only: bool = False
    identity_agent: str = ""
    proxy_jump: tuple[Jump, ...] = ()
    proxy_command: str = ""
    host_key_alias: str = ""
    user_known_hosts: tuple[str, ...] = ()
    global_known_hosts: tuple[str, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def gateway(self) -> str:
        """The way there in a few words; "" where there is nothing between."""
        return ",".join(map(str, self.proxy_jump)) or self.proxy_command

    @property
    def key(self) -> str:
        """The first of the key files that are there; "" where there is none."""
        return next((path for path in self.identity_files if os.path.exists(path)), "")

    def for_openssh(self) -> "SshConfig":
        """The same without words about what is read by openssh alone."""
        notes = tuple(note for note in self.notes if not note.endswith(ALONE))
        return msgspec.structs.replace(self, notes=notes)

    def with_notes(self, notes: Iterable[str]) -> "SshConfig":
        """The same with more to say."""
        more = (*self.notes, *notes)
        return msgspec.structs.replace(self, notes=more) if more != self.notes else self


def parse(name: str, text: str) -> SshConfig:
    """What `ssh -G name` printed."""
    words: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        words.setdefault(key.lower(), []).append(value.strip())
    return of_words(name, words, "ssh")


def of_words(
    name: str,
    words: Mapping[str, Sequence[str]],
    source: str,
    notes: Iterable[str] = (),
) -> SshConfig:
    """The noun of ssh_config's words: key in lower case -> its values."""

    def first(key: str, default: str = "") -> str:
        return words.get(key, (default,))[0]

    hostname = first("hostname", name).lower()  # as ssh does
    user = first("user") or operator.name()
    port, alias = _port(first("port", "22")), first("hostkeyalias")
    tokens = _tokens(name, hostname, user, port, alias)
    tokens["j"] = _unless_none(first("proxyjump"))  # of newer ssh
    return SshConfig(
        name=name,
        hostname=hostname,
        user=user,
        port=port,
        identity_files=_keys(words.get("identityfile", ()), tokens),
        certificate_files=_paths(words.get("certificatefile", ()), tokens),
        identities_only=first("identitiesonly") == "yes",
        identity_agent=agent(expand(first("identityagent"), tokens, os.environ), os.environ),
        proxy_jump=jumps(expand(first("proxyjump"), tokens, {})),
        proxy_command=expand(_unless_none(first("proxycommand")), tokens, {}),
        host_key_alias=alias,
        user_known_hosts=_listed(first("userknownhostsfile")),
        global_known_hosts=_listed(first("globalknownhostsfile")),
        source=source,
        notes=(*notes, *_unfilled(words, tokens), *_notes(words)),
    )


def _port(text: str) -> int:
    """A port by its number, or by the name of its service. Raises ValueError."""
    if text.isdigit():
        return int(text)
    try:
        return socket.getservbyname(text, "tcp")
    except OSError:
        raise ValueError(f"Port {text} is no port") from None


def jumps(text: str) -> tuple[Jump, ...]:
    """A ProxyJump, as it stands in ssh_config or as ssh prints it."""
    if _unless_none(text) == "":
        return ()
    matches = (_JUMP.fullmatch(part.strip()) for part in text.split(","))
    return tuple(
        Jump(match["ip"] or match["host"], match["user"] or "", int(match["port"] or 0))
        for match in matches
        if match
    )


def expand(text: str, tokens: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """The text with its %-tokens, and ${NAME} of the environment, filled in.

    What is neither stays as it is.
    """
    text = re.sub(r"%(.)", lambda mark: tokens.get(mark[1], mark[0]), text)
    return re.sub(r"\$\{(\w+)\}", lambda mark: environment.get(mark[1], mark[0]), text)


def agent(text: str, environment: Mapping[str, str]) -> str:
    """IdentityAgent: a socket, "" for the usual one, "none"."""
    if text in ("", "SSH_AUTH_SOCK"):
        return ""
    if text.startswith("$"):
        return environment.get(text[1:].strip("{}"), "") or "none"
    return home_path(text)


def home_path(path: str) -> str:
    """A path that may begin with ~, which is the home of the password file to ssh, or ~USER.

    Where HOME is another one and the file lies there, that.
    """
    if not path.startswith("~/"):
        return os.path.expanduser(path)
    tries = [str(Path(home, path[2:])) for home in (os.environ.get("HOME"), passwd_home()) if home]
    return next((path for path in tries if os.path.exists(path)), tries[-1] if tries else path)


def passwd_home() -> str:
    """Our home as the password file has it, where ssh looks; else HOME."""
    return operator.passwd_home() or os.environ.get("HOME", "")


def _unless_none(text: str) -> str:
    return "" if text.lower() == "none" else text


def _listed(text: str) -> tuple[str, ...]:
    """Files as ssh prints them: parted by blanks, which a name may hold as well."""
    parts = re.split(r" (?=[/~])", text) if text[:1] in "/~" else text.split()
    return tuple(part for part in parts if part)


def _keys(texts: Sequence[str], tokens: Mapping[str, str]) -> tuple[str, ...]:
    """Key files; NO_KEY where there is a word, and no file in it."""
    return _paths(texts, tokens) or ((NO_KEY,) if texts else ())


def _paths(texts: Iterable[str], tokens: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(
        home_path(expand(text, tokens, os.environ)) for text in texts if text.lower() != "none"
    )


def _tokens(
    name: str,
    hostname: str,
    user: str,
    port: int,
    alias: str = "",
) -> dict[str, str]:
    """The tokens of ssh_config(5), by their letter."""
    machine = socket.gethostname()
    digest = hashlib.sha1(
        f"{machine}{hostname}{port}{user}".encode(errors="surrogateescape"), usedforsecurity=False
    ).hexdigest()
    return {
        "%": "%",
        "C": digest,
        "d": passwd_home(),
        "h": hostname,
        "i": str(os.getuid()),
        "k": alias or name,
        "L": machine.partition(".")[0],
        "l": machine,
        "n": name,
        "p": str(port),
        "r": user,
        "u": operator.name(),
    }


def _unfilled(words: Mapping[str, Sequence[str]], tokens: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each file with a token or a variable that is not there; ssh itself ends."""
    for key, name in FILES.items():
        for value in words.get(key, ()):
            marks = [mark for mark in re.findall(r"%(.)", value) if mark not in tokens]
            if marks or "${" in expand(value, tokens, os.environ):
                yield f"{name} {value} of ssh_config names what is not there: ssh ends at that"


def _notes(words: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for key, harmless in BY_OPENSSH_ALONE.items():
        for value in words.get(key, ()):
            takes_keys = "publickey" in value.lower().split(",")
            if value.lower() not in harmless and not takes_keys:
                yield f"{NAMES[key]} {value} {ALONE}"
