"""Which secrets the components of a site need, what each is made of, in which order.

No host is asked, and nothing is done here.
"""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.errors import PluginError
from fairlead.model.plan import Noun, SecretSpec
from fairlead.runner.needs import secret_specs
from fairlead.runner.targets import Part

Recipes = Mapping[str, SecretSpec]  # name -> the specification that says how it is made


class Requirement(Noun):
    """One secret in one place of one component.

    `component` as it is called, `system` for the remedies, and the hosts that need it so.
    """

    component: str
    system: str
    spec: SecretSpec
    hosts: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def key(self) -> tuple[str, str, str]:
        """Tells it from the others; a specification may be made anew at each asking."""
        return (self.component, self.spec.name, self.spec.path)


def requirements(parts: Iterable[Part], plugins: Plugins) -> tuple[Requirement, ...]:
    """What the components name, in their order; what several hosts need alike stands once."""
    known: dict[tuple[str, str, str], Requirement] = {}
    for part in parts:
        for host, spec in secret_specs(part, plugins):
            new = Requirement(part.name, part.system.name, spec)
            first = known.get(new.key, new)
            hosts = tuple(dict.fromkeys((*first.hosts, host)))
            known[new.key] = replace(first, hosts=hosts)
    return tuple(known.values())


def recipes(requirements: Iterable[Requirement]) -> Recipes:
    """Those that can be made, each after what it is made of. Raises PluginError for a circle."""
    known: dict[str, SecretSpec] = {}
    for requirement in requirements:
        if requirement.spec.make:
            known.setdefault(requirement.name, requirement.spec)
    sorter = TopologicalSorter({name: spec.of for name, spec in known.items()})
    try:
        order = tuple(sorter.static_order())
    except CycleError as error:
        circle = error.args[1]
        where, what = f"the secret {circle[0]}", f"is made of itself: {' of '.join(circle[::-1])}"
        raise PluginError(where, what, "mend its `of`") from None
    return {name: known[name] for name in order if name in known}


def leaves(recipes: Recipes) -> frozenset[str]:
    """The names of secrets that no other is made of, or that go to a host themselves.

    An authority lasts, and its key goes nowhere: it is no leaf.
    """
    parts: set[str] = set()
    for spec in recipes.values():
        parts.update(spec.of)
    return frozenset(
        name
        for name, spec in recipes.items()
        if name not in parts or (spec.path and not spec.lasts)
    )


def with_dependents(recipes: Recipes, names: Iterable[str]) -> frozenset[str]:
    """These and all that are made of them, or of what is made of them."""
    dependents = set(names)
    for name, spec in recipes.items():  # each stands after what it is made of
        if dependents & set(spec.of):
            dependents.add(name)
    return frozenset(dependents)
