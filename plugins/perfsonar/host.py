"""What a test point wants of its host's own settings: steps of `up`, each only where the site names
it.

They are a phase of their own before the container's: what cuts us off comes back within seconds and
has touched no container, and a container that does not start puts no network back that works.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fairlead.api import Ask, Check, Container, Fact, Phase, Step, Steps

from . import acme, firewall, nics, tuning


def facts(c: Container, ask: Ask[Any]) -> Iterator[Fact]:
    yield from firewall.facts(ask)
    yield from nics.facts(ask)
    yield from tuning.facts(ask)
    yield from acme.facts(c, ask)


def checks(ask: Ask[Any]) -> Iterator[Check]:
    yield from firewall.checks(ask)
    yield from nics.checks(ask)
    yield from acme.checks(ask)


def around(c: Container, ask: Ask[Any], container: Sequence[Step]) -> Steps:
    """The steps of `up`: the host's first, then the container's and what the site has no longer,
    then the certificate, which is asked for through the Apache inside.

    All hosts of a site have the same phases, though there may be nothing in one of them.
    """
    steps = (*container, *gone(c, ask, kept=True))
    site = ask.section
    if not (site.firewall or site.nics or site.tuning == "apply" or site.acme):
        return [*steps]
    phases = [Phase("host", tuple(_own(ask))), Phase("up", steps)]
    if site.acme:
        phases.append(Phase("certificate", tuple(acme.steps(c, ask))))
    return phases


def _own(ask: Ask[Any]) -> Iterator[Step]:
    """What the site names of the host's own."""
    if nics.of_host(ask):
        yield from nics.steps(ask)
    if ask.section.firewall:
        yield from firewall.steps(ask)
    if ask.section.tuning == "apply":
        yield from tuning.steps(ask)


def gone(c: Container, ask: Ask[Any], *, kept: bool = False) -> Iterator[Step]:
    """Nothing of ours is left on the host; `kept`: but what the site names."""
    if not (kept and ask.section.firewall):
        yield from firewall.gone(ask)
    if not (kept and nics.of_host(ask)):
        yield from nics.gone(ask)
    if not (kept and ask.section.tuning == "apply"):
        yield from tuning.gone(ask)
    if not (kept and ask.section.acme):
        yield from acme.gone(c, ask)


def described(ask: Ask[Any]) -> tuple[tuple[str, str, bool], ...]:
    """For status: a field, what it says, and whether it is as the site wants it."""
    return (
        *firewall.described(ask),
        *nics.described(ask),
        *tuning.described(ask),
        *acme.described(ask),
    )
