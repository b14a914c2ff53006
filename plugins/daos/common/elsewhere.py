"""Parts that this command line does not ask: is what a host would get near enough to them?

The servers' version is what an agent, or dmg, of this host is told by them (server-version, from
2.6.1 on); where they refuse it, they name their version in the refusal. Sources: serverVersionCmd
in src/control/cmd/daos_agent/main.go and cmd/dmg/main.go, FaultIncompatibleComponents() in
src/control/server/faults.go of DAOS, at v2.6.5.
"""

import re
from collections.abc import Iterator
from typing import Any

from fairlead.api import NOT_KNOWN, Argv, Ask, Check, Fact, docker, script

from . import commands, containers, preview, recipe, stack, system_state
from .compatibility import TOGETHER, disagreement

TOLD = re.compile(r"(?:\bControl Server version |\bserver:)(\d+\.\d+\.\d+)\b")
NONE = "0.0.0"  # of servers before 2.6.1
AGENT = "daos-agent"

sh = script.beside(__file__)


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """`servers`: their version as this host is told it, "": it is not; `beside`: the agent's of
    this host. Asked where one component goes to another version, and by its preflight.
    """
    if not (ask.verb == "upgrade" or isinstance(ask.options, preview.For)):
        return
    argv = _question(ask, component)
    yield Fact("servers", argv, _version, timeout=30)
    if component == "client" and ask.section.client.mode == "separate-agent":
        label = f'{{{{.Label "{recipe.VERSION}"}}}}'
        words = ("docker", "container", "ls", "--filter", f"name=^{AGENT}$", "--format", label)
        yield Fact("beside", words, lambda code, text: text.strip() if code == 0 else "")


def _question(ask: Ask[Any], component: str) -> Argv:
    """Where the one who is to ask runs: dmg in a session of its own, an agent wherever it is."""
    if component == "admin":
        return system_state.argv(ask, *commands.in_bash("server_version", "dmg"))
    mode, words = ask.section.client.mode, sh("server_version", "daos_agent")
    if mode == "bare-metal-agent":
        return words
    if mode == "separate-agent":
        return docker.inside(containers.container(ask, "agent"), *words)
    if stack.is_launched(ask, "client"):
        return sh("in_task", "docker", "daos-client", *words)
    return docker.inside(containers.container(ask, "client"), *words)


def _version(code: int, text: str) -> str:
    match = TOLD.search(text)
    return match[1] if match and match[1] != NONE else ""


def checks(ask: Ask[Any], component: str) -> Iterator[Check]:
    """Of servers and agent that were not asked themselves, before this in the command line."""
    if "servers" in ask.facts and "server" not in ask.components:
        yield _check(ask, component, "server", ask.facts["servers"], TOGETHER)
    if "beside" in ask.facts and "agent" not in ask.components:
        together = f"inv daos.agent.upgrade daos.client.upgrade --host={ask.target.host}"
        yield _check(ask, component, "agent", ask.facts["beside"], f"{together}; or {TOGETHER}")


def _check(ask: Ask[Any], component: str, other: str, runs: str, remedy: str) -> Check:
    """What is not known is told, and stands in nobody's way."""
    what = disagreement(component, ask.section.version, other, runs)[0] if runs else ""
    where = "on this host" if other == "agent" else "elsewhere"
    return Check(
        name=f"{other} {where}",
        ok=bool(runs) and not what,
        wanted=f"one that daos.{component} of {ask.section.version} works with",
        found=what or runs or f"its version is {NOT_KNOWN}",
        why="DAOS refuses calls between versions that are too far apart",
        remedy=remedy if runs else f"inv daos.status asks all of them; {remedy}",
        blocks=bool(what),
    )
