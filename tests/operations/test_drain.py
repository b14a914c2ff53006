"""A bracket around what stops a host's containers."""

from typing import Any

from msgspec.structs import replace

from fairlead.model.plan import Ask, Noun, Phase, Step, Target, either, then
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


class Section(Noun):
    """Of a batch system that is none."""

    systems: tuple[str, ...] = ()


class Programs:
    """Programs that are named alone."""

    def __call__(self, name: str, *words: str) -> tuple[str, ...]:
        return (name, *words)


def node(section: Section, host: str) -> drain.BatchNode:
    return drain.BatchNode(
        system="batch", name=host, patience=9, sh=Programs(), remedy="look", limits=("5",)
    )


def bracketed(section: Section | None, is_back: bool = True) -> Any:
    target = Target("test", "n1", "toy", "server", None, ("n1",))
    sections = {"batch": section} if section else {}
    ask: Ask[Any] = Ask("restart", target, {}, None, who="ops", run="R1", sections=sections)
    return drain.bracket(ask, (STOP, START), "batch", node, is_back)


def test_a_node_is_drained_before_and_given_back_after() -> None:
    first, jobs, *_, undrain, staying = bracketed(Section())
    assert first.do == ("drain", "n1", "fairlead R1 inv toy.restart by ops", "5")
    assert (jobs.do, jobs.timeout, jobs.read_only) == (("jobs", "n1"), 9, True)
    assert "give them more time (batch.patience)" in jobs.remedy
    assert (undrain.do, undrain.unless) == (
        ("undrain", "n1", "fairlead R1"),
        ("is_not_ours", "n1", "fairlead R1"),
    )
    assert (staying.do, staying.unless) == (("staying", "n1"), ("takes_jobs", "n1"))


def test_what_is_taken_down_is_not_given_back() -> None:
    assert names(bracketed(Section(), is_back=False)) == [
        *("drain n1", "jobs of n1", "stop", "start", "n1 stays drained"),
    ]


def test_a_host_of_no_section_and_a_system_that_is_not_named_are_left_alone() -> None:
    assert bracketed(None) == bracketed(Section(("other",))) == (STOP, START)
    assert len(bracketed(Section(("toy",)))) == 6


def test_the_reason_begins_with_the_run_and_has_no_quotes() -> None:
    target = Target("test", "n1", "toy", "server", None, ("n1",))
    ask: Ask[Any] = Ask(
        "upgrade", target, {}, None, who="ops@desk", run="R1", reason="OPS-1: it's\n$(time)"
    )
    assert drain.reason(ask) == "fairlead R1 inv toy.upgrade by ops@desk OPS-1: itstime"
    assert drain.reason(ask).startswith(drain.mark(ask))
