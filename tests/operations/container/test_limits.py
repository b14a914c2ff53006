"""What a container is limited in, and what preflight says where the host cannot."""

import pytest
from msgspec.structs import replace

from fairlead.model.plan import Ask, EngineFacts, Noun, Target
from fairlead.operations.container import limits
from fairlead.testing import PODMAN


def ask(engine: EngineFacts) -> Ask[Noun]:
    target = Target(site="s", host="n1", system="x", component="y", section=None, peers=("n1",))
    return Ask(verb="preflight", target=target, facts={"engine": engine}, options=Noun())


@pytest.mark.parametrize(
    ("engine", "cgroup", "options", "controllers", "ok", "words", "blocks"),
    [
        ("podman", "2", ("--pids-limit", "99"), ("memory",), False, "no pids", True),
        ("podman", "2", ("--memory=1g",), (), False, "no memory", True),
        ("podman", "1", ("--memory=1g",), (), False, "no memory", False),
        ("podman", "2", ("--memory=1g",), ("memory", "pids"), True, "they do", False),
        ("podman", "2", ("--cpus=2",), None, False, "not known", False),
        ("podman", "2", (), ("memory",), False, "no pids", False),
        ("docker", "2", ("--memory=1g",), (), False, "no memory", False),
        ("docker", "2", ("--memory=1g", "--cpus=2"), ("memory",), False, "no cpu", True),
    ],
)
def test_a_limit_needs_its_controller_and_where_it_is_missing_not_every_engine_starts(
    engine: str,
    cgroup: str,
    options: tuple[str, ...],
    controllers: tuple[str, ...] | None,
    ok: bool,
    words: str,
    blocks: bool,
) -> None:
    facts = replace(PODMAN, name=engine, cgroup=cgroup, controllers=controllers)
    (check,) = limits.check(ask(facts), engine, options)
    assert (check.ok, check.found, check.blocks) == (ok, words, blocks)


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_without_a_limit_nothing_is_asked_where_processes_can_be_limited(engine: str) -> None:
    assert list(limits.check(ask(PODMAN), engine)) == []
