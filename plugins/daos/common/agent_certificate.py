"""Do servers believe the agents?

A server believes an agent by agent.crt alone: the one certificate in its client_cert_dir that has
the agents' name. Source: processValidateCredentials in DAOS' security_rpc.go.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, Fact, Status, docker, script

from . import containers, stack
from .config import CERTS

BELIEVED = "the one that the servers believe"
REFUSED = "not the one that the servers believe: inv daos.up"

sh = script.beside(__file__)


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """`agent_certificate`: the digest of the agents' certificate in a container; "": none runs."""
    if ask.verb != "status" or ask.section.insecure or not _has_certificate(ask, component):
        return
    folder = f"{CERTS}/clients" if component == "server" else CERTS
    words = ("sha256sum", f"{folder}/agent.crt")
    if stack.is_launched(ask, component):
        argv = sh("in_task", "docker", f"daos-{component}", *words)
    else:
        argv = docker.inside(containers.container(ask, component), *words)
    yield Fact("agent_certificate", argv, _digest, timeout=20)


def _has_certificate(ask: Ask[Any], component: str) -> bool:
    """Is there a container that stays, and has it an agent or a server inside?"""
    client = ask.section.client
    if component == "client":
        return client.mode == "gathered" and (client.keep or client.launch == "stack")
    return component == "server" or (component == "agent" and client.mode == "separate-agent")


def _digest(code: int, text: str) -> str:
    return text.split()[0] if code == 0 and text.split() else ""


def compared(status: Status, ask: Ask[Any]) -> Status:
    """A status, and whether the servers believe this agent, where they were asked before it."""
    own = ask.facts.get("agent_certificate")
    servers = ask.components.get("server", {}).values()
    believed = {facts.get("agent_certificate") for facts in servers} - {None, ""}
    if not own or not believed:
        return status
    is_believed = believed == {own}
    words = BELIEVED if is_believed else REFUSED
    return Status(status.healthy and is_believed, (*status.fields, ("certificate", words)))
