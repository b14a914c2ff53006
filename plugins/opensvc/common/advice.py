"""`inv opensvc.preflight --for=3`: what is in the way of agent 3, weeks before it is installed."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from fairlead.api import Ask, Check, FairleadError

from . import agent_3, checks, service_file
from .sections import Service


class For(msgspec.Struct, frozen=True, rename={"version": "for"}):
    version: Annotated[
        Literal["", "3"],
        Meta(description="of the next agent: what it loses of a file, or reads otherwise; 3"),
    ] = ""


def node(ask: Ask[Any]) -> Iterator[Check]:
    """For the component `agent`: its containers run in the node's engine, which nobody starts."""
    yield generation(ask)
    if any(service.containers for service in ask.section.of(ask.target.host).values()):
        starters = checks.at_boot(ask)
        yield Check(
            name="docker",
            ok=bool(starters),
            wanted="started at boot",
            found=f"started by {', '.join(starters)}" if starters else "not started at boot",
            why="agent 3 runs containers in the node's engine, and does not start it (om3: "
            "drivers/rescontainerdocker)",
            remedy="in the window, once no service has an engine of its own: systemctl enable "
            "--now docker",
            blocks=False,
        )


def services(ask: Ask[Any]) -> Iterator[Check]:
    """For the component `service`: each word of each file that would be lost, or mean otherwise."""
    yield generation(ask)
    for name, service in ask.section.of(ask.target.host, ask.options.service).items():
        yield from _file(ask, name, service)


def generation(ask: Ask[Any]) -> Check:
    """Is there an agent whose files agent 3 takes over?"""
    here = ask.facts.get("agent", "none")
    return Check(
        name="agent",
        ok=here in ("2.1", "3"),
        wanted="agent 2.1 or 3",
        found=here,
        why="agent 3 takes over the files of 2.1, at its latest release (om3: CHANGELOG.md)",
        remedy="bring it to the latest 2.1 first",
    )


def _file(ask: Ask[Any], name: str, service: Service) -> Iterator[Check]:
    """Of the file that is installed, else of the one that `up` would install."""
    text = ask.facts.get(f"file {name}")
    findings = [*agent_3.findings(_rendered(name, service) if text is None else text)]
    yield from (_word(name, finding) for finding in findings)
    if not findings:
        yield Check(name=f"{name}: file", ok=True, wanted="the same to agent 3", found="the same")


def _rendered(name: str, service: Service) -> str:
    """The file as `up` would install it under agent 2.1; "" for one that it cannot hold."""
    try:
        return service_file.render(name, service, "2.1")
    except FairleadError:
        return ""


def _word(name: str, finding: agent_3.Finding) -> Check:
    change = finding.change
    return Check(
        name=f"{name}: {finding.word}",
        ok=False,
        wanted="the same to agent 3",
        found="not read by it" if change.is_lost else "another meaning",
        why=f"{change.meaning} (om3: {change.source})",
        remedy=change.remedy,
        blocks=change.is_lost,
    )
