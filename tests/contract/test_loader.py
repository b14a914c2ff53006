"""Plugins are checked when they are loaded, and a component is asked by the names of its verbs."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fairlead.contract import discovery
from fairlead.contract.component import Component, ComponentVerb
from fairlead.contract.hookspecs import hookimpl, verb
from fairlead.contract.loader import Plugins
from fairlead.model.errors import PluginError
from fairlead.model.plan import Ask, Noun, System, Target

Modules = Callable[[str, Mapping[str, Any]], ModuleType]


class Section(Noun):
    """The section of a toy: its one component may be left out."""

    clock: Noun | None = Noun()


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Modules:
    """Makes a module whose functions have these names."""

    def make(name: str, functions: Mapping[str, Any]) -> ModuleType:
        module = ModuleType(name)
        for key, value in functions.items():
            value.__module__ = name
            setattr(module, key, value)
        monkeypatch.setitem(sys.modules, name, module)
        return module

    return make


def answers(text: str) -> Any:
    """A verb that answers with a word."""

    def function(ask: Ask) -> Any:
        return [text]

    return function


def system_of(module: ModuleType) -> ModuleType:
    module.system = System(name="toy", about="a toy", section=Section, components=("clock",))
    return module


def ask(hook: str, section: Section = Section()) -> Ask:
    target = Target(
        site="s", host="n1", system="toy", component="clock", section=section, peers=("n1",)
    )
    return Ask(hook, target, {}, Noun())


def test_a_function_with_an_underscore_is_the_verb_without_it(modules: Modules) -> None:
    functions = {"exec_": hookimpl(answers("in")), "list_": verb(answers("all"), changes=False)}
    package = system_of(modules("toys", {}))
    modules("toys.clock", functions)
    plugins = Plugins()
    plugins.add(package)
    assert list(plugins.component("toy", "clock").verbs) == ["exec", "list"]
    assert plugins.component("toy", "clock").verbs["exec"].words
    assert plugins.ask(ask("exec")) == ("in",)
    assert plugins.ask(ask("list")) == ("all",)


def test_a_wrapper_with_an_underscore_stands_around_the_verb_without_it(modules: Modules) -> None:
    def around(ask: Ask) -> Any:
        answer = yield
        return ("before", *answer)

    package = system_of(modules("toys", {}))
    package.wrappers = ("window",)
    modules("toys.clock", {"exec": hookimpl(answers("in"))})
    modules("toys.window", {"exec_": hookimpl(around, wrapper=True)})
    plugins = Plugins()
    plugins.add(package)
    assert plugins.ask(ask("exec")) == ("before", "in")


def test_a_component_that_the_section_leaves_out_has_no_verbs(modules: Modules) -> None:
    package = system_of(modules("toys", {}))
    modules("toys.clock", {"up": hookimpl(answers("up"))})
    plugins = Plugins()
    plugins.add(package)
    assert plugins.ask(ask("up")) == ("up",)
    assert plugins.ask(ask("down")) is None
    assert plugins.ask(ask("up", Section(clock=None))) is None


def bare(ask: Ask) -> Any: ...
def other(context: Ask) -> Any: ...


REFUSED = {
    "restart": (
        verb(answers("")),
        "restart() has the name of a hook; mark it @hookimpl, or give your own verb another name",
    ),
    "up": (bare, "the public function up() is no verb; mark it @hookimpl or @verb, or begin"),
    "stat": (hookimpl(answers("")), "no such verb: stat(); did you mean status()? mark a verb"),
    "tick": (hookimpl(answers("")), "no such verb: tick(); mark a verb of your own with @verb"),
    "down": (hookimpl(other), "down() has to take one argument named ask; see docs/hooks.md"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_verb_is_refused(name: str, modules: Modules) -> None:
    function, sentence = REFUSED[name]
    component = Component("toy", "clock", modules("toys.clock", {name: function}).__name__)
    with pytest.raises(PluginError) as error:
        _ = component.verbs
    assert str(error.value).startswith(f"toy.clock: {sentence}")


def test_one_verb_under_two_names_is_refused(modules: Modules) -> None:
    modules("toys.clock", {"exec": hookimpl(answers("")), "exec_": hookimpl(answers(""))})
    component = Component("toy", "clock", "toys.clock")
    with pytest.raises(PluginError, match=r"^toy.clock: exec\(\) and exec_\(\) are one verb; take"):
        _ = component.verbs


def test_a_verb_of_its_own_without_a_docstring_says_nothing_of_itself() -> None:
    def tick(ask: Ask) -> Any: ...

    assert ComponentVerb("tick", verb(tick)).about == ""
    assert ComponentVerb("status", hookimpl(tick)).about == "How it is: read from the facts."


def test_verbs_say_in_their_mark_what_they_change(modules: Modules) -> None:
    marks = {
        "wipe": verb(answers(""), destroys="the pool {name}"),
        "look": verb(answers(""), changes=False, words=True),
        "turn": verb(answers("")),
    }
    modules("toys.clock", marks)
    verbs = Component("toy", "clock", "toys.clock").verbs
    assert {name: (v.changes, v.destroys, v.words) for name, v in verbs.items()} == {
        "wipe": (True, "the pool {name}", False),
        "look": (False, "", True),
        "turn": (True, "", False),
    }


def test_a_component_that_needs_secrets_can_be_asked_about_them(modules: Modules) -> None:
    modules("toys.clock", {"needs": hookimpl(answers(""))})
    component = Component("toy", "clock", "toys.clock")
    assert list(component.verbs) == ["secrets"]


def test_packages_come_from_folders_and_from_what_is_installed(tmp_path: Path) -> None:
    for name in ("mine/tide/__init__.py", "theirs/tide/__init__.py", "theirs/rope/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    installed = tmp_path / "site-packages" / "knots-1.dist-info"
    installed.mkdir(parents=True)
    text = "[console_scripts]\nk = k:main\n[fairlead]\nknots = knots.plugin  # ours\n# x = y\n"
    (installed / "entry_points.txt").write_text(text)
    folders = [tmp_path / "mine", tmp_path / "theirs"]
    names = discovery.packages(folders, [str(installed.parent)])
    assert names[:2] == ("fairlead_plugins.tide", "fairlead_plugins.rope")
    assert names[-1] == "knots.plugin"


@pytest.mark.parametrize(("named", "is_there"), [("site.Clock", True), ("site.Clok", False)])
def test_the_type_of_a_section_may_stand_in_a_file_that_is_read_when_it_is_needed(
    modules: Modules, named: str, is_there: bool
) -> None:
    package = modules("toys_of_sections", {})
    package.system = System(name="toy", about="a toy", section=named, components=())
    plugins = Plugins()
    plugins.add(package)
    modules("toys_of_sections.site", {}).Clock = Section
    if is_there:
        assert plugins.systems["toy"].section_type is Section
        return
    with pytest.raises(PluginError, match="'site.Clok' is no type in its folder; write section="):
        plugins.check()
