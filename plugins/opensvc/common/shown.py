"""What `status` and `chargeback` show."""

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.api import Ask, Status

from .service_on_host import Placed
from .state import Resource


def status(found: Sequence[Placed], ask: Ask[Any]) -> Status:
    """Well: each service is all up on one node, here or elsewhere."""
    return Status(all(map(_well, found)), tuple((s.name, _tree(s, ask)) for s in found))


def _well(s: Placed) -> bool:
    """Up here, and nowhere else; or quiet here, and up on another node."""
    if s.instance is None or s.installed is None:
        return False
    if s.instance.up:
        return not s.up_on
    return s.instance.still and any(instance and instance.up for instance in s.around.values())


def _tree(s: Placed, ask: Ask[Any]) -> dict[str, Any]:
    instance = s.instance
    if instance is None:
        return {"overall": "absent" if s.installed is None else "the agent does not answer"}
    frozen = (
        instance.frozen if instance.frozen is not None else bool(ask.facts.get(f"frozen {s.name}"))
    )
    missing = [rid for rid in s.all if rid not in {resource.rid for resource in instance.resources}]
    return {
        "overall": instance.overall,
        "avail": instance.avail,
        "up on": list(_up_on(s)) or "none",
        "frozen": frozen,
        **({"as the site says": False} if list(_differs(s)) or missing else {}),
        "resources": [
            *map(_row, instance.resources),
            *(
                _row(Resource(rid, "unknown", "", ("the agent does not know it",)))
                for rid in missing
            ),
        ],
    }


def _up_on(s: Placed) -> Iterator[str]:
    yield from [s.host] if s.here else []
    yield from s.up_on


def _differs(s: Placed) -> Iterator[str]:
    from .files import changed

    yield from changed(s.installed or "", s.text)


def _row(resource: Resource) -> dict[str, str]:
    return {
        "resource": resource.rid,
        "status": resource.status,
        "label": resource.label,
        "notes": "; ".join(f"# {note}" for note in resource.notes),
    }


def chargeback(ask: Ask[Any], name: str) -> Status:
    """Only a service that runs can be asked for its images."""
    found = ask.section.of(ask.target.host, name)
    here = {key: used for key in found if (used := ask.facts.get(f"used {key}"))}
    rows = [
        {"service": key, "app": found[key].app} | _used(used, ask.facts.get(f"data {key}"))
        for key, used in here.items()
    ]
    absent = [key for key in found if key not in here]
    return Status(
        True,
        (
            *((("services", rows),) if rows else ()),
            *((("not running here", absent),) if absent else ()),
        ),
    )


def _used(used: tuple[int, ...], data: int | None) -> dict[str, Any]:
    images, containers, of_images, of_containers = used
    return {
        "images": images,
        "containers": containers,
        "bytes of images": of_images,
        "bytes of containers": of_containers,
        "bytes on disk": data,
    }
