"""Whatever a host prints, it is understood, or a sentence says that it is not; and of what is
understood of nonsense a verb makes an answer that is well formed, or a sentence."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fairlead.contract.component import Component, ComponentVerb
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Fact
from fairlead.operations.facts import PROBES
from fairlead.remote import transaction
from fairlead.remote.events import FactAnswer
from fairlead.testing import BASE, faults
from tests.fuzz.strange import CODES, examples, loads, outputs_of
from tests.plugins.test_every_plugin import PLUGINS, ask

VERBS = [
    (component, verb)
    for group in PLUGINS.components.values()
    for component in group.values()
    for verb in component.verbs.values()
]


@given(st.sampled_from(VERBS), st.data())
@examples(250)
def test_a_verb_bears_whatever_its_facts_were_read_of(
    pair: tuple[Component, ComponentVerb], data: st.DataObject
) -> None:
    component, verb = pair
    first = ask(PLUGINS, component, verb, "a host with Docker")
    own = tuple(PLUGINS.ask(first, "facts") or ())
    strange = data.draw(st.lists(st.sampled_from((*PROBES, *own)), unique=True, min_size=1))
    facts = dict(BASE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json, "loads", loads(data.draw(st.integers(0, 999))))
        for fact in (*strange, *(fact for fact in own if fact not in strange)):
            facts[fact.name] = read(fact, data) if fact in strange else usual(fact)
    answer_to(msgspec.structs.replace(first, facts=facts))


def usual(fact: Fact) -> Any:
    """What it is on a host that has not the program."""
    return fact.parse(127, "sh: not found\n")


def read(fact: Fact, data: st.DataObject) -> Any:
    """What strange words are read as; of a host that is not understood nothing is planned."""
    code, text = data.draw(st.sampled_from(CODES)), data.draw(outputs_of(fact), fact.name)
    answer = FactAnswer(number=0, exit_code=code, output=text, is_cut=False)
    try:
        return transaction._parsed("n1", fact, answer)
    except FairleadError as error:
        assert_sentence(error)
    return assume(False)


def assert_sentence(error: FairleadError) -> None:
    """Of an operator's words, and not of Python's."""
    assert error.where
    assert "\n" not in str(error)
    assert "object" not in str(error).split("{")[0], error


def answer_to(question: Ask[Any]) -> None:
    try:
        answer = PLUGINS.ask(question)
    except FairleadError as error:
        assert_sentence(error)
        return
    assert list(faults(answer)) == []
