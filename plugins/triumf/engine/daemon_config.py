"""What the site wishes of an engine, written as RHEL 7's files and as today's daemon.json.

Pure text to text; what nobody asks for stays as it is. Sources: the document, 4.1; dockerd's
reference of daemon.json; docker.service of RHEL 7, which reads the three files below
/etc/sysconfig.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fairlead.api import FairleadError, facts

from ..sections.engine import Engine
from ..site import Triumf
from . import json_text, sysconfig

DAEMON = "/etc/docker/daemon.json"
NETWORK = "/etc/sysconfig/docker-network"
STORAGE = "/etc/sysconfig/docker-storage-setup"
MAIN = "/etc/sysconfig/docker"
# The first engine that takes proxies from daemon.json; older ones refuse the key, and do not start.
PROXIES = "23.0"
# The first that has IPv6 on its own network without fixed-cidr-v6 (its release notes).
IPV6_ALONE = "28.0"
DATA_ROOT = ("-g", "--graph", "--data-root")  # flags whose value is the next word
DATA_ROOT_WITH_VALUE = ("--graph=", "--data-root=", "-g=")
SELINUX = "--selinux-enabled"
TMPDIR = "/var/tmp"  # the engine's own default, and the section's


def files(section: Triumf, host: str, current: Mapping[str, str], version: str) -> dict[str, str]:
    """Path -> content as the site wants it on this host.

    `current`: path -> what is there; `version`: the engine's. Raises FairleadError.
    """
    if not is_sysconfig(section, current):
        return {DAEMON: daemon(section, host, current.get(DAEMON, ""), version)}
    writers: dict[str, Callable[[str], str]] = {
        NETWORK: lambda text: network(section, host, text),
        STORAGE: lambda text: storage(section, text),
        MAIN: lambda text: main(section, text),
    }
    contents = {
        path: _written(host, path, current.get(path, ""), writer)
        for path, writer in writers.items()
    }
    return {path: text for path, text in contents.items() if path in current or text.strip()}


def _written(host: str, path: str, text: str, writer: Callable[[str], str]) -> str:
    """A file as it has to be. Raises FairleadError where what stands there cannot be read."""
    try:
        return writer(text)
    except sysconfig.UnreadableError as error:
        raise FairleadError(
            f"{host}: {path}",
            f"{error.key} is not one quoted text",
            f"write it as {error.key}='...', a remark on a line of its own",
        ) from None


def is_sysconfig(section: Triumf, current: Mapping[str, str]) -> bool:
    """Are RHEL 7's files the ones that count here?"""
    kind = section.engine.files
    return kind == "sysconfig" or (kind == "auto" and MAIN in current)


# RHEL 7


def network(section: Triumf, host: str, text: str) -> str:
    """/etc/sysconfig/docker-network."""
    flags = [f"--{key}={value}" for key, value in _bridge_keys(section, host)]
    words = [f"--ipv6={_bool(section.has_default_ipv6(host))}", *flags]
    return sysconfig.assigned(text, "DOCKER_NETWORK_OPTIONS", f'"{" ".join(words)}"')


def _bridge_keys(section: Triumf, host: str) -> Iterator[tuple[str, Any]]:
    """What is said of the bridge, in the document's order; of bridge and addresses nothing where
    workers have a network of their own over it."""
    engine = section.engine
    if engine.mtu:
        yield "mtu", engine.mtu
    if engine.bip:
        yield "bip", engine.bip
    if section.is_fixed(host):
        return
    if engine.bridge:
        yield "bridge", engine.bridge
    if engine.ranges.get(host):
        yield "fixed-cidr", engine.ranges[host]
    if engine.ranges6.get(host):
        yield "fixed-cidr-v6", engine.ranges6[host]


def _dropped_keys(section: Triumf, host: str) -> tuple[str, ...]:
    """The keys that go where workers have a network of their own."""
    if not section.is_fixed(host):
        return ()
    has_range = host in section.engine.ranges6
    return ("bridge", "fixed-cidr", *(("fixed-cidr-v6",) if has_range else ()))


def storage(section: Triumf, text: str) -> str:
    """/etc/sysconfig/docker-storage-setup: the volume group of the thin pool."""
    group = section.engine.volume_group
    return sysconfig.assigned(text, "VG", group) if group else text


def main(section: Triumf, text: str) -> str:
    """/etc/sysconfig/docker.

    Its comments show what may be written: some of ours take their place, some follow them, as in
    the document.
    """
    engine = section.engine
    text = sysconfig.assigned(text, "OPTIONS", f"'{' '.join(options(engine, text))}'")
    text = _registries(text, "ADD_REGISTRY", registries(section))
    text = _registries(text, "BLOCK_REGISTRY", engine.block_registry, replaces=True)
    text = _registries(text, "INSECURE_REGISTRY", engine.insecure_registry)
    text = sysconfig.assigned(text, "DOCKER_TMPDIR", engine.tmpdir)
    for key, value in proxies(section):
        text = sysconfig.assigned(text, key, value)
    return text


def _registries(text: str, key: str, names: tuple[str, ...], replaces: bool = False) -> str:
    """The text with ADD_REGISTRY='--add-registry NAME ...'; as it is where there are no names."""
    if not names:
        return text
    flag = f"--{key.lower().replace('_', '-')}"
    words = " ".join(f"{flag} {name}" for name in names)
    return sysconfig.assigned(text, key, f"'{words}'", replaces)


def options(engine: Engine, text: str) -> list[str]:
    """The words of OPTIONS: ours first, then what stood there besides."""
    before = sysconfig.words(text, "OPTIONS")
    selinux = [] if engine.selinux is None else [f"{SELINUX}={_bool(engine.selinux)}"]
    others = _others(before, keep_selinux=engine.selinux is None)
    return [*selinux, "-g", engine.data_root, *others]


def _others(words: list[str], keep_selinux: bool) -> Iterator[str]:
    """Without data root and (unless `keep_selinux`) SELinux."""
    remaining = iter(words)
    for word in remaining:
        if word in DATA_ROOT:
            next(remaining, None)
        elif word.startswith(DATA_ROOT_WITH_VALUE):
            continue
        elif keep_selinux or not word.startswith(SELINUX):
            yield word


# Today


def daemon(section: Triumf, host: str, text: str, version: str) -> str:
    """/etc/docker/daemon.json: what the site wishes over what is there. Raises FairleadError."""
    return edited(text, host, dict(keys(section, host, version)), _dropped_keys(section, host))


def edited(text: str, host: str, values: Mapping[str, Any], dropped: tuple[str, ...] = ()) -> str:
    """A daemon.json with these values; all else stays as it is written. Raises FairleadError."""
    parsed(text, host)
    return json_text.edited(text, values, dropped)


def parsed(text: str, host: str) -> dict[str, Any]:
    """What a daemon.json says; one that is empty says nothing. Raises FairleadError."""
    try:
        content = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise FairleadError(
            f"{host}: {DAEMON}",
            f"is not JSON: {error}",
            "mend it, or take it away; the engine would not start with it either",
        ) from None
    if not isinstance(content, dict):
        raise FairleadError(f"{host}: {DAEMON}", "holds no JSON object", "mend it, or take it away")
    return content


def keys(section: Triumf, host: str, version: str) -> Iterator[tuple[str, Any]]:
    """The keys that are ours, in the order of the document's files."""
    engine = section.engine
    yield "ipv6", section.has_default_ipv6(host)
    yield from _bridge_keys(section, host)
    if engine.selinux is not None:
        yield "selinux-enabled", engine.selinux
    yield "data-root", engine.data_root
    if engine.address_pools:
        yield (
            "default-address-pools",
            [{"base": pool.base, "size": pool.size} for pool in engine.address_pools],
        )
    if engine.log_driver:
        yield "log-driver", engine.log_driver
    if engine.log_opts:
        yield "log-opts", dict(engine.log_opts)
    mirrors = [f"{_scheme(engine, name)}://{name}" for name in registries(section)]
    if mirrors:
        yield "registry-mirrors", mirrors
    if engine.insecure_registry:
        yield "insecure-registries", list(engine.insecure_registry)
    if engine.https_proxy and facts.at_least(version, PROXIES):
        yield "proxies", {key.replace("_", "-"): value for key, value in proxies(section)}
    yield "live-restore", engine.live_restore


def changed_network_keys(section: Triumf, host: str, current: Mapping[str, str]) -> tuple[str, ...]:
    """What of the engine's network the site wants otherwise than daemon.json has it."""
    before = parsed(current.get(DAEMON, ""), host)
    changed = (key for key, value in _bridge_keys(section, host) if before.get(key) != value)
    dropped = (key for key in _dropped_keys(section, host) if key in before)
    return (*changed, *dropped)


def takes_ipv6_alone(version: str) -> bool:
    return facts.at_least(version, IPV6_ALONE)


def unsupported(section: Triumf, version: str) -> Iterator[tuple[str, str]]:
    """Wishes that daemon.json has no key for, and what does instead."""
    engine = section.engine
    if engine.block_registry:
        names = ", ".join(engine.block_registry)
        yield f"block_registry {names}", "close the way there in the firewall"
    if engine.volume_group:
        instead = "today's engines have no thin pool: put a file system of it at"
        yield f"volume_group {engine.volume_group}", f"{instead} {engine.data_root}"
    if engine.tmpdir != TMPDIR:
        yield f"tmpdir {engine.tmpdir}", "systemctl edit docker: Environment=DOCKER_TMPDIR=..."
    if engine.https_proxy and not facts.at_least(version, PROXIES):
        instead = "systemctl edit docker: Environment=HTTPS_PROXY=... NO_PROXY=..."
        yield f"https_proxy {engine.https_proxy}", instead


def only_today(section: Triumf) -> Iterator[tuple[str, str]]:
    """Wishes that only daemon.json has a key for, and what does instead on RHEL 7."""
    engine = section.engine
    if engine.address_pools:
        yield "address_pools", "give each network its subnet where it is made"
    if engine.log_driver or engine.log_opts:
        yield "log_driver, log_opts", f"--log-driver and --log-opt in OPTIONS of {MAIN}"


# Both


def registries(section: Triumf) -> tuple[str, ...]:
    """Where images are looked for: the site's own registry first, each of them once."""
    own = (section.registry.reference,) if section.registry else ()
    return tuple(dict.fromkeys((*own, *section.engine.add_registry)))


def proxies(section: Triumf) -> tuple[tuple[str, str], ...]:
    """The way out, and who is reached without it.

    Local pulls that go by the proxy find nothing, says the document.
    """
    proxy = section.engine.https_proxy
    if not proxy:
        return ()
    near = ",".join(name.partition(":")[0] for name in registries(section))
    direct = (("no_proxy", near),) if near else ()
    return (("https_proxy", proxy), *direct)


def _scheme(engine: Engine, name: str) -> str:
    return "http" if name in engine.insecure_registry else "https"


def _bool(value: bool) -> str:
    return "true" if value else "false"
