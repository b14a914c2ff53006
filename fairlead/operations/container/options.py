"""How a container was started, read from what `inspect` says of it: as flags of `docker run`.

Sources: docker-run(1), podman-run(1), and the engine's API (HostConfig). What an engine fills in by
itself is no option.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.plan import Noun

_LISTS = {
    "CapAdd": "--cap-add",
    "CapDrop": "--cap-drop",
    "Dns": "--dns",
    "DnsSearch": "--dns-search",
    "DnsOptions": "--dns-option",
    "ExtraHosts": "--add-host",
    "GroupAdd": "--group-add",
    "SecurityOpt": "--security-opt",
}
_NUMBERS = {
    "Memory": "--memory",
    "MemoryReservation": "--memory-reservation",
    "CpuShares": "--cpu-shares",
    "CpuPeriod": "--cpu-period",
    "CpuQuota": "--cpu-quota",
    "PidsLimit": "--pids-limit",
    "OomScoreAdj": "--oom-score-adj",
    "BlkioWeight": "--blkio-weight",
    "ShmSize": "--shm-size",
}
_TEXTS = {
    "CpusetCpus": "--cpuset-cpus",
    "CpusetMems": "--cpuset-mems",
    "PidMode": "--pid",
    "IpcMode": "--ipc",
    "UTSMode": "--uts",
    "UsernsMode": "--userns",
    "Runtime": "--runtime",
}
_BY_ITSELF = {  # what an engine says where nobody asked for anything
    "PidsLimit": (-1, 2048),
    "ShmSize": (64 << 20, 65_536_000),
    "PidMode": ("private",),
    "IpcMode": ("private", "shareable"),
    "UTSMode": ("private",),
    "Runtime": ("runc", "crun", "oci", "io.containerd.runc.v2"),
}
_NOT_GIVEN = ("CAP_AUDIT_WRITE", "CAP_MKNOD", "CAP_NET_RAW")
_OWN_LIMITS = ("RLIMIT_NOFILE", "RLIMIT_NPROC")
_OF_CPUS = ("CpuPeriod", "CpuQuota")  # Podman tells --cpus by all three, and takes one of them
# passthrough: to the unit of a quadlet, which it goes without afterwards
_LOGGED_BY_ITSELF = ("json-file", "journald", "k8s-file", "local", "passthrough")
_SECRET = re.compile("token|password|secret|key", re.I)
_LABELS_OF_TOOLS = (
    *("com.docker.compose.", "fairlead.", "io.podman.", "io.buildah."),
    *("io.containers.autoupdate", "PODMAN_SYSTEMD_UNIT"),
)


class Inspected(Noun):
    """What `inspect` says of a container, and of its image."""

    container: Mapping[str, Any]
    image: Mapping[str, Any]

    @property
    def host(self) -> Mapping[str, Any]:
        return self.container.get("host") or {}

    def own(self, key: str) -> Any:
        """What the container has by this key and its image has not given it; else None."""
        value = self.container.get(key)
        return None if _normal(value) == _normal(self.image.get(key)) else value


def _normal(value: Any) -> Any:
    """Podman before 5 has an entry point as one text."""
    return value.split() if isinstance(value, str) else value or []


def options(
    inspected: Inspected,
    engine: str,
) -> tuple[str, ...]:
    """Its flags that another container could have too, --FLAG=VALUE each."""
    return (
        *_of_lists(inspected.host, engine),
        *_of_values(inspected.host),
        *_of_maps(inspected.host),
        *_mounts(inspected.container.get("mounts") or ()),
        *_names(inspected),
        *_labels(inspected),
        *_logging(inspected.host),
    )


def _of_lists(
    host: Mapping[str, Any],
    engine: str,
) -> Iterator[str]:
    for key, flag in _LISTS.items():
        given = host.get(key) or ()
        if key == "CapDrop" and engine == "podman":
            given = _dropped(host)
        yield from (f"{flag}={value}" for value in given)
    for device in host.get("Devices") or ():
        places = f"{device['PathOnHost']}:{device['PathInContainer']}"
        yield f"--device={places}:{device.get('CgroupPermissions') or 'rwm'}"
    for limit in host.get("Ulimits") or ():
        if engine == "docker" or not _is_own_limit(limit):
            yield _ulimit(limit)


def _dropped(host: Mapping[str, Any]) -> list[str]:
    """Podman counts as dropped what Docker gives and it does not, and of a privileged one what its
    host lacks: containers.conf(5), podman-run(1)."""
    if host.get("Privileged"):
        return []
    return [value for value in host.get("CapDrop") or () if value not in _NOT_GIVEN]


def _is_own_limit(limit: Mapping[str, Any]) -> bool:
    """Podman gives these two by itself, and the soft one is the hard one then."""
    return limit["Name"] in _OWN_LIMITS and limit["Soft"] == limit["Hard"]


def _ulimit(limit: Mapping[str, Any]) -> str:
    """Podman has the names of the kernel."""
    name = limit["Name"].removeprefix("RLIMIT_").lower()
    soft = _limit(limit["Soft"])
    hard = _limit(limit["Hard"])
    return f"--ulimit={name}={soft}:{hard}"


def _limit(value: int) -> int:
    """-1 for none, which Podman has without a sign."""
    return -1 if value == (1 << 64) - 1 else value


def _of_values(
    host: Mapping[str, Any],
) -> Iterator[str]:
    for key, flag in (*_NUMBERS.items(), *_TEXTS.items()):
        value = host.get(key)
        if key in _OF_CPUS and host.get("NanoCpus"):
            continue
        if value and value not in _BY_ITSELF.get(key, ()):
            yield f"{flag}={value}"
    memory, swap = host.get("Memory") or 0, host.get("MemorySwap") or 0
    if memory and swap not in (0, 2 * memory):
        yield f"--memory-swap={swap}"
    if host.get("NanoCpus"):
        yield f"--cpus={host['NanoCpus'] / 1e9:g}"
    switches = {"Privileged": "--privileged", "ReadonlyRootfs": "--read-only", "Init": "--init"}
    yield from (flag for key, flag in switches.items() if host.get(key))


def _of_maps(
    host: Mapping[str, Any],
) -> Iterator[str]:
    for name, value in (host.get("Sysctls") or {}).items():
        yield f"--sysctl={name}={value}"
    for path, words in (host.get("Tmpfs") or {}).items():
        yield f"--tmpfs={path}:{words}" if words else f"--tmpfs={path}"
    for port, places in (host.get("PortBindings") or {}).items():
        for place in places or ():
            address = f"{place['HostIp']}:" if place.get("HostIp") not in ("", None) else ""
            yield f"--publish={address}{place.get('HostPort', '')}:{port}"


def _mounts(mounts: Any) -> Iterator[str]:
    """Folders of the host, and volumes by their names; one without has an ID for a name."""
    for mount in mounts:
        source = {"bind": "Source", "volume": "Name"}.get(mount.get("Type", ""))
        if source and mount.get(source):
            words = [] if mount.get("RW", True) else ["ro"]
            words += [word for word in ("z", "Z") if word in (mount.get("Mode") or "").split(",")]
            spread = mount.get("Propagation") or ""
            words += [spread] if mount["Type"] == "bind" and spread not in ("", "rprivate") else []
            places = (mount[source], mount["Destination"], ",".join(words))
            yield f"--volume={':'.join(filter(None, places))}"


def _names(inspected: Inspected) -> Iterator[str]:
    name, id_ = inspected.container.get("hostname") or "", inspected.container.get("id") or ""
    if name and not id_.startswith(name) and inspected.host.get("NetworkMode") != "host":
        yield f"--hostname={name}"
    if inspected.container.get("domainname"):
        yield f"--domainname={inspected.container['domainname']}"


def _labels(inspected: Inspected) -> Iterator[str]:
    of_image = inspected.image.get("labels") or {}
    for name, value in (inspected.container.get("labels") or {}).items():
        if of_image.get(name) != value and not name.startswith(_LABELS_OF_TOOLS):
            yield f"--label={name}={value}"


def _logging(
    host: Mapping[str, Any],
) -> Iterator[str]:
    log = host.get("LogConfig") or {}
    driver, words = log.get("Type") or "", log.get("Config") or {}
    if driver and (words or driver not in _LOGGED_BY_ITSELF):
        yield f"--log-driver={driver}"
        shown = (name for name in words if not _SECRET.search(name))
        yield from (f"--log-opt={name}={words[name]}" for name in shown)


def site_decides(
    inspected: Inspected,
    command: tuple[str, ...],
) -> Iterator[str]:
    """What it was started with that is no flag to keep: the site, or the new image, says it."""
    for key, word in (("entrypoint", "--entrypoint"), ("user", "--user"), ("workdir", "--workdir")):
        value = inspected.own(key)
        if value:
            yield f"{word}={value if isinstance(value, str) else ' '.join(value)}"
    words = tuple(inspected.own("cmd") or ())
    if words and words != command:
        yield f"command {words[0]}" + (" ..." if len(words) > 1 else "")
    log = (inspected.host.get("LogConfig") or {}).get("Config") or {}
    yield from (f"--log-opt={name}=..." for name in log if _SECRET.search(name))
    if inspected.host.get("DeviceRequests"):
        yield "--gpus"
