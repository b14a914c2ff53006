"""What the components of a site need that is secret: which, of what it is made, in which order. No host is asked, and nothing is done here."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

import msgspec

from fairlead.contract.loader import Plugins
from fairlead.model.errors import PluginError
from fairlead.model.plan import Noun, SecretSpec
from fairlead.runner.needs import secret_specs
from fairlead.runner.targets import Part

Recipes = Mapping[str, SecretSpec]  # name -> the specification that says how it is made


class Need(Noun):
    """One secret in one place of one component: `component` as it is called, `system` for the remedies, and the hosts that need it so."""

    component: str
    system: str
    spec: SecretSpec
    hosts: tuple[str, ...] = ()

    @property
    def where(self) -> tuple[str, str, str]:
        """What tells it from the others; a specification may be made anew at each asking."""
        return (self.component, self.spec.name, self.spec.path)


def requirements(parts: Iterable[Part], plugins: Plugins) -> tuple[Need, ...]:
    """What the components name, in their order; what several hosts need alike stands once."""
    found: dict[tuple[str, str, str], Need] = {}
    for part in parts:
        for host, spec in secret_specs(part, plugins):
            new = Need(part.name, part.system.name, spec)
            known = found.setdefault(new.where, new)
            found[new.where] = msgspec.structs.replace(
                known, hosts=tuple(dict.fromkeys((*known.hosts, host)))
            )
    return tuple(found.values())


def recipes(needs: Iterable[Need]) -> Recipes:
    """Those that can be made, each after what it is made of. Raises PluginError for a circle."""
    known: dict[str, SecretSpec] = {}
    for need in needs:
        if need.spec.make:
            known.setdefault(need.spec.name, need.spec)
    try:
        order = tuple(
            TopologicalSorter({name: spec.of for name, spec in known.items()}).static_order()
        )
    except CycleError as error:
        raise PluginError(
            f"the secret {error.args[1][0]}",
            f"is made of itself: {' of '.join(reversed(error.args[1]))}",
            "mend its `of`",
        ) from None
    return {name: known[name] for name in order if name in known}


def leaves(recipes: Recipes) -> frozenset[str]:
    """Those that no other is made of, or that go to a host themselves; an authority lasts, and its key goes nowhere."""
    parts = {part for spec in recipes.values() for part in spec.of}
    return frozenset(
        name
        for name, spec in recipes.items()
        if name not in parts or (spec.path and not spec.lasts)
    )


def onward(recipes: Recipes, names: Iterable[str]) -> frozenset[str]:
    """These and all that are made of them, or of what is made of them."""
    found = set(names)
    for name, spec in recipes.items():
        if found & set(spec.of):
            found.add(name)
    return frozenset(found)
