"""docs/hooks.md says what hookspecs.py says, hook by hook; run this file to print the sections as
they have to be.
"""

import inspect
import re
from pathlib import Path

from fairlead.contract import hookspecs
from fairlead.contract.component import HOOKS
from fairlead.contract.hookspecs import OF_STORES
from fairlead.model.plan import (
    Ask,
    Check,
    EngineFacts,
    Fact,
    HostFacts,
    Phase,
    SecretSpec,
    Session,
    Status,
    Step,
    StoreAccess,
)
from fairlead.operations import facts

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hooks.md"
NOUNS = (
    *(Ask, Step, Phase, Check, Fact, SecretSpec, Session, Status, StoreAccess),
    *(HostFacts, EngineFacts),
)


def hook(name: str) -> str:
    """The section of one hook: its signature and its docstring."""
    function = hookspecs.SPECS[name]
    takes = ", ".join(inspect.signature(function).parameters)
    returns = function.__annotations__["return"]
    plain = (
        returns.__name__
        if isinstance(returns, type)
        else re.sub(r"\b\w+\.(?=\w)", "", str(returns))
    )
    answer = "Steps" if returns == hookspecs.Steps else plain
    return f"### {name}({takes}) -> {answer}\n\n{inspect.getdoc(function)}\n"


def fact(probe: Fact) -> str:
    """A line about one fact that any component may read."""
    about = " ".join(inspect.getdoc(probe.parse).split())
    return f"- `{probe.name}`: {about}"


def noun(kind: type) -> str:
    """A line about one noun, with its fields."""
    return f"- **{kind.__name__}**: {' '.join(kind.__struct_fields__)}"


def sections() -> str:
    """The parts of the page that follow from the code."""
    return "\n".join(
        [*map(hook, (*HOOKS, *OF_STORES)), *map(fact, facts.PROBES), "", *map(noun, NOUNS)]
    )


def test_the_page_has_each_hook_as_the_contract_has_it():
    page = PAGE.read_text("utf-8")
    assert [name for name in (*HOOKS, *OF_STORES) if hook(name) not in page] == []
    assert re.findall(r"^### (\w+)\(ask\)", page, re.MULTILINE) == list(HOOKS)


def test_the_page_has_the_facts_that_any_component_may_read():
    page = PAGE.read_text("utf-8")
    assert [probe.name for probe in facts.PROBES if fact(probe) not in page] == []


def test_the_page_has_the_fields_of_each_noun():
    page = PAGE.read_text("utf-8")
    assert [kind.__name__ for kind in NOUNS if noun(kind) not in page] == []


if __name__ == "__main__":
    print(sections())
