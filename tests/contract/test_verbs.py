"""The table of verbs, the hooks and docs/hooks.md say the same."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from fairlead.contract import hookspecs, verbs
from fairlead.contract.hookspecs import OF_STORES, QUESTIONS, Steps
from fairlead.contract.verbs import OWN, VERBS, Verb, traits
from fairlead.model.plan import Check, Session, Status

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hooks.md"
TRAITS = Verb.__struct_fields__
ANSWERS = {Session: "session", Iterable[Check]: "checks"}

every_verb = pytest.mark.parametrize("verb", VERBS)


def spec(verb: str):
    return hookspecs.SPECS[verb]


def names_of(verb: Verb) -> str:
    """The traits of a verb as the page has them."""
    return ", ".join(f"`{name}`" for name in TRAITS if getattr(verb, name)) or "none"


def remarks() -> dict[str, str]:
    """What the source says of each trait."""
    text = Path(verbs.__file__).read_text("utf-8")
    return dict(re.findall(r"^    (\w+): \w+ = .*?  # (.+)$", text, re.MULTILINE))


def test_the_hooks_are_the_questions_the_verbs_and_those_of_stores():
    assert list(hookspecs.SPECS) == [*QUESTIONS, *VERBS, *OF_STORES]


def test_a_verb_that_no_hook_has_is_a_component_s_own():
    assert traits("troubleshoot") == OWN
    assert traits("down") == VERBS["down"]


@every_verb
def test_a_hook_says_whether_its_verb_changes_the_host(verb: str):
    sentences = re.findall(r"\bChanges (the host|nothing)", spec(verb).__doc__)
    assert sentences == ["the host" if VERBS[verb].changes else "nothing"]


@every_verb
def test_a_hook_answers_as_its_traits_say(verb: str):
    answer = spec(verb).__annotations__["return"]
    kinds = [name for name in ("session", "checks") if getattr(VERBS[verb], name)]
    assert kinds == ([ANSWERS[answer]] if answer in ANSWERS else [])
    assert (answer == Steps) == VERBS[verb].changes
    assert answer in (Steps, Status, *ANSWERS)


@every_verb
def test_a_verb_that_takes_words_is_told_of_them(verb: str):
    assert ("`--`" in spec(verb).__doc__.replace("`--fix`", "")) == VERBS[verb].words


def test_the_page_has_the_traits_of_each_verb():
    rows = re.findall(r"^\| (\w+) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    table = dict(row for row in rows if row[0] in VERBS)
    assert table == {name: names_of(verb) for name, verb in VERBS.items()}


def test_the_page_says_what_each_trait_means():
    assert list(remarks()) == list(TRAITS)
    page = PAGE.read_text("utf-8")
    lines = [f"- `{name}`: {remark}" for name, remark in remarks().items()]
    assert [line for line in lines if line not in page] == []
