"""A component and its verbs: a module that is imported, and checked, when they are first looked
at.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

from msgspec import Struct
from msgspec.structs import fields

from fairlead.contract import discovery
from fairlead.contract.hookspecs import IMPL, QUESTIONS, SPECS, TRAITS, hook_name
from fairlead.contract.verbs import VERBS, Verb, traits
from fairlead.model.errors import PluginError
from fairlead.model.plan import Ask, Noun
from fairlead.model.suggest import did_you_mean

HOOKS = (*QUESTIONS, *VERBS)  # those that a component may have


def first_paragraph(docstring: str) -> str:
    """The lines up to the first empty one, as one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


class ComponentVerb:
    """One verb of one component: what the command line needs to know of it."""

    __slots__ = ("changes", "destroys", "destroys_with", "function", "name", "words")

    def __init__(self, name: str, function: Callable[[Ask], Any]):
        self.name, self.function = name, function
        own: Verb = getattr(function, TRAITS, traits(name))
        self.changes, self.words = own.changes, own.words
        self.destroys, self.destroys_with = own.destroys, own.destroys_with

    @property
    def about(self) -> str:
        """The first paragraph of its docstring, or of its hook's, as one line."""
        spec = SPECS.get(self.name, self.function)
        return first_paragraph(self.function.__doc__ or spec.__doc__ or "")

    @property
    def options(self) -> type[Struct]:
        """The Struct of its own flags, from `ask: Ask[Flags]`; the empty Noun where it has none."""
        annotation = next(iter(self.function.__annotations__.values()), Ask)
        return next(iter(getattr(annotation, "__args__", ())), Noun)

    def defaults(self) -> Struct:
        """Its flags as they are where none is given; an empty Noun where one must be given."""
        kind = self.options
        return Noun() if any(field.required for field in fields(kind)) else kind()


class Component:
    """A module of a plugin's folder, registered with pluggy as `system.component`.

    `path`: the name by which it is imported.
    """

    def __init__(
        self,
        system: str,
        name: str,
        path: str,
    ):
        self.system, self.name, self.path = system, name, path

    @cached_property
    def module(self) -> ModuleType:
        """Raises PluginError."""
        return discovery.import_(self.path)

    @cached_property
    def verbs(self) -> Mapping[str, ComponentVerb]:
        """By name. Raises PluginError where the module has what is no verb."""
        hooks = {hook.name: hook for hook in _hooks(self.module, repr(self))}
        if "needs" in hooks:  # its secrets can be asked about, though `up` alone may deliver them
            hooks.setdefault("secrets", ComponentVerb("secrets", SPECS["secrets"]))
        return {name: verb for name, verb in hooks.items() if name not in QUESTIONS}

    def declares(self, verb: str) -> bool:
        """Whether its text has a function for that verb: it is not imported for that."""
        names = {"secrets": "secrets|needs"}.get(verb, verb)
        return re.search(rf"^(?:def )?(?:{names})_?(?: =|\()", self._text, re.MULTILINE) is not None

    @cached_property
    def _text(self) -> str:
        return discovery.text_of(self.path)

    def __repr__(self) -> str:
        return f"{self.system}.{self.name}"

    def defaults(self, verb: str) -> Struct:
        """The flags of a verb as they are where none is given.

        For what is asked about another verb than the operator's: `needs` of `up` by preflight.
        """
        return self.verbs[verb].defaults() if verb in self.verbs else Noun()


def _hooks(module: ModuleType, where: str) -> Iterator[ComponentVerb]:
    """The hooks and verbs of a component's module. Raises PluginError for what is neither."""
    names: set[str] = set()
    for name, function in _public_functions(module):
        hook = hook_name(name)
        _check(name, function, where)
        if hook in names:
            what = f"{hook}() and {hook}_() are one verb"
            raise PluginError(where, what, "take one of them away")
        names.add(hook)
        yield ComponentVerb(hook, function)


def _public_functions(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The functions of a module's own: not what it imports, no classes, no constants."""
    for name, value in list(vars(module).items()):
        is_own = getattr(value, "__module__", None) == module.__name__
        if is_own and not name.startswith("_") and callable(value) and not isinstance(value, type):
            yield name, value


def _check(name: str, function: FunctionType, where: str) -> None:
    """Raise PluginError where a public function is no verb that can be asked."""
    if not hasattr(function, IMPL):
        what = f"the public function {name}() is no verb"
        raise PluginError(where, what, "mark it @hookimpl or @verb, or begin its name with _")
    if hook_name(name) not in HOOKS and not hasattr(function, TRAITS):
        near = did_you_mean(name, HOOKS, shown="{}()".format)
        remedy = f"{near}mark a verb of your own with @verb"
        raise PluginError(where, f"no such verb: {name}()", remedy)
    if hook_name(name) in HOOKS and hasattr(function, TRAITS):
        what = f"{name}() has the name of a hook"
        raise PluginError(where, what, "mark it @hookimpl, or give your own verb another name")
    if function.__code__.co_varnames[: function.__code__.co_argcount] != ("ask",):
        what = f"{name}() has to take one argument named ask"
        raise PluginError(where, what, "see docs/hooks.md")
