"""The facts of a host that any component may want: cheap, read-only, in one round trip with those
of its own. One start of an engine's program tells all of them.
"""

import json
import re
from typing import Any

import msgspec

from fairlead.model.plan import EngineFacts, Fact, HostFacts
from fairlead.operations import script

STANDALONE = "standalone "  # before the version of a Compose that `docker compose` does not know
SELINUX = "getenforce 2>/dev/null || echo Disabled"

sh = script.beside(__file__)


def host(code: int, text: str) -> HostFacts:
    """hostname, user, uid, arch, kernel, os and time (seconds since the epoch, by the host's
    own clock).
    """
    lines = (text.splitlines() + [""] * 7)[:7]
    hostname, user, uid, arch, kernel, time, os = lines
    return HostFacts(
        hostname=hostname,
        user=user,
        uid=_number(uid),
        arch=arch,
        kernel=kernel,
        os=os,
        time=_number(time),
    )


def engine(code: int, text: str) -> EngineFacts | None:
    """None: no engine. Else name, version, server, storage, cgroup ("1" or "2"), rootless,
    root (its data directory), network, controllers, error ("" or its own words). Raises where an
    answer is of another form.
    """
    if code == 3:
        return None
    info = _object(text)
    first = text.partition("{")[0].partition("\n")[0]
    is_podman = "podman" in first.lower() or "store" in info
    fields = _of_podman(info) if is_podman else _of_docker(info)
    client = (info.get("ClientInfo") or {}).get("Version") or (
        fields["server"] if is_podman else ""
    )
    values = {
        "name": "podman" if is_podman else "docker",
        "version": client or _version(first),
        "error": _error(code, info, text),
        **fields,
    }
    return msgspec.convert(values, EngineFacts)


def _error(code: int, info: dict[str, Any], text: str) -> str:
    """Why the engine does not answer, in its own words; "" where it does."""
    errors = info.get("ServerErrors")
    if not code and not errors:
        return ""
    lines = [line for line in text.splitlines() if line and not line.startswith("{")]
    return (errors or lines[-1:] or [f"it ended with {code}"])[0]


def _of_docker(info: dict[str, Any]) -> dict[str, Any]:
    return {
        "server": info.get("ServerVersion") or "",
        "storage": info.get("Driver") or "",
        "cgroup": info.get("CgroupVersion") or ("1" if info.get("CgroupDriver") else ""),
        "rootless": any("rootless" in option for option in info.get("SecurityOptions") or ()),
        "root": info.get("DockerRootDir") or "",
        "controllers": _controllers_of_docker(info),
    }


# Controller of cgroups -> the key by which Docker says that it can limit containers
CONTROLLERS = {"memory": "MemoryLimit", "cpu": "CpuCfsQuota", "pids": "PidsLimit"}


def _controllers_of_docker(info: dict[str, Any]) -> tuple[str, ...] | None:
    """None where an engine says nothing of one of them, as before Docker 19.03 of processes."""
    if not all(key in info for key in CONTROLLERS.values()):
        return None
    return tuple(name for name, key in CONTROLLERS.items() if info[key])


def _of_podman(info: dict[str, Any]) -> dict[str, Any]:
    host, store = info.get("host") or {}, info.get("store") or {}
    network = (host.get("networkBackendInfo") or {}).get("version")
    controllers = host.get("cgroupControllers")
    return {
        "server": (info.get("version") or {}).get("Version", ""),
        "storage": store.get("graphDriverName", ""),
        "cgroup": str(host.get("cgroupVersion", "")).lstrip("v"),
        "rootless": bool((host.get("security") or {}).get("rootless")),
        "root": store.get("graphRoot", ""),
        "network": network or host.get("networkBackend") or "",
        "controllers": None if controllers is None else tuple(controllers),
    }


def compose(code: int, text: str) -> str:
    """The version of Compose, or "" where there is none; `standalone 2.26.1` where there is one
    that `docker compose` does not know.
    """
    if code:
        return ""
    alone = STANDALONE if text.startswith(STANDALONE) else ""
    return alone + _version(_plugin(text) if _object(text) else text)


def _plugin(text: str) -> str:
    """The version of Compose as `docker info` has it; "" where its program does not run."""
    plugins = (_object(text).get("ClientInfo") or {}).get("Plugins") or ()
    usable = (plugin for plugin in plugins if not plugin.get("Err"))
    return next((p.get("Version") or "" for p in usable if p.get("Name") == "compose"), "")


def selinux(code: int, text: str) -> str:
    """Enforcing, Permissive or Disabled."""
    return text.strip().splitlines()[-1] if text.strip() else "Disabled"


def at_least(version: str, oldest: str) -> bool:
    """Is `version` no older than `oldest`? Compared number by number; "" is older than all, and so
    is a Compose that stands alone.
    """
    return not version.startswith(STANDALONE) and _numbers(version) >= _numbers(oldest)


def engine_fact(name: str = "") -> Fact:
    """The fact `engine` of the engine `name` (docker, podman), or of the one that is there."""
    return Fact("engine", sh("engine", name), engine, timeout=15)


def engine_facts(name: str) -> tuple[Fact, ...]:
    """For a component that runs on the engine `name`: the core fact is of Docker, where both are
    there.
    """
    return () if name == "docker" else (engine_fact(name),)


def core(*names: str) -> tuple[Fact, ...]:
    """Those of PROBES that have these names, for the `facts` of a component that wants them."""
    return tuple(probe for probe in PROBES if probe.name in names)


PROBES: tuple[Fact, ...] = (
    Fact("host", sh("host"), host),
    engine_fact(),
    Fact("compose", sh("compose"), compose),
    Fact("selinux", ("sh", "-c", SELINUX, "selinux"), selinux),
)


def _version(text: str) -> str:
    """The first version number in a text; "" where there is none."""
    return "".join(re.findall(r"\d+(?:\.\d+)+", text)[:1])


def _number(text: str) -> int:
    return int(text) if text.strip().isdigit() else 0


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _object(text: str) -> dict[str, Any]:
    """The JSON object that begins a line (Docker's is one line, Podman's many).

    Warnings may stand around it. A cut or broken one counts as none.
    """
    start = re.search(r"^\{", text, re.MULTILINE)
    if not start:
        return {}
    try:
        return json.JSONDecoder().raw_decode(text, start.start())[0]
    except ValueError:
        return {}
