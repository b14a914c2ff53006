"""What is known of a container on a host: facts, and how to read them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Fact, Noun
from fairlead.operations.argv.docker import SPEC, Container, inside, pattern

FIELDS = (
    "{{.Name}}",
    "{{.Id}}",
    "{{.Image}}",
    "{{.Config.Image}}",
    "{{.State.Status}}",
    "{{.State.StartedAt}}",
    "{{.HostConfig.RestartPolicy.Name}}",
    "{{json .Config.Labels}}",
)
LOOK = """ids=$("$1" container ls -aq --no-trunc --filter "$2") || exit 2
[ -z "$ids" ] || "$1" container inspect --format "$3" $ids"""
STATE = """root=$1; shift
for p; do [ ! -d "$root/current$p" ] || printf '%s\\n' "$p"; done
for p in current kept previous; do [ ! -d "$root/$p" ] || printf '%s\\n' "$p"; done"""


class ContainerState(Noun):
    """A container that is there. `image` is the ID of what it runs, `reference` the name it was started by, `policy` its restart policy."""

    name: str
    id: str
    image: str
    reference: str
    state: str
    started: str
    policy: str
    labels: Mapping[str, str]

    @property
    def ours(self) -> bool:
        return SPEC in self.labels

    @property
    def running(self) -> bool:
        return self.state == "running"


WORDS_ONLY = frozenset({"exec", "logs"})  # verbs that need no more than the container's name


def facts(c: Container, ask: Ask) -> Iterator[Fact]:
    """`container`: those of its name, with what an upgrade keeps beside it; `state`: which volumes lie on the host; for status also `healthy`."""
    if ask.verb in WORDS_ONLY:
        return
    found = pattern(c.name)[:-1] + r"(\.kept|\.previous)?$"
    yield Fact(
        "container", ("sh", "-c", LOOK, "container", c.engine, found, "\t".join(FIELDS)), containers
    )
    if c.root:
        yield Fact(
            "state",
            ("sh", "-c", STATE, "state", c.root, *(v.path for v in c.state)),
            lambda code, text: tuple(text.split()),
        )
    if ask.verb == "status" and c.healthy:
        yield Fact("healthy", inside(c, *c.healthy), lambda code, text: code == 0, timeout=20)


def containers(code: int, text: str) -> Mapping[str, ContainerState] | str:
    """Name -> what stands there; a str: why the engine could not say."""
    if code:
        return text.strip().splitlines()[-1] if text.strip() else "the engine does not answer"
    rows = (line.split("\t") for line in text.splitlines() if line.count("\t") == len(FIELDS) - 1)
    return {
        row[0].lstrip("/"): ContainerState(
            row[0].lstrip("/"), *row[1:-1], json.loads(row[-1]) or {}
        )
        for row in rows
    }


def standing(c: Container, ask: Ask, suffix: str = "") -> ContainerState | None:
    """The container of this name, or None. Raises FairleadError where the engine could not say."""
    found: Any = ask.facts.get("container", {})
    if isinstance(found, str):
        raise FairleadError(
            ask.target.host,
            f"{c.engine} does not answer: {found}",
            f"inv {ask.target.system}.preflight --host={ask.target.host}",
        )
    return found.get(c.name + suffix)


def volumes(c: Container, ask: Ask) -> tuple[str, ...]:
    """The paths of its volumes that lie on the host already."""
    return tuple(v.path for v in c.state if v.path in ask.facts.get("state", ()))


def is_half(c: Container, ask: Ask) -> bool:
    """Was a change cut short here and left as it is (`inv runs.recover --forward`)?"""
    return bool(standing(c, ask, ".kept")) or "kept" in ask.facts.get("state", ())
