"""ssh_config without ssh: paramiko's reading, and a sentence for what it does not understand."""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.connections import process, ssh_config
from fairlead.connections.ssh_config import SshConfig
from fairlead.model import operator

if TYPE_CHECKING:
    import paramiko

CONDITIONS = ("all", "canonical", "final", "host", "originalhost", "user", "localuser", "exec")
ALONE = CONDITIONS[:3]  # those without a value
WHOLE = ("proxycommand", "localcommand", "remotecommand", "match")  # a # in them is no remark
NEVER = "Host !*\n"  # a block that means no host
EXEC = 20  # seconds for the program of a Match


def read(name: str, own: Mapping[str, str], files: Iterable[Path]) -> SshConfig:
    """What the files say of a host, and before them `own`, in which the site has its say.

    Raises SSHException, ValueError where a file is none.
    """
    notes: list[str] = []
    lines = [f"Host {name}\n", *(f" {key} {value}\n" for key, value in own.items())]
    for file in files:
        lines.append("Host *\n")
        lines += _understood(file, notes)
    values = dict(_config("".join(lines)).lookup(name))
    ways = [key for key in values if key in ("proxyjump", "proxycommand")]
    for key in ways[1:]:  # of the two the one that comes first counts, be it none
        del values[key]
    words = {key: _values(key, value) for key, value in values.items() if value is not None}
    for key in ("userknownhostsfile", "globalknownhostsfile"):
        words[key] = [" ".join(_paths(text)) for text in words.get(key, ())] or [""]
    words["hostname"] = [_hostname(words.get("hostname", [name])[0], name)]
    return ssh_config.of_words(name, words, "paramiko", notes)


def own_words(name: str, own: Mapping[str, str]) -> dict[str, list[str]]:
    """What the site says, as the words of an ssh_config that says nothing."""
    words = {key.lower(): [value] for key, value in own.items()}
    return words | {"hostname": [_hostname(own.get("HostName", name), name)]}


def _understood(file: Path, notes: list[str]) -> Iterator[str]:
    """The lines of a file as paramiko takes them; a note for each that it would take wrongly."""
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        key, value = _split(line)
        where = f"{key} {value} ({file}:{number})"
        if key.lower() == "include":
            notes.append(f"{where} is not read without ssh")
        elif key.lower() == "match":
            match = _match(value)
            if not match:
                notes.append(f"{where} is not understood without ssh and counts as not met")
            yield match or NEVER
        elif key.lower() == "proxycommand" and re.fullmatch(r'".*"', value):
            yield f'{key} "{value}"\n'  # paramiko takes one pair away, ssh none
        elif key:
            yield f"{key} {value}\n"


def _split(line: str) -> tuple[str, str]:
    """Key and value of a line, without its remark."""
    match = re.fullmatch(r"\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*", line)
    if not match:
        return "", ""
    key, value = match.groups()
    return key, value if key.lower() in WHOLE else re.sub(r"\s+#[^\"]*$", "", value)


def _match(value: str) -> str:
    """A Match that paramiko understands; "" where there is a condition that it does not."""
    words = shlex.split(re.sub(r"(^|\s)(!?[a-z]+)=", r"\1\2 ", value), comments=True)
    parts: list[str] = []
    while words:
        kind = words.pop(0).lower()
        bare = kind.removeprefix("!")
        if bare not in CONDITIONS or (bare not in ALONE and not words):
            return ""
        parts.append(kind if bare in ALONE else f"{kind} {shlex.quote(words.pop(0))}")
    if "all" in parts and "final" in parts:
        parts.remove("all")
    return f"Match {' '.join(parts)}\n"


def _config(text: str) -> "paramiko.SSHConfig":
    import paramiko

    base: Any = paramiko.SSHConfig  # its types leave out what we take another way

    class Config(base):
        """paramiko's, but for the tokens, which are ours, and who we are, which it insists on."""

        def _allowed_tokens(self, key: str) -> list[str]:
            return list(super()._allowed_tokens(key)) if key == "match-exec" else []

        def _does_match(
            self,
            match_list: list[dict[str, Any]],
            target_hostname: str,
            canonical: bool,
            final: bool,
            options: dict[str, Any],
        ) -> bool:
            user, hostname = options.get("user"), options.get("hostname")
            facts = {
                "host": hostname or target_hostname,
                "originalhost": target_hostname,
                "user": user or operator.name(),
                "localuser": operator.name(),
            }
            states = {"canonical": canonical, "final": final, "all": True}

            def holds(kind: str, value: str) -> bool:
                if kind == "exec":
                    return _succeeds(self._tokenize(options, target_hostname, "match-exec", value))
                if kind in states:
                    return states[kind]
                return bool(self._pattern_matches(value, facts[kind]))

            return bool(match_list) and all(
                holds(match["type"], match["param"]) != match["negate"] for match in match_list
            )

    config: paramiko.SSHConfig = Config.from_text(text)
    return config


_PROGRAMS: dict[str, bool] = {}


def _succeeds(program: str) -> bool:
    """Whether a `Match exec` is met; each is run once."""
    if program not in _PROGRAMS:
        _PROGRAMS[program] = process.capture(("sh", "-c", program), EXEC)[0] == 0
    return _PROGRAMS[program]


def _values(key: str, value: str | list[str]) -> list[str]:
    texts = value if isinstance(value, list) else [value]
    if key == "proxycommand":
        return texts
    return [re.sub(r'^"(.*)"$', r"\1", text) for text in texts]


def _paths(text: str) -> list[str]:
    try:
        paths = shlex.split(text)
    except ValueError:
        return []
    return [ssh_config.home_path(path) for path in paths]


def _hostname(text: str, name: str) -> str:
    return ssh_config.expand(text, {"h": name, "%": "%"}, {})
