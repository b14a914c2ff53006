"""What `status` and `chargeback` show."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fairlead.api import Ask, Status, state

from .instance import Resource
from .service_file import changed
from .service_on_host import ServiceOnHost

UNKNOWN = "the agent does not know it"


def status(services: Sequence[ServiceOnHost], ask: Ask[Any]) -> Status:
    """Well: each service is all up on one node, here or elsewhere."""
    trees = tuple((service.name, _tree(service, ask)) for service in services)
    return Status(all(map(_is_well, services)), trees)


def _is_well(s: ServiceOnHost) -> bool:
    """Up here, and nowhere else; or quiet here, and up on another node."""
    if s.instance is None or s.installed is None:
        return False
    if s.instance.is_up:
        return not s.up_on
    return s.instance.is_still and any(
        instance and instance.is_up for instance in s.around.values()
    )


def _tree(s: ServiceOnHost, ask: Ask[Any]) -> dict[str, Any]:
    if s.instance is None:
        return {"overall": "absent" if s.installed is None else "the agent does not answer"}
    known = {resource.rid for resource in s.instance.resources}
    missing = [Resource(rid, "unknown", "", (UNKNOWN,)) for rid in s.all_rids if rid not in known]
    restarts = ask.facts.get(f"restarts {s.name}") or {}
    is_other = bool(list(changed(s.installed or "", s.text)) or missing)
    return {
        "overall": s.instance.overall,
        "avail": s.instance.avail,
        "up on": list(_up_on(s)) or "none",
        "frozen": s.is_frozen,
        **({"as the site says": False} if is_other else {}),
        "resources": [_row(resource, restarts) for resource in (*_in_order(s), *missing)],
    }


def _in_order(s: ServiceOnHost) -> list[Resource]:
    """Its resources by their names: 2014 prints them in no order."""
    resources = s.instance.resources if s.instance else ()
    return (
        sorted(resources, key=lambda resource: resource.rid) if s.agent.is_legacy else [*resources]
    )


def _up_on(s: ServiceOnHost) -> Iterator[str]:
    """The nodes where something of it runs, this one first."""
    if s.runs_here:
        yield s.host
    yield from s.up_on


def _row(resource: Resource, restarts: Mapping[str, int]) -> dict[str, str]:
    count = restarts.get(resource.rid, 0)
    notes = (*resource.notes, *((state.times_restarted(count),) if count else ()))
    return {
        "resource": resource.rid,
        "status": resource.status,
        "label": resource.label,
        "notes": "; ".join(f"# {note}" for note in notes),
    }


def chargeback(ask: Ask[Any], name: str) -> Status:
    """What each service uses. Only one that runs can be asked for its images."""
    services = ask.section.of(ask.target.host, name)
    used = {key: ask.facts.get(f"used {key}") for key in services}
    rows = [
        {"service": key, "app": services[key].app, **_usage(ask, key, usage)}
        for key, usage in used.items()
        if usage
    ]
    absent = [key for key, usage in used.items() if not usage]
    running = (("services", rows),) if rows else ()
    return Status(True, (*running, *((("not running here", absent),) if absent else ())))


def _usage(ask: Ask[Any], name: str, usage: tuple[int, ...]) -> dict[str, Any]:
    images, containers, image_bytes, container_bytes = usage
    return {
        "images": images,
        "containers": containers,
        "bytes of images": image_bytes,
        "bytes of containers": container_bytes,
        "bytes on disk": ask.facts.get(f"data {name}"),
    }
