"""How secrets stand, as a listing, as words, as data."""

from collections.abc import Iterator
from typing import Any

from fairlead.cli.secret_needs.requirements import Need
from fairlead.cli.secret_needs.state import SecretState, day, until
from fairlead.model.plan import Noun, SecretSpec
from fairlead.model.results import Listing


class Line(Noun):
    """One secret in one place, how it stands, and what to type about it."""

    need: Need
    found: SecretState
    remedy: str


def listing(lines: tuple[Line, ...], now: float) -> Listing:
    """A table for each component: secret, state, what for, from where, where it lands, when it ends."""
    return Listing(
        "secret",
        tuple(
            (line.need.spec.name, line.need.component, line.found.state, _fields(line, now))
            for line in lines
        ),
    )


def _fields(line: Line, now: float) -> tuple[tuple[str, str], ...]:
    spec, found = line.need.spec, line.found
    said = {
        "for": spec.about,
        "from": found.source,
        "lands at": _landing(spec),
        "ends": until(found.ends, now),
    }
    return tuple((name, value or "-") for name, value in said.items())


def _landing(spec: SecretSpec) -> str:
    return f"{spec.path} {spec.mode:04o} {spec.owner}" if spec.path else ""


def words(lines: tuple[Line, ...], done: tuple[str, ...], system: str) -> str:
    """What stands below: which are missing, what is wrong with which, in a sentence; and what was made."""
    said = dict.fromkeys(
        (*_missing(lines), *(sentence for line in lines for sentence in _wrong(line)))
    )
    return "\n".join(
        [*said, *_made(lines, done, system)] if lines else ["no secrets are needed here"]
    )


def _missing(lines: tuple[Line, ...]) -> Iterator[str]:
    """What to type, once, with all that it mends."""
    missing = [line for line in lines if line.found.state == "missing"]
    for remedy in dict.fromkeys(line.remedy for line in missing):
        names = dict.fromkeys(line.need.spec.name for line in missing if line.remedy == remedy)
        yield f"missing: {', '.join(names)}; {remedy}"


def _wrong(line: Line) -> Iterator[str]:
    found, where, last = line.found, f"secrets/{line.need.spec.name}", day(line.found.ends or 0)
    what = {"expired": f"has expired on {last}", "ending": f"ends on {last}"}.get(found.state)
    said = found.error or (f"{where}: {what}" if what else "")
    if said:
        yield "; ".join(filter(None, (said, line.remedy)))


def _made(lines: tuple[Line, ...], done: tuple[str, ...], system: str) -> Iterator[str]:
    if done and any(line.found.state == "would-change" for line in lines):
        yield f"would be made: {', '.join(done)}"
    elif done:
        scope = f"{system}." if system else ""
        yield f"made: {', '.join(done)}; commit secrets/, then inv {scope}secrets --deliver puts them on the hosts (inv {scope}up does too)"


def data(line: Line, now: float) -> dict[str, Any]:
    """What --json says of it (docs/json.md)."""
    spec, found = line.need.spec, line.found
    return {
        "name": spec.name,
        "system": line.need.system,
        "component": line.need.component,
        "hosts": list(line.need.hosts),
        "state": found.state,
        "about": spec.about,
        "source": found.source,
        "path": spec.path,
        "mode": f"{spec.mode:04o}" if spec.path else "",
        "owner": spec.owner if spec.path else "",
        "made": spec.make is not None,
        "of": list(spec.of),
        "ends": day(found.ends) if found.ends is not None else "",
        "days": int((found.ends - now) // 86400) if found.ends is not None else None,
        "error": found.error,
        "remedy": line.remedy,
    }
