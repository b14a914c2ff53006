"""The state of secrets as a listing, as sentences, as data."""

from collections.abc import Iterator
from typing import Any

from fairlead.cli.secret_needs.requirements import Requirement
from fairlead.cli.secret_needs.state import DAY, SecretState, day, until
from fairlead.model.plan import Noun, SecretSpec
from fairlead.model.results import Listing


class ReportLine(Noun):
    """One secret in one place, its state now, and what to type about it."""

    requirement: Requirement
    current: SecretState
    remedy: str

    @property
    def name(self) -> str:
        return self.requirement.name


Lines = tuple[ReportLine, ...]


def listing(lines: Lines, now: float) -> Listing:
    """A table for each component: secret, state, what for, from where, where it lands, its end."""
    return Listing("secret", tuple(_row(line, now) for line in lines))


def _row(line: ReportLine, now: float) -> tuple[str, str, str, tuple[tuple[str, str], ...]]:
    return (line.name, line.requirement.component, line.current.state, _fields(line, now))


def _fields(line: ReportLine, now: float) -> tuple[tuple[str, str], ...]:
    spec, current = line.requirement.spec, line.current
    fields = {
        "for": spec.about,
        "from": current.source,
        "lands at": _landing(spec),
        "ends": until(current.ends, now),
    }
    return tuple((name, value or "-") for name, value in fields.items())


def _landing(spec: SecretSpec) -> str:
    return f"{spec.path} {spec.mode:04o} {spec.owner}" if spec.path else ""


def sentences(lines: Lines, made: tuple[str, ...], system: str) -> str:
    """What stands below the listing: what is missing, what is wrong, what was made.

    `made`: the names of the secrets that were made, or would be.
    """
    if not lines:
        return "no secrets are needed here"
    troubles = list(_missing(lines))
    for line in lines:
        troubles += _wrong(line)
    return "\n".join(
        (
            *dict.fromkeys(troubles),
            *_made(
                lines,
                made,
                system,
            ),
        )
    )


def _missing(lines: Lines) -> Iterator[str]:
    """What to type, once, with all that it mends."""
    missing = [line for line in lines if line.current.state == "missing"]
    for remedy in dict.fromkeys(line.remedy for line in missing):
        names = dict.fromkeys(line.name for line in missing if line.remedy == remedy)
        yield f"missing: {', '.join(names)}; {remedy}"


def _wrong(line: ReportLine) -> Iterator[str]:
    sentence = line.current.error or _end_sentence(line)
    if sentence:
        yield "; ".join(filter(None, (sentence, line.remedy)))


def _end_sentence(line: ReportLine) -> str:
    last_day = day(line.current.ends or 0)
    match line.current.state:
        case "expired":
            return f"secrets/{line.name}: has expired on {last_day}"
        case "ending":
            return f"secrets/{line.name}: ends on {last_day}"
    return ""


def _made(
    lines: Lines,
    made: tuple[str, ...],
    system: str,
) -> Iterator[str]:
    names = ", ".join(made)
    if made and any(line.current.state == "would-change" for line in lines):
        yield f"would be made: {names}"
    elif made:
        scope = f"{system}." if system else ""
        yield (
            f"made: {names}; commit secrets/, then inv {scope}secrets --deliver "
            f"puts them on the hosts (inv {scope}up does too)"
        )


def line_data(line: ReportLine, now: float) -> dict[str, Any]:
    """What --json says of it (docs/json.md)."""
    requirement, spec, current = line.requirement, line.requirement.spec, line.current
    ends = current.ends
    return {
        "name": spec.name,
        "system": requirement.system,
        "component": requirement.component,
        "hosts": list(requirement.hosts),
        "state": current.state,
        "about": spec.about,
        "source": current.source,
        "path": spec.path,
        "mode": f"{spec.mode:04o}" if spec.path else "",
        "owner": spec.owner if spec.path else "",
        "made": spec.make is not None,
        "of": list(spec.of),
        "ends": day(ends) if ends is not None else "",
        "days": int((ends - now) // DAY) if ends is not None else None,
        "error": current.error,
        "remedy": line.remedy,
    }
