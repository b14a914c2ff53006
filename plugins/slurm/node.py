"""A node of Slurm: whether it takes jobs, and which it has."""

from collections.abc import Iterator

from fairlead.api import NOT_KNOWN, Ask, Fact, Status, Step, drain, hookimpl, verb

from . import commands
from .commands import sh

Node = tuple[str, str, tuple[str, ...]]  # state, reason, jobs


@hookimpl
def facts(ask: Ask) -> Iterator[Fact]:
    if ask.verb == "status":
        node = commands.node(ask.section, ask.target.host)
        yield Fact("node", sh("node", node.name), _node, timeout=60)


def _node(code: int, text: str) -> Node | None:
    state, reason, *jobs = [*text.split("\n"), "", ""]
    return (state, reason, tuple(filter(None, jobs))) if code == 0 and state else None


@hookimpl
def status(ask: Ask) -> Status:
    """State, reason and jobs of the node."""
    node: Node | None = ask.facts.get("node")
    state, reason, jobs = node or (NOT_KNOWN, "", ())
    takes_jobs = not any(word in state for word in ("DRAIN", "DOWN", "FAIL"))
    fields = (("state", state), ("reason", reason), ("jobs", len(jobs) if node else NOT_KNOWN))
    return Status(takes_jobs, fields)


@verb
def drain_(ask: Ask) -> Iterator[Step]:
    """Let the node take no new jobs."""
    yield commands.node(ask.section, ask.target.host).drain(drain.reason(ask))


@verb
def undrain(ask: Ask) -> Iterator[Step]:
    """Let the node take jobs again, whoever has drained it."""
    yield commands.node(ask.section, ask.target.host).undrain()
