"""What every plugin owes: well-formed data or one sentence.

Each verb of each component is asked on hosts of every kind.
"""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any, Literal, get_args, get_origin

import msgspec
import pytest
from hypothesis import find, strategies

from fairlead.contract import verbs
from fairlead.contract.component import Component, ComponentVerb
from fairlead.contract.loader import Plugins
from fairlead.inventory import kinds, types
from fairlead.inventory.validation import value
from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.plan import Ask, Check, Fact, Session, Status
from fairlead.runner.host_answers import HostAnswers, readings
from fairlead.testing import BASE, HOSTS, faults, plugins_in
from tests.pages import lay_out

PLUGINS = plugins_in(Path(__file__).parents[2] / "plugins")
PAGES = tempfile.TemporaryDirectory(prefix="fairlead-pages-")
for page in ("add-a-system", "configuration-files"):  # their plugins owe the same
    lay_out(page, Path(PAGES.name))
EXAMPLES = plugins_in(Path(PAGES.name) / "plugins")
# What fits where a flag must be given; a flag with another type gets the simplest of its pattern
WORDS = ("n1", "a/b", "5.1.0", "https://a/x", "/a", "10.0.0.1", *(1, 2, 10, 100, 1000, 100_000))
# A word by which a verb gets further than by the first that fits
OPTIONS: Mapping[str, Any] = {
    "dest": "ps2",
    "user": "t1user",
    "name": "tank",
    "pool": "tank",
    "container": "posix-fs",
    "service": "web",
    "to": "n2",
    "old": "sl6:one",
    "new": "sl6:two",
}


def components() -> Iterator[tuple[Plugins, Component]]:
    for plugins in (PLUGINS, EXAMPLES):
        for group in plugins.components.values():
            for component in group.values():
                yield plugins, component


VERBS = [
    (plugins, component, verb)
    for plugins, component in components()
    for verb in component.verbs.values()
]
everywhere = pytest.mark.parametrize("host", HOSTS, ids=[name.replace(" ", "-") for name in HOSTS])
every_verb = pytest.mark.parametrize(
    ("plugins", "component", "verb"),
    VERBS,
    ids=[f"{component}.{verb.name}" for _, component, verb in VERBS],
)


def section(plugins: Plugins, system: str) -> Any:
    """The smallest section that the type allows."""
    kind = plugins.systems[system].section_type
    return msgspec.convert(
        {field.encode_name: "n1" for field in msgspec.structs.fields(kind) if field.required}, kind
    )


def options(verb: ComponentVerb) -> Any:
    """Its flags, those that must be given with a value that fits."""
    values = {
        field.encode_name: _value(field)
        for field in msgspec.structs.fields(verb.options)
        if field.required
    }
    return msgspec.convert(values, verb.options, strict=False)


def _value(field: Any) -> Any:
    """What OPTIONS has for a flag of this name, else what its type says."""
    preferred = OPTIONS.get(field.encode_name)
    return preferred if _fits(preferred, field.type) else fitting(field.type)


def fitting(kind: Any) -> Any:
    """A value that a flag of this type takes."""
    if choices := kinds.choices(kind):
        return choices[0]
    for part in filter(kinds.is_list, kinds.members(kind)):
        return [fitting(kinds.item_kind(part))]
    for word in WORDS:
        if _fits(word, kind):
            return word
    metas = (meta for part in (kind, *get_args(kind)) for meta in getattr(part, "__metadata__", ()))
    pattern = next(meta.pattern for meta in metas if meta.pattern)
    return find(strategies.from_regex(pattern), lambda word: _fits(word, kind))


def _fits(word: Any, kind: Any) -> bool:
    try:
        msgspec.convert(word, kind, strict=False)
    except msgspec.ValidationError:
        return False
    return True


def ask(plugins: Plugins, component: Component, verb: ComponentVerb, host: str) -> Ask[Any]:
    from fairlead.model.plan import Target

    target = Target(
        site="s",
        host="n1",
        system=component.system,
        component=component.name,
        section=section(plugins, component.system),
        peers=("n1", "n2"),
    )
    return Ask(verb=verb.name, target=target, facts=HOSTS[host], options=options(verb))


class Odd(msgspec.Struct):
    """Flags that must be given, of types that no plugin has yet."""

    text: str
    size: Annotated[str, types.text(r"[0-9]+(?:GB|TB)", "a size", "10GB")]
    level: Literal["low", "high"]
    number: Annotated[int, msgspec.Meta(ge=50, le=70_000)]
    share: float
    urls: tuple[types.Url, ...]
    host: types.OneHost
    port: types.Port
    path: types.AbsolutePath
    zone: types.TimeZone
    force: bool


def test_a_flag_that_must_be_given_gets_a_value_by_its_type() -> None:
    verb = SimpleNamespace(options=Odd)
    flags = options(verb)
    assert isinstance(flags, Odd)
    assert (flags.level, flags.host, flags.number) == ("low", "n1", 100)
    assert re.fullmatch("[0-9]+(?:GB|TB)", flags.size)


def test_the_examples_of_the_pages_are_asked_too() -> None:
    names = {f"{component}.{verb.name}" for _, component, verb in VERBS}
    assert {"notice.board.post", "gate.page.up", "daos.pool.create"} <= names


@every_verb
@everywhere
def test_an_answer_is_well_formed_or_one_sentence(
    plugins: Plugins, component: Component, verb: ComponentVerb, host: str
) -> None:
    try:
        answer = plugins.ask(ask(plugins, component, verb, host))
    except FairleadError as error:
        answer = None
        assert_one_sentence(error)
    assert list(faults(answer)) == []
    if answer is not None and not verb.changes:
        assert isinstance(answer, Session | Status) or (
            (verb.name not in verbs.VERBS or verbs.VERBS[verb.name].checks)
            and all(isinstance(part, Check) for part in answer)
        )


def assert_one_sentence(error: FairleadError) -> None:
    assert error.where
    assert "\n" not in str(error)


@every_verb
@everywhere
def test_the_same_ask_gives_the_same_answer(
    plugins: Plugins, component: Component, verb: ComponentVerb, host: str
) -> None:
    def answer() -> Any:
        try:
            return plugins.ask(ask(plugins, component, verb, host))
        except FairleadError as error:
            return str(error)

    assert answer() == answer()


@every_verb
def test_facts_are_probes_with_a_name_each(
    plugins: Plugins, component: Component, verb: ComponentVerb
) -> None:
    facts = plugins.ask(ask(plugins, component, verb, "a host with Docker"), "facts") or ()
    assert all(isinstance(fact, Fact) and 0 < fact.timeout <= 60 for fact in facts)
    assert len({fact.name for fact in facts}) == len(facts)
    assert list(faults(facts)) == []


@every_verb
@everywhere
def test_what_a_verb_reads_of_a_host_is_asked_in_the_first_round_trip(
    plugins: Plugins, component: Component, verb: ComponentVerb, host: str
) -> None:
    """Else it is asked in a round trip of its own."""
    first = ask(plugins, component, verb, "a host of which nothing is known")
    names = {fact.name for fact in plugins.ask(first, "facts") or ()}
    names |= set(readings(first, plugins.ask))
    more: list[str] = []
    known = {name: HOSTS[host].get(name) for name in names & BASE.keys()}
    answers = HostAnswers(known, lambda fact: more.append(fact.name))
    with contextlib.suppress(FairleadError):
        plugins.ask(msgspec.structs.replace(first, facts=answers))
    assert more == []


@every_verb
def test_facts_bear_any_answer(plugins: Plugins, component: Component, verb: ComponentVerb) -> None:
    for fact in plugins.ask(ask(plugins, component, verb, "a host with Docker"), "facts") or ():
        for code, text in (
            (127, "sh: not found\n"),
            (0, ""),
            (1, "Cannot connect\n"),
            (124, ""),
            (0, "{}\n"),
            (0, "\x00\ufffd a b c\td\n\n"),
        ):
            fact.parse(code, text)


@every_verb
def test_a_verb_says_what_it_does_in_a_line(
    plugins: Plugins, component: Component, verb: ComponentVerb
) -> None:
    assert verb.about.endswith((".", "?")), f"{component}.{verb.name}: {verb.about!r}"


def test_the_text_of_a_component_tells_its_verbs_without_an_import() -> None:
    """By it a list of all verbs is made."""
    for components in (*PLUGINS.components.values(), *EXAMPLES.components.values()):
        for component in components.values():
            names = [verb for verb in verbs.VERBS if component.declares(verb)]
            assert (repr(component), names) == (
                repr(component),
                [verb for verb in verbs.VERBS if verb in component.verbs],
            )


@pytest.mark.parametrize("system", PLUGINS.systems.values(), ids=lambda system: system.name)
def test_every_key_of_a_section_is_described(system: Any) -> None:
    schema = msgspec.json.schema(system.section_type)
    kinds = schema["$defs"].values()
    missing = [
        key
        for kind in kinds
        for key, value in kind.get("properties", {}).items()
        if not any("description" in part for part in _parts(value))
    ]
    assert missing == []


@pytest.mark.parametrize("system", PLUGINS.systems.values(), ids=lambda system: system.name)
def test_no_text_of_a_section_is_refused_by_its_pattern_alone(system: Any) -> None:
    """No text type lets a line end in, so all refuse one in words; and an empty one, if they do."""
    kinds_below = [*_kinds(system.section_type)]
    refusals = [_refusal(text, kind) for kind in kinds_below for text in ("\n", "")]
    has_patterns = "pattern=" in str(kinds_below)
    assert any(" is not " in sentence for sentence in refusals) == has_patterns
    assert [sentence for sentence in refusals if "regex" in sentence] == []


def _refusal(text: str, kind: Any) -> str:
    try:
        value(text, kind, "site.yml:1", SiteError)
    except SiteError as error:
        return str(error)
    return ""


def _kinds(kind: Any) -> Iterator[Any]:
    """A type and all that it is made of."""
    yield kind
    fields = (
        msgspec.structs.fields(kind)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
        else ()
    )
    for part in (
        *(field.type for field in fields),
        *(part for part in get_args(kind) if get_origin(kind) is not Literal),
    ):
        if not isinstance(part, msgspec.Meta) and part is not ...:
            yield from _kinds(part)


def _parts(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield value
    for part in value.get("anyOf", ()):
        yield from _parts(part)


def has_pattern_beside_others(kind: object) -> bool:
    """Is this a union of a map or a list and a text with a pattern?

    msgspec 0.22.0 frees memory that it does not own when a Struct with such a field goes.
    """
    members = kinds.members(kind)
    holds_others = any(kinds.is_map(part) or kinds.is_list(part) for part in members)
    return holds_others and str in members and "pattern=" in str(kind)


def nested_structs(kind: object) -> set[type]:
    """Every Struct below one, however deep."""
    direct = {inner for field in kinds.fields(kind).values() for inner in kinds.structs(field.type)}
    return direct | {deeper for inner in direct for deeper in nested_structs(inner)}


@pytest.mark.parametrize("system", PLUGINS.systems)
def test_no_text_with_a_pattern_stands_beside_a_map_or_a_list(system: str) -> None:
    section = PLUGINS.systems[system].section_type
    fields = [
        (f"{struct.__name__}.{name}", field.type)
        for struct in {section, *nested_structs(section)}
        for name, field in kinds.fields(struct).items()
    ]
    assert [name for name, kind in fields if has_pattern_beside_others(kind)] == []


def test_python_ends_well_when_a_site_was_read() -> None:
    """Its types are freed at the end, under an allocator that checks what is freed."""
    root = Path(__file__).parents[2]
    code = (
        "from pathlib import Path; from fairlead.inventory import site; "
        "from fairlead.testing import plugins_in; p = plugins_in(Path('plugins')); "
        "site.load(Path('sites/example.yml'), p.systems, p.settings())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=root,
        env=os.environ | {"PYTHONMALLOC": "debug", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stderr, done.returncode) == ("", 0)
