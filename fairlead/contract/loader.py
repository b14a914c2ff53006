"""Finds plugins, checks them when they are loaded, and asks one component what a verb means."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from msgspec import Struct
from msgspec.structs import fields

from fairlead.contract import hookspecs
from fairlead.contract.hookspecs import PROJECT, QUESTIONS, TRAITS, hookimpl
from fairlead.contract.verbs import VERBS, traits
from fairlead.model.errors import PluginError
from fairlead.model.plan import Ask, Noun, Secret, StoreAccess, System
from fairlead.model.section import part_of
from fairlead.model.suggest import did_you_mean

IMPL = f"{PROJECT}_impl"  # what pluggy's marker leaves on a function
HOOKS = (*QUESTIONS, *VERBS)  # those that a component may have


def first_paragraph(docstring: str) -> str:
    """The lines up to the first empty one, as one line."""
    return " ".join(docstring.strip().partition("\n\n")[0].split())


class ComponentVerb:
    """One verb of one component: what the command line needs to know of it."""

    __slots__ = ("changes", "destroys", "function", "name", "words")

    def __init__(self, name: str, function: Callable[[Ask], Any]):
        self.name, self.function = name, function
        own = getattr(function, TRAITS, traits(name))
        self.changes, self.destroys, self.words = own.changes, own.destroys, own.words

    @property
    def about(self) -> str:
        """The first paragraph of its docstring, or of its hook's, as one line."""
        text = self.function.__doc__ or getattr(hookspecs, self.name).__doc__ or ""
        return first_paragraph(text)

    @property
    def options(self) -> type[Struct]:
        """The Struct of its own flags, from `ask: Ask[Flags]`; Noun, which has no field, where it has none."""
        annotation = next(iter(self.function.__annotations__.values()), Ask)
        return next(iter(getattr(annotation, "__args__", ())), Noun)

    def defaults(self) -> Struct:
        """Its flags as they are where none is given; an empty Noun where one must be given."""
        kind = self.options
        return Noun() if any(field.required for field in fields(kind)) else kind()


class Component:
    """A module of a plugin's folder, registered with pluggy as `system.component`."""

    def __init__(self, system: str, name: str, module: ModuleType):
        self.system, self.name, self.module = system, name, module
        found = {v.name: v for v in _verbs(module, f"{system}.{name}")}
        if (
            "needs" in found
        ):  # whoever needs secrets can be asked about them, though `up` alone may deliver them
            found.setdefault("secrets", ComponentVerb("secrets", hookspecs.secrets))
        self.verbs: Mapping[str, ComponentVerb] = {
            name: verb for name, verb in found.items() if name not in QUESTIONS
        }

    def __repr__(self) -> str:
        return f"{self.system}.{self.name}"

    def defaults(self, verb: str) -> Struct:
        """The flags of a verb as they are where none is given, for questions about another verb than the operator's."""
        return self.verbs[verb].defaults() if verb in self.verbs else Noun()


class _Manager(pluggy.PluginManager):
    """Looks at what carries our marker alone: pluggy examines every name of a module, some 10 us each."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        found = vars(plugin).get(name)
        return (
            super().parse_hookimpl_opts(plugin, name)
            if hasattr(getattr(found, "__func__", found), IMPL)
            else None
        )


class Plugins:
    """Every system there is, and the one way to ask a component."""

    def __init__(self) -> None:
        self.systems: dict[str, System] = {}
        self.components: dict[
            str, dict[str, Component]
        ] = {}  # system -> component -> what it can do
        self.stores: dict[str, ModuleType] = {}  # where secrets may be kept besides the age store
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._manager.register(_namespace(HOOKS, _innermost), "fairlead")
        self._specified = set(HOOKS)

    def add(self, package: ModuleType) -> None:
        """Register one plugin package: its system, its components, its wrappers, its stores."""
        for name in getattr(package, "wrappers", ()):
            self._manager.register(_submodule(package, name), f"{package.__name__}.{name}")
        for name in getattr(package, "stores", ()):
            self._add_store(name, _submodule(package, name))
        system = getattr(package, "system", None)
        if system is None and not (hasattr(package, "wrappers") or hasattr(package, "stores")):
            raise PluginError(
                package.__name__, "no `system` in its __init__.py", "see docs/add-a-system.md"
            )
        if system is not None:
            self._add_system(package, system)

    def _add_store(self, name: str, module: ModuleType) -> None:
        if (
            name in self.stores
            or not hasattr(module, "read_secret")
            or not hasattr(module, "Settings")
        ):
            what = (
                "a second store of this name"
                if name in self.stores
                else "a store has a read_secret() and its Settings"
            )
            raise PluginError(module.__name__, what, "see docs/secrets.md")
        self._manager.register(module, f"store {name}")
        self.stores[name] = module

    def _add_system(self, package: ModuleType, system: System) -> None:
        if system.name in self.systems:
            raise PluginError(
                package.__name__, f"a second system named {system.name!r}", "rename one of them"
            )
        found = {
            name: Component(system.name, name, _submodule(package, name))
            for name in system.components + system.tools
        }
        for component in found.values():
            self._specify(component)
            self._manager.register(component.module, repr(component))
        self.systems[system.name], self.components[system.name] = system, found

    def _specify(self, component: Component) -> None:
        """A component's own verbs get a hook each, so that wrappers and plan-making reach them like the others."""
        own = set(component.verbs) - self._specified
        if own:
            self._manager.add_hookspecs(_namespace(own, hookspecs.hookspec(firstresult=True)(_own)))
            self._manager.register(_namespace(own, _innermost), f"fairlead for {component}")
            self._specified |= own

    def component(self, system: str, name: str) -> Component:
        return self.components[system][name]

    def settings(self) -> dict[str, type]:
        """The type of what a site says of each store."""
        return {name: module.Settings for name, module in self.stores.items()}

    def read_secret(self, store: str, name: str, access: StoreAccess) -> Secret | None:
        """What one store has under this name. Raises SecretError, PluginError."""
        others = [module for module in self.stores.values() if module is not self.stores[store]]
        found = self._manager.subset_hook_caller("read_secret", others)(name=name, access=access)
        if found is not None and not isinstance(found, Secret):
            raise PluginError(
                f"store {store}",
                f"read_secret() returned a {type(found).__name__}",
                "return a Secret, or None",
            )
        return found

    def ask(self, ask: Ask, hook: str = "") -> Any:
        """What the verb (or the question `hook`) means for this target: what it gave, made a tuple if it is iterable; None: no such verb.

        A component that the section leaves out has none.
        """
        if part_of(ask.target.section, ask.target.component) is None:
            return None
        hook = hook or ask.verb
        wanted = f"{ask.target.system}.{ask.target.component}"
        others = [
            c.module
            for group in self.components.values()
            for c in group.values()
            if repr(c) != wanted
        ]
        return self._manager.subset_hook_caller(hook, others)(ask=ask)


def load(folders: list[Path], *, entry_points: bool = True) -> Plugins:
    """Every plugin in the folders (plugins/NAME/__init__.py), those that fairlead brings, and those of the entry points of group `fairlead`."""
    plugins = Plugins()
    names = [*_from_folders(folders), *(_from_entry_points(sys.path) if entry_points else ())]
    for name in dict.fromkeys(names):
        plugins.add(_import(name))
    return plugins


def _from_folders(folders: list[Path]) -> Iterator[str]:
    """Names of packages; where two folders hold one name, the first folder has it, and ours come last."""
    parent = sys.modules.get("fairlead_plugins") or _parent()
    ours = parent.__dict__.setdefault("ours", tuple(parent.__path__))
    parent.__path__ = list(dict.fromkeys([*map(str, folders), *ours]))
    for folder in parent.__path__:
        for init in sorted(Path(folder).glob("*/__init__.py")):
            yield f"fairlead_plugins.{init.parent.name}"


def _parent() -> ModuleType:
    try:
        return importlib.import_module(
            "fairlead_plugins"
        )  # the wheel carries our own systems under this name
    except ModuleNotFoundError:
        module = ModuleType("fairlead_plugins")
        module.__path__ = []
        sys.modules["fairlead_plugins"] = module
        return module


def _from_entry_points(path: Iterable[str]) -> Iterator[str]:
    """What importlib.metadata would find, without the 20 ms that importing it costs: entry_points.txt of all that is installed."""
    for folder in map(Path, path):
        for text in (
            *folder.glob("*.dist-info/entry_points.txt"),
            *folder.glob("*.egg-info/entry_points.txt"),
        ):
            yield from _named(text.read_text("utf-8"))


def _named(entry_points: str) -> Iterator[str]:
    """The packages in the section [fairlead] of an entry_points.txt."""
    section = ""
    for line in map(str.strip, entry_points.splitlines()):
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == PROJECT and "=" in line and not line.startswith("#"):
            yield line.partition("=")[2].strip().partition(" ")[0]


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise PluginError(
            name, f"cannot be imported: {error}", "mend it, or take its folder away"
        ) from error


def _submodule(package: ModuleType, name: str) -> ModuleType:
    return _import(f"{package.__name__}.{name}")


def _verbs(module: ModuleType, where: str) -> Iterator[ComponentVerb]:
    for name, function in vars(module).items():
        if (
            name.startswith("_")
            or getattr(function, "__module__", None) != module.__name__
            or not callable(function)
            or isinstance(function, type)
        ):
            continue
        if not hasattr(function, IMPL):
            raise PluginError(
                where,
                f"the public function {name}() is no verb",
                "mark it @hookimpl or @verb, or begin its name with _",
            )
        if name not in HOOKS and not hasattr(function, TRAITS):
            raise PluginError(
                where,
                f"no such verb: {name}()",
                f"{did_you_mean(name, HOOKS, shown='{}()'.format)}mark a verb of your own with @verb",
            )
        if function.__code__.co_varnames[: function.__code__.co_argcount] != ("ask",):
            raise PluginError(
                where, f"{name}() has to take one argument named ask", "see docs/hooks.md"
            )
        yield ComponentVerb(name, function)


def _own(ask: Ask) -> Any:
    """A verb of a component's own."""


@hookimpl(wrapper=True, trylast=True)
def _innermost(ask: Ask) -> Any:
    """A verb written as a generator is run here, so that the wrappers around it see a tuple (a plan) or None (no such verb)."""
    found = yield
    return tuple(found) if hasattr(found, "__iter__") and not isinstance(found, tuple) else found


def _namespace(names: Iterable[str], function: Callable[..., Any]) -> type:
    """What pluggy registers: one function under many names."""
    return type("names", (), {name: staticmethod(function) for name in names})
