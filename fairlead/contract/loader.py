"""Loads plugins, checks them, and asks one component what a verb means."""

import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy
from msgspec.structs import replace

from fairlead.contract.component import HOOKS, Component
from fairlead.contract.discovery import import_, packages, submodule
from fairlead.contract.hookspecs import IMPL, PROJECT, SPECS, hook_name, hookimpl, hookspec
from fairlead.model.adoption import HostReport, Proposal
from fairlead.model.errors import PluginError
from fairlead.model.plan import Ask, Secret, StoreAccess, System
from fairlead.model.section import part_of
from fairlead.model.sources import Inventory, SourceAccess

Function = Callable[..., Any]


class _Manager(pluggy.PluginManager):
    """Looks only at what carries our marker: pluggy examines every name of a module, 10 us each."""

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        value = vars(plugin).get(name)
        if not hasattr(getattr(value, "__func__", value), IMPL):
            return None
        options = super().parse_hookimpl_opts(plugin, name)
        if options is None or options["specname"]:
            return options
        return {**options, "specname": hook_name(name)}  # a copy: many names share one function


class Plugins:
    """Every system there is, and the one way to ask a component.

    `systems`: by name. `components`: system -> component -> what it can do. `stores`: where secrets
    may be kept besides the age store. `sources`: the names of where hosts and groups are known
    already, each with its module's. `wrapping`: the systems whose plugin wraps verbs.
    """

    def __init__(self) -> None:
        self.systems: dict[str, System] = {}
        self.components: dict[str, dict[str, Component]] = {}
        self.stores: dict[str, ModuleType] = {}
        self.sources: dict[str, str] = {}
        self.wrapping: set[str] = set()
        self._source_modules: dict[str, ModuleType] = {}
        self._adopters: dict[str, ModuleType] = {}
        self._manager = _Manager(PROJECT)
        self._manager.add_hookspecs(_namespace(SPECS))
        self._manager.register(_namespace(dict.fromkeys(HOOKS, _innermost)), "fairlead")
        self._specified = set(HOOKS)
        self._registered: dict[str, ModuleType] = {}  # the components that were asked anything

    def add(self, package: ModuleType) -> None:
        """Register a plugin: its system, components, wrappers and stores. Raises PluginError."""
        wrappers, stores = getattr(package, "wrappers", None), getattr(package, "stores", None)
        system = getattr(package, "system", None)
        for name in wrappers or ():
            self._manager.register(submodule(package, name), f"{package.__name__}.{name}")
        for name in stores or ():
            self._add_store(name, submodule(package, name))
        sources = getattr(package, "sources", None)
        for name in sources or ():
            self._add_source(name, f"{package.__name__}.{name}")
        if system is not None:
            self._add_system(package, system)
            self.wrapping |= {system.name} if wrappers else set()
        elif wrappers is None and stores is None and sources is None:
            what, remedy = "no `system` in its __init__.py", "see docs/add-a-system.md"
            raise PluginError(package.__name__, what, remedy)

    def _add_store(self, name: str, module: ModuleType) -> None:
        if name in self.stores:
            what = "a second store of this name"
            raise PluginError(module.__name__, what, "see docs/secrets.md")
        if not hasattr(module, "read_secret") or not hasattr(module, "Settings"):
            what = "a store has a read_secret() and its Settings"
            raise PluginError(module.__name__, what, "see docs/secrets.md")
        self._manager.register(module, f"store {name}")
        self.stores[name] = module

    def _add_source(self, name: str, path: str) -> None:
        if name in self.sources:
            what = "a second source of this name"
            raise PluginError(path, what, "see docs/import.md")
        self.sources[name] = path

    def source(self, name: str) -> ModuleType:
        """The module of a source, imported when it is first needed. Raises PluginError."""
        path = self.sources[name]
        module = import_(path)
        if not hasattr(module, "read_inventory") or not hasattr(module, "Settings"):
            what = "a source has a read_inventory() and its Settings"
            raise PluginError(path, what, "see docs/import.md")
        if name not in self._source_modules:
            self._manager.register(module, f"source {name}")
            self._source_modules[name] = module
        return module

    def read_inventory(self, name: str, access: SourceAccess) -> Inventory:
        """What a source knows. Raises SiteError, PluginError."""
        own = self.source(name)
        others = [module for module in self._source_modules.values() if module is not own]
        read = self._manager.subset_hook_caller("read_inventory", others)
        inventory = read(access=access)
        if not isinstance(inventory, Inventory):
            what = f"read_inventory() returned a {type(inventory).__name__}"
            raise PluginError(own.__name__, what, "return an Inventory")
        return inventory

    def adopters(self) -> dict[str, ModuleType]:
        """System -> its module that recognises what runs already. Raises PluginError."""
        return {name: self._adopter(name) for name, system in self.systems.items() if system.adopts}

    def _adopter(self, name: str) -> ModuleType:
        system = self.systems[name]
        module = import_(f"{system.package}.{system.adopts}")
        if not hasattr(module, "recognise"):
            what = "a module that a system adopts with has a recognise()"
            raise PluginError(module.__name__, what, "see docs/adopt.md")
        if name not in self._adopters:
            self._manager.register(module, f"adoption by {name}")
            self._adopters[name] = module
        return module

    def recognise(self, system: str, report: HostReport) -> Proposal | None:
        """The section that a system proposes for a host; None: none. Raises PluginError."""
        own = self._adopter(system)
        others = [module for module in self._adopters.values() if module is not own]
        recognise = self._manager.subset_hook_caller("recognise", others)
        proposal = recognise(report=report)
        if proposal is not None and not isinstance(proposal, Proposal):
            what = f"recognise() returned a {type(proposal).__name__}"
            raise PluginError(own.__name__, what, "return a Proposal, or None")
        return proposal

    def _add_system(self, package: ModuleType, system: System) -> None:
        if system.name in self.systems:
            what = f"a second system named {system.name!r}"
            raise PluginError(package.__name__, what, "rename one of them")
        self.systems[system.name] = replace(system, package=package.__name__)
        self.components[system.name] = {
            name: Component(system.name, name, f"{package.__name__}.{name}")
            for name in system.components + system.tools
        }

    def check(self) -> None:
        """Import every component. Raises PluginError for the first that is not as it must be."""
        for system in self.systems.values():
            _ = system.section_type
        for components in self.components.values():
            for component in components.values():
                self._register(component)

    def _register(self, component: Component) -> None:
        name = repr(component)
        if name not in self._registered:
            self._specify(component)
            self._manager.register(component.module, name)
            self._registered[name] = component.module

    def _specify(self, component: Component) -> None:
        """Give a component's own verbs a hook each: wrappers and plans reach them like others."""
        own = set(component.verbs) - self._specified
        if own:
            specs = dict.fromkeys(own, hookspec(firstresult=True)(_own))
            self._manager.add_hookspecs(_namespace(specs))
            around = _namespace(dict.fromkeys(own, _innermost))
            self._manager.register(around, f"fairlead for {component}")
            self._specified |= own

    def component(self, system: str, name: str) -> Component:
        """One component of one system."""
        return self.components[system][name]

    def settings(self) -> dict[str, type]:
        """The type of what a site says of each store."""
        return {name: module.Settings for name, module in self.stores.items()}

    def read_secret(self, store: str, name: str, access: StoreAccess) -> Secret | None:
        """What one store has under this name. Raises SecretError, PluginError."""
        others = [module for module in self.stores.values() if module is not self.stores[store]]
        read = self._manager.subset_hook_caller("read_secret", others)
        secret = read(name=name, access=access)
        if secret is not None and not isinstance(secret, Secret):
            what = f"read_secret() returned a {type(secret).__name__}"
            raise PluginError(f"store {store}", what, "return a Secret, or None")
        return secret

    def ask(self, ask: Ask, hook: str = "") -> Any:
        """What the verb (or the question `hook`) means for this target.

        A tuple if the component answers with an iterable, else its answer. None: it has no such
        verb, or the section leaves the component out.
        """
        target = ask.target
        if part_of(target.section, target.component) is None:
            return None
        component = self.component(target.system, target.component)
        self._register(component)
        others = [module for name, module in self._registered.items() if name != repr(component)]
        return self._manager.subset_hook_caller(hook or ask.verb, others)(ask=ask)


def load(folders: Iterable[Path], *, entry_points: bool = True) -> Plugins:
    """Every plugin there is. Raises PluginError.

    Those in the folders (plugins/NAME/__init__.py), those that fairlead brings, and those of the
    entry points of group `fairlead`. A component is imported, and checked, when it is first needed.
    """
    plugins = Plugins()
    for name in packages(folders, sys.path if entry_points else ()):
        plugins.add(import_(name))
    return plugins


@hookimpl(wrapper=True, trylast=True)
def _innermost(ask: Ask) -> Any:
    """Run a verb that is a generator, so that wrappers see a tuple (a plan) or None (no verb)."""
    answer = yield
    is_lazy = hasattr(answer, "__iter__") and not isinstance(answer, tuple)
    return tuple(answer) if is_lazy else answer


def _own(ask: Ask) -> Any:
    """A verb of a component's own."""


def _namespace(functions: Mapping[str, Function]) -> type:
    """What pluggy registers: functions under names that need not be their own."""
    return type(
        "names",
        (),
        {name: staticmethod(f) for name, f in functions.items()},
    )
