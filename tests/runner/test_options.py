"""`ask.options` holds the flags of a verb, whoever asks and for whatever verb: it is never None."""

from typing import Any

import msgspec
import pytest

from fairlead.contract.component import ComponentVerb
from fairlead.contract.hookspecs import hookimpl
from fairlead.model.plan import Ask, Noun, Sequence, Step
from tests.driver import Driver, Flags


class Mild(msgspec.Struct):
    """Flags that need not be given."""

    depth: int = 3


def mild(ask: Ask[Mild]) -> Any:
    """A verb with flags."""


def strict(ask: Ask[Flags]) -> Any:
    """A verb with a flag that must be given."""


def plain(ask: Ask) -> Any:
    """A verb without flags."""


@pytest.mark.parametrize(
    ("function", "kind", "defaults"),
    [(mild, Mild, Mild()), (strict, Flags, Noun()), (plain, Noun, Noun())],
)
def test_a_verb_knows_its_flags(function: Any, kind: type, defaults: msgspec.Struct) -> None:
    verb = ComponentVerb("up", hookimpl(function))
    assert verb.options is kind
    assert verb.defaults() == defaults


class Recorder:
    """Answers any hook, and keeps which options it was asked with."""

    def __init__(self) -> None:
        self.options: dict[tuple[str, str], Any] = {}

    def hook(self, name: str, *answer: Any) -> Any:
        def answered(ask: Ask) -> Any:
            self.options[name, ask.verb] = ask.options
            return answer

        return answered


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def driver(driver: Driver, recorder: Recorder) -> Driver:
    hooks = ("facts", "needs", "preflight", "up", "scrub", "rollback")
    verbs = {name: recorder.hook(name) for name in hooks}
    fails = recorder.hook("upgrade", Step(name="fails", do=("sh", "-c", "exit 1")))
    together = Sequence(then=(("server", "up"), ("server", "upgrade")))
    driver.system(
        hosts="n1",
        server={**verbs, "upgrade": fails},
        sequences={"upgrade": together},
    )
    return driver


def test_every_question_about_a_verb_without_flags_has_empty_ones(
    driver: Driver, recorder: Recorder
) -> None:
    assert driver.perform("up").code == 0
    assert set(recorder.options) == {
        *(("facts", "up"), ("facts", "preflight"), ("needs", "up"), ("needs", "secrets")),
        *(("preflight", "preflight"), ("up", "up")),
    }
    assert set(recorder.options.values()) == {Noun()}


def test_preflight_asks_what_up_needs_with_the_flags_of_up(
    driver: Driver, recorder: Recorder
) -> None:
    assert driver.perform("preflight").code == 0
    assert recorder.options["needs", "up"] == Noun()


def test_a_verb_and_its_questions_have_the_flags_that_were_typed(
    driver: Driver, recorder: Recorder
) -> None:
    driver.perform("scrub", component="server", options={"depth": "2"})
    assert recorder.options["scrub", "scrub"] == Flags(depth=2)
    assert recorder.options["facts", "scrub"] == Flags(depth=2)
    assert recorder.options["needs", "secrets"] == Noun()


def test_the_parts_of_a_sequence_have_each_their_own(driver: Driver, recorder: Recorder) -> None:
    assert driver.perform("upgrade").code
    assert recorder.options["up", "up"] == recorder.options["upgrade", "upgrade"] == Noun()
