"""What is known of a container on a host: facts, and how to read them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Fact, Noun
from fairlead.operations import script
from fairlead.operations.argv.docker import ALIVE, SPEC, Container, is_healthy, pattern
from fairlead.operations.container import adoption

sh = script.beside(__file__)

# A container as `container inspect` prints it, a column for each field of ContainerState
COLUMNS = (
    "{{.Name}}",
    "{{.Id}}",
    "{{.Image}}",
    "{{.Config.Image}}",
    "{{.State.Status}}",
    "{{.State.StartedAt}}",
    "{{.HostConfig.RestartPolicy.Name}}",
    "{{json .Config.Labels}}",
    "{{.RestartCount}}",
    "{{.State.Pid}}",
)
FORMAT = "\t".join(COLUMNS)
WITHOUT_FACTS = frozenset({"exec", "logs"})  # verbs that need no more than the container's name


class ContainerState(Noun):
    """A container that is there.

    `image` is the ID of what it runs, `reference` the name it was started by, `policy` its restart
    policy, `restarts` how often its engine has started it anew, `pid` its main process.
    """

    name: str
    id: str
    image: str
    reference: str
    state: str
    started: str
    policy: str
    labels: Mapping[str, str]
    restarts: int = 0
    pid: int = 0

    @property
    def ours(self) -> bool:
        """Was it started by fairlead?"""
        return SPEC in self.labels

    @property
    def running(self) -> bool:
        return self.state == "running"

    @property
    def alive(self) -> bool:
        """Does its engine keep it going, even if it crashes again and again?"""
        return self.state in ALIVE["docker"]


def facts(c: Container, ask: Ask) -> Iterator[Fact]:
    """Facts of a container: `container`, `kept`, `details`, `state` and, for status, `settled` and
    `healthy`.

    `container`: those of its name, with what an upgrade keeps beside it; `state`: which of its
    volumes and copies lie on the host; `settled`: it is not being started anew again and again.
    """
    if ask.verb in WITHOUT_FACTS:
        return
    yield containers_fact(c.engine, names(c.name))
    yield from adoption.facts(c.engine, names(c.name), FORMAT, ask, *(v.path for v in c.state))
    if c.root:
        yield Fact(
            "state",
            sh("state", c.root, *(v.path for v in c.state)),
            _words,
        )
    if ask.verb == "status":
        settled = sh("settled", c.engine, pattern(c.name), str(c.steady))
        yield Fact("settled", settled, lambda code, text: code == 0, timeout=20)
        if c.healthy:
            yield Fact("healthy", is_healthy(c), lambda code, text: code == 0, timeout=20)


def times_restarted(count: int) -> str:
    """In words, how often an engine has started a container anew."""
    return "restarted once" if count == 1 else f"restarted {count} times"


def names(*containers: str) -> str:
    """Which are looked at: those of these names, and what an upgrade keeps beside them."""
    kept = (f"{name}{suffix}" for name in containers for suffix in ("", ".kept", ".previous"))
    return f"names={' '.join(kept)}"


def containers_fact(engine: str, which: str) -> Fact:
    """`container`: the containers of these `names`; `which` may be a filter, as `container ls
    --filter` takes it.
    """
    return Fact("container", sh("look", engine, which, FORMAT), containers)


def pids_fact(engine: str, container: str) -> Fact:
    """`pids`: the processes of a container as the host numbers them; none where it does not run."""
    return Fact("pids", sh("pids", engine, names(container), FORMAT, container), _pids)


def _pids(code: int, text: str) -> frozenset[int]:
    return frozenset(map(int, re.findall(r"^\s*(\d+)\s*$", text, re.M)))


def _words(code: int, text: str) -> tuple[str, ...]:
    return tuple(text.split())


def containers(code: int, text: str) -> Mapping[str, ContainerState] | str:
    """Containers by name; a str: why the engine could not say."""
    if code:
        return text.strip().splitlines()[-1] if text.strip() else "the engine does not answer"
    rows = [line.split("\t") for line in text.splitlines()]
    states = [_container(*row) for row in rows if len(row) == len(COLUMNS)]
    return {state.name: state for state in states}


def _container(
    name: str,
    id: str,
    image: str,
    reference: str,
    state: str,
    started: str,
    policy: str,
    labels: str,
    restarts: str,
    pid: str,
) -> ContainerState:
    """One row in COLUMNS. Labels are JSON; null where there are none."""
    return ContainerState(
        name.lstrip("/"),
        id,
        image,
        reference,
        state,
        started,
        policy,
        json.loads(labels) or {},
        int(restarts) if restarts.isdigit() else 0,
        int(pid) if pid.isdigit() else 0,
    )


def container_state(c: Container, ask: Ask, suffix: str = "") -> ContainerState | None:
    """The container of this name, or None. Raises FairleadError where the engine could not say."""
    states: Any = ask.facts.get("container", {})
    if isinstance(states, str):
        raise FairleadError(
            ask.target.host,
            f"{c.engine} does not answer: {states}",
            ask.target.typed("preflight"),
        )
    return states.get(c.name + suffix)


def volumes(c: Container, ask: Ask) -> tuple[str, ...]:
    """The paths of its volumes that lie on the host already."""
    return tuple(v.path for v in c.state if v.path in ask.facts.get("state", ()))


def has_copy(ask: Ask) -> bool:
    """Is there a copy of the state, to which a change under way would return?"""
    return "kept" in ask.facts.get("state", ())


def is_half(c: Container, ask: Ask) -> bool:
    """Was a change cut short here and left as it is (`inv runs.recover --forward`)?"""
    return bool(container_state(c, ask, ".kept")) or has_copy(ask)
