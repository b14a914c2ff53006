"""What Docker 28 and 29 do otherwise than the engine that is there.

Sources: docs.docker.com/engine/release-notes (28, 29) and /engine/deprecated.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check, Fact, Noun, script
from fairlead.api import facts as probes

from ..common import advice
from ..common.advice import Change
from . import daemon_config
from .host_facts import EngineState

sh = script.beside(__file__)

NOTES_28, NOTES_29 = "release notes of 28.0.0", "release notes of 29.0.0"
DEPRECATED = "deprecated.md"
OLDEST_CLIENT = "25.0"  # the first whose API is 1.44
STORAGE_GONE = ("aufs", "overlay", "devicemapper")


class Engine(Noun, kw_only=True):
    """An engine of today. None: not known."""

    keys: Mapping[str, Any]  # of daemon.json
    state: EngineState | None
    client: str
    storage: str
    cgroup: str
    ipset: bool | None
    is_sysconfig: bool
    has_limit: bool  # do workers have a limit of open files of their own?


def fact() -> Fact:
    """`ipset`: can this kernel have sets of addresses? None: not known."""
    return Fact("ipset", sh("ipset"), ipset)


def ipset(code: int, text: str) -> bool | None:
    return {0: True, 1: False}.get(code)


def checks(ask: Ask[Any]) -> Iterator[Check]:
    version = advice.version_of(ask, advice.DOCKER)
    if version:
        yield _today(ask)
        yield from advice.checks(CHANGES, ask.engine.server, version, _engine(ask))


def _today(ask: Ask[Any]) -> Check:
    is_known = ask.engine.name == "docker" and bool(ask.engine.server)
    return Check(
        name="engine",
        ok=is_known,
        wanted="Docker that answers: what it is today",
        found=f"docker {ask.engine.server}" if is_known else ask.engine.error or "none",
        why="what changes depends on where the way begins; here all of it is asked",
        remedy=f"inv triumf.engine.up --host={ask.target.host}",
        blocks=False,
    )


def _engine(ask: Ask[Any]) -> Engine:
    section, files = ask.section, ask.facts.get("files") or {}
    keys = daemon_config.parsed(files.get(daemon_config.DAEMON, ""), ask.target.host)
    limits = section.worker.ulimits if section.worker else {}
    return Engine(
        keys=keys,
        state=ask.facts.get("standing"),
        client=ask.engine.version,
        storage=ask.engine.storage,
        cgroup=ask.engine.cgroup,
        ipset=ask.facts.get("ipset"),
        is_sysconfig=daemon_config.is_sysconfig(section, files),
        has_limit="nofile" in limits or "nofile" in (keys.get("default-ulimits") or {}),
    )


def _keys(*names: str, blocks: bool = True, since: str, source: str = DEPRECATED) -> Change:
    return Change(
        name=f"daemon.json: {names[0]}",
        since=since,
        aim=f"no {advice.listed(names)}",
        why="an engine that does not know a key of daemon.json does not start",
        source=source,
        remedy="take it out of daemon.json before the window",
        concerned=lambda engine: advice.named(engine.keys, names),
        blocks=blocks,
    )


def _storage(engine: Engine) -> str | None:
    if not engine.storage:
        return None if engine.state else ""
    return engine.storage if engine.storage in STORAGE_GONE else ""


def _client(engine: Engine) -> str | None:
    if not engine.client:
        return None
    return "" if probes.at_least(engine.client, OLDEST_CLIENT) else f"client {engine.client}"


def _fresh(engine: Engine) -> str | None:
    """Would it have the new image store, as one without images has?"""
    features = engine.keys.get("features") or {}
    if "storage-driver" in engine.keys or features.get("containerd-snapshotter") is not None:
        return ""
    if engine.state is None:
        return "an engine without images begins with it"
    return "" if engine.state.images + engine.state.containers else "no images yet"


def _swarm_of_nftables(engine: Engine) -> str:
    is_swarm = engine.state is not None and engine.state.swarm not in ("", "inactive")
    is_nftables = engine.keys.get("firewall-backend") == "nftables"
    return "firewall-backend nftables, and a swarm" if is_nftables and is_swarm else ""


CHANGES = (
    _keys("graph", since="23.0"),
    _keys("cluster-store", "cluster-advertise", "cluster-store-opts", since="23.0"),
    _keys("oom-score-adjust", since="25.0"),
    _keys("api-cors-header", since="28.0"),
    _keys("allow-nondistributable-artifacts", since="29.0", blocks=False),
    Change(
        name="log driver",
        since="25.0",
        aim="no logentries",
        why="an engine without the driver starts no container that has it by default",
        source=DEPRECATED,
        remedy="another log_driver in the site, or in daemon.json",
        concerned=lambda engine: (
            "logentries" if engine.keys.get("log-driver") == "logentries" else ""
        ),
    ),
    Change(
        name="storage",
        since="25.0",
        aim="none of aufs, overlay (24.0) and devicemapper (25.0)",
        why="the driver is gone: the engine does not start, and its images cannot be read",
        source=DEPRECATED,
        remedy="an empty data_root with overlay2 in the window, and images out of the registry",
        concerned=_storage,
    ),
    Change(
        name="files",
        since="23.0",
        aim="daemon.json, which docker-ce reads alone",
        why="the unit of docker-ce reads none of RHEL 7's files: the engine would start with "
        "nothing of what the site wishes",
        source="docker.service of docker-ce",
        remedy="files: daemon.json in the site, then inv triumf.engine.up in the window",
        concerned=lambda engine: "RHEL 7's files in /etc/sysconfig" if engine.is_sysconfig else "",
    ),
    Change(
        name="ipset",
        since="28.0",
        aim="a kernel with ip_set",
        why="its rules for published ports are made of sets",
        source=NOTES_28,
        remedy="the kernel's module ip_set (kernel-modules on EL), then modprobe ip_set",
        concerned=lambda engine: (
            None if engine.ipset is None else "" if engine.ipset else "no ip_set"
        ),
    ),
    Change(
        name="API",
        since="29.0",
        aim=f"clients of {OLDEST_CLIENT} or newer",
        why="it answers none whose API is older than 1.44",
        source=NOTES_29,
        remedy="upgrade docker-ce-cli with it, and whatever else on this host speaks to the engine",
        concerned=_client,
    ),
    Change(
        name="open files",
        since="29.0",
        aim="worker.ulimits with nofile",
        why="its containerd (2.1.5) gives containers 1024 open files, where they had 1048576",
        source=NOTES_29,
        remedy="worker: {ulimits: {nofile: 1048576}} in the site",
        concerned=lambda engine: "" if engine.has_limit else "1024 for each process of a worker",
        blocks=False,
    ),
    Change(
        name="image store",
        since="29.0",
        aim="room where the images will lie",
        why="a fresh engine has containerd's image store: images lie in /var/lib/containerd, "
        "not in data_root; one that has images keeps its own",
        source=NOTES_29,
        remedy="mount room at /var/lib/containerd, or say storage-driver: overlay2 in daemon.json",
        concerned=_fresh,
        blocks=False,
    ),
    Change(
        name="cgroup",
        since="29.0",
        aim="cgroup v2",
        why="v1 is deprecated, and supported until May 2029 at least",
        source=NOTES_29,
        remedy="systemd.unified_cgroup_hierarchy=1 on the kernel's command line, or a newer system",
        concerned=lambda engine: (
            None if not engine.cgroup else "v1" if engine.cgroup == "1" else ""
        ),
        blocks=False,
    ),
    Change(
        name="nftables",
        since="29.0",
        aim="iptables where there is a swarm",
        why="an engine in a swarm does not start with nftables",
        source="Docker with nftables",
        remedy="take firewall-backend out of daemon.json",
        concerned=_swarm_of_nftables,
    ),
)
