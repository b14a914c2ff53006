"""What the site wishes of an engine, written as RHEL 7's files and as today's daemon.json. Pure text to text; what nobody asks for stays as it is.

Sources: the document, 4.1; dockerd's reference of daemon.json; docker.service of RHEL 7, which reads the three files below /etc/sysconfig.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import FairleadError, facts

DAEMON = "/etc/docker/daemon.json"
NETWORK, STORAGE, MAIN = (
    f"/etc/sysconfig/{name}" for name in ("docker-network", "docker-storage-setup", "docker")
)
PROXIES = "23.0"  # the first engine that takes them from daemon.json; older ones refuse the key, and do not start


def files(site: Any, host: str, found: Mapping[str, str], engine: str) -> dict[str, str]:
    """Path -> content as the site wants it on this host. `found`: path -> what is there; `engine`: its version. Raises FairleadError."""
    if is_sysconfig(site, found):
        written = {
            NETWORK: network(site, host, found.get(NETWORK, "")),
            STORAGE: storage(site, found.get(STORAGE, "")),
            MAIN: main(site, found[MAIN]),
        }
        return {
            path: content for path, content in written.items() if path in found or content.strip()
        }
    return {DAEMON: daemon(site, host, found.get(DAEMON, ""), engine)}


def is_sysconfig(site: Any, found: Mapping[str, str]) -> bool:
    """Are RHEL 7's files the ones that count here?"""
    return site.engine.files == "sysconfig" or (site.engine.files == "auto" and MAIN in found)


# RHEL 7


def network(site: Any, host: str, text: str) -> str:
    """/etc/sysconfig/docker-network."""
    words = [
        f"--ipv6={_bool(site.engine.ipv6)}",
        *(f"--{flag}={value}" for flag, value in _bridged(site, host)),
    ]
    return _variable(text, "DOCKER_NETWORK_OPTIONS", f'"{" ".join(words)}"')


def _bridged(site: Any, host: str) -> Iterator[tuple[str, Any]]:
    """What is said of the bridge, in the document's order; nothing where workers have a network of their own over it."""
    engine = site.engine
    own = (
        ()
        if site.is_fixed(host)
        else (("bridge", engine.bridge), ("fixed-cidr", engine.ranges.get(host)))
    )
    return ((key, value) for key, value in (("mtu", engine.mtu), *own) if value)


def _moved(site: Any, host: str) -> tuple[str, ...]:
    """The keys that go where workers have a network of their own."""
    return ("bridge", "fixed-cidr") if site.is_fixed(host) else ()


def storage(site: Any, text: str) -> str:
    """/etc/sysconfig/docker-storage-setup: the volume group of the thin pool."""
    return _variable(text, "VG", site.engine.volume_group) if site.engine.volume_group else text


def main(site: Any, text: str) -> str:
    """/etc/sysconfig/docker. Its comments show what may be written: some of ours take their place, some follow them, as in the document."""
    engine, quoted = site.engine, "'{}'".format
    text = _variable(text, "OPTIONS", quoted(" ".join(options(engine, text))))
    for key, flag, names, replaces in (
        ("ADD_REGISTRY", "--add-registry", added(site), False),
        ("BLOCK_REGISTRY", "--block-registry", engine.block_registry, True),
        ("INSECURE_REGISTRY", "--insecure-registry", engine.insecure_registry, False),
    ):
        text = (
            _variable(text, key, quoted(" ".join(f"{flag} {name}" for name in names)), replaces)
            if names
            else text
        )
    text = _variable(text, "DOCKER_TMPDIR", engine.tmpdir, replaces=True)
    for key, value in proxies(site):
        text = _variable(text, key, value)
    return text


def options(engine: Any, text: str) -> list[str]:
    """The words of OPTIONS: ours first, then what stood there besides."""
    before = re.findall(r"^OPTIONS=['\"]?(.*?)['\"]?\s*$", text, re.M)
    ours = [] if engine.selinux is None else [f"--selinux-enabled={_bool(engine.selinux)}"]
    return [
        *ours,
        "-g",
        engine.data_root,
        *_others(shlex.split(before[-1]) if before else [], engine.selinux is None),
    ]


def _others(words: list[str], keep: bool) -> Iterator[str]:
    """Without data root and (unless `keep`) SELinux."""
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("-g", "--graph", "--data-root"):
            words[:1] = []
        elif not word.startswith(("--graph=", "--data-root=", "-g=")) and (
            keep or not word.startswith("--selinux-enabled")
        ):
            yield word


def _variable(text: str, key: str, value: str, replaces: bool = True) -> str:
    """The text with KEY=VALUE: where the variable stands; else in the place of its commented line, or behind that; else at the end."""
    lines, new = text.splitlines(), f"{key}={value}"
    there = [number for number, line in enumerate(lines) if re.match(rf"{key}=", line)]
    shown = [number for number, line in enumerate(lines) if re.match(rf"#\s*{key}=", line)]
    if there:
        lines[there[-1]] = new
    elif shown and replaces:
        lines[shown[-1]] = new
    else:
        lines.insert(shown[-1] + 1 if shown else len(lines), new)
    return "".join(f"{line}\n" for line in lines)


# Today


def daemon(site: Any, host: str, text: str, version: str) -> str:
    """/etc/docker/daemon.json: what the site wishes over what is there. Raises FairleadError."""
    stays = {key: value for key, value in read(text, host).items() if key not in _moved(site, host)}
    return written(stays | dict(keys(site, host, version)))


def written(found: Mapping[str, Any]) -> str:
    """A line for each key, so that a diff is short."""
    lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in found.items())
    return f"{{\n{lines}\n}}\n"


def read(text: str, host: str) -> dict[str, Any]:
    """What a daemon.json says; one that is empty says nothing. Raises FairleadError."""
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise FairleadError(
            f"{host}: {DAEMON}",
            f"is not JSON: {error}",
            "mend it, or take it away; the engine would not start with it either",
        ) from None
    if not isinstance(found, dict):
        raise FairleadError(f"{host}: {DAEMON}", "holds no JSON object", "mend it, or take it away")
    return found


def keys(site: Any, host: str, version: str) -> Iterator[tuple[str, Any]]:
    """The keys that are ours, in the order of the document's files."""
    engine = site.engine
    yield "ipv6", engine.ipv6
    yield from _bridged(site, host)
    if engine.selinux is not None:
        yield "selinux-enabled", engine.selinux
    yield "data-root", engine.data_root
    mirrors, insecure = (
        [f"{_scheme(site, name)}://{name}" for name in added(site)],
        list(engine.insecure_registry),
    )
    yield from (
        (key, value)
        for key, value in (("registry-mirrors", mirrors), ("insecure-registries", insecure))
        if value
    )
    if engine.https_proxy and facts.at_least(version, PROXIES):
        yield "proxies", {key.replace("_", "-"): value for key, value in proxies(site)}
    yield "live-restore", engine.live_restore


def network_keys(site: Any, host: str, found: Mapping[str, str]) -> tuple[str, ...]:
    """What of the engine's network the site wants otherwise than daemon.json has it."""
    before = read(found.get(DAEMON, ""), host)
    changed = (key for key, value in _bridged(site, host) if before.get(key) != value)
    return (*changed, *(key for key in _moved(site, host) if key in before))


def unsaid(site: Any, version: str) -> Iterator[tuple[str, str]]:
    """Wishes that daemon.json has no key for, and what does instead."""
    engine = site.engine
    if engine.block_registry:
        yield (
            f"block_registry {', '.join(engine.block_registry)}",
            "close the way there in the firewall",
        )
    if engine.volume_group:
        yield (
            f"volume_group {engine.volume_group}",
            f"today's engines have no thin pool: put a file system of it at {engine.data_root}",
        )
    if engine.tmpdir != "/var/tmp":
        yield f"tmpdir {engine.tmpdir}", "systemctl edit docker: Environment=DOCKER_TMPDIR=..."
    if engine.https_proxy and not facts.at_least(version, PROXIES):
        yield (
            f"https_proxy {engine.https_proxy}",
            "systemctl edit docker: Environment=HTTPS_PROXY=... NO_PROXY=...",
        )


# Both


def added(site: Any) -> tuple[str, ...]:
    """Where images are looked for: the site's own registry first."""
    own = (site.registry.reference,) if site.registry else ()
    return tuple(dict.fromkeys((*own, *site.engine.add_registry)))


def proxies(site: Any) -> tuple[tuple[str, str], ...]:
    """The way out, and who is reached without it: local pulls that go by the proxy find nothing, says the document."""
    if not site.engine.https_proxy:
        return ()
    near = [name.partition(":")[0] for name in added(site)]
    return (
        ("https_proxy", site.engine.https_proxy),
        *((("no_proxy", ",".join(near)),) if near else ()),
    )


def _scheme(site: Any, name: str) -> str:
    return "http" if name in site.engine.insecure_registry else "https"


def _bool(value: bool) -> str:
    return "true" if value else "false"
