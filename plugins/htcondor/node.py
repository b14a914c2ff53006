"""An execute node of HTCondor: whether it takes jobs, and which it has."""

from collections.abc import Iterator

from fairlead.api import NOT_KNOWN, Ask, Fact, Status, Step, drain, hookimpl, verb

from . import commands
from .commands import sh

Node = tuple[str, str, str, int]  # state, reason, version, number of jobs
TAKES_NONE = {"Off", "Draining", "Drained", "Owner/Idle"}


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    if ask.verb == "status":
        yield Fact("node", sh("node", ask.target.host), _node, timeout=60)


def _node(code: int, text: str) -> Node | None:
    lines = text.split("\n")
    if code or len(lines) < 4 or not lines[3].isdigit():
        return None
    state, reason, version = lines[:3]
    return state, reason, version, int(lines[3])


@hookimpl
def status(ask: Ask) -> Status:
    """State of its slots, reason of a drain, number of jobs, version."""
    node: Node | None = ask.facts.get("node")
    if node is None:
        return Status(False, (("state", NOT_KNOWN),))
    state, reason, version, jobs = node
    fields = (("state", state), ("reason", reason), ("jobs", jobs), ("version", version))
    return Status(state not in TAKES_NONE, fields)


@verb
def drain_(ask: Ask) -> Iterator[Step]:
    """Let the node take no new jobs; those that run may end."""
    yield commands.node(ask.section, ask.target.host).drain(drain.reason(ask))


@verb
def undrain(ask: Ask) -> Iterator[Step]:
    """Let the node take jobs again, whoever has drained it."""
    yield commands.node(ask.section, ask.target.host).undrain()
