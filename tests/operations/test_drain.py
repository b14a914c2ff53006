"""A bracket around what stops a host's containers."""

from typing import Any

from msgspec.structs import replace

from fairlead.model.plan import Ask, Phase, Step, Target, either, then
from fairlead.operations import drain

BEFORE = (
    Step(name="drain", do=("drain",), unless=("is-drained",)),
    Step(name="jobs", do=("wait",), read_only=True),
)
AFTER = (Step(name="undrain", do=("undrain",)),)
STOP = Step(name="stop", do=("stop",), unless=("is-stopped",))
START = Step(name="start", do=("start",), unless=("is-started",))


def names(answer: Any) -> list[Any]:
    return [
        (element.name, [step.name for step in element.steps])
        if isinstance(element, Phase)
        else element.name
        for element in answer
    ]


def test_steps_stand_between() -> None:
    answer = drain.around((STOP, START), BEFORE, AFTER)
    assert names(answer) == ["drain", "jobs", "stop", "start", "undrain"]


def test_where_all_is_so_already_nobody_is_drained() -> None:
    is_so = then(("is-stopped",), ("is-started",))
    steps = drain.around((STOP, START), BEFORE, AFTER)
    assert steps[0].unless == either(is_so, ("is-drained",))
    assert steps[1].unless == is_so
    assert steps[-1].unless is None


def test_what_cannot_be_asked_beforehand_is_drained_for() -> None:
    for more in ({"unless": None}, {"run_as": "ops"}, {"after": ("stop",)}, {"compares": True}):
        steps = drain.around((STOP, replace(START, **more)), BEFORE, AFTER)
        assert steps[0].unless == ("is-drained",)


def test_a_step_that_only_looks_is_no_reason() -> None:
    look = Step(name="look", do=("look",), read_only=True)
    assert drain.around((look, STOP), BEFORE, AFTER)[1].unless == then(("is-stopped",))


def test_of_a_roll_out_only_what_goes_host_by_host_is_between() -> None:
    phases = (
        Phase("pull", (Step(name="pull", do=("pull",)),)),
        Phase("replace", (STOP, START), rolling=True),
        Phase("empty", (), rolling=True),
    )
    assert names(drain.around(phases, BEFORE, AFTER)) == [
        ("pull", ["pull"]),
        ("replace", ["drain", "jobs", "stop", "start", "undrain"]),
        ("empty", []),
    ]


def test_of_other_phases_all_are_between() -> None:
    phases = (Phase("none", ()), Phase("stop", (STOP,)), Phase("start", (START,)))
    answer = drain.around(phases, BEFORE, AFTER)
    assert names(answer) == [
        ("none", []),
        ("stop", ["drain", "jobs", "stop"]),
        ("start", ["start", "undrain"]),
    ]
    assert answer[1].steps[1].unless == then(("is-stopped",), ("is-started",))


def test_an_answer_without_steps_stays_as_it_is() -> None:
    for answer in (None, (), (Phase("none", ()),)):
        assert drain.around(answer, BEFORE, AFTER) == answer


def test_the_reason_begins_with_the_run_and_has_no_quotes() -> None:
    target = Target("test", "n1", "toy", "server", None, ("n1",))
    ask: Ask[Any] = Ask(
        "upgrade", target, {}, None, who="ops@desk", run="R1", reason="OPS-1: it's\n$(time)"
    )
    assert drain.reason(ask) == "fairlead R1 inv toy.upgrade by ops@desk OPS-1: itstime"
    assert drain.reason(ask).startswith(drain.mark(ask))
