"""The beacon's one service."""

import json
from typing import Any

from fairlead.api import Ask, SecretSpec, Session, cluster, files, hookimpl, stack, verb

ROOT = "/var/lib/beacon"


def _stack(ask: Ask[Any]) -> stack.Stack:
    return stack.Stack(
        name="beacon",
        manager=ask.section.manager or (cluster.manager(ask) if ask.around else ""),
        root=ROOT,
        services=("light",),
        files=(f"{ROOT}/stack.yml",),
        secrets=("beacon.code",),
        images=("busybox:1.36",),
        resolve="always",
        hosts=ask.target.everywhere,
        replicas=ask.section.replicas,
        steady=ask.section.steady,
        patience=ask.section.patience,
    )


def _file(ask: Ask[Any]) -> str:
    constraints = (
        {"deploy": {"placement": {"constraints": [ask.section.constraint]}}}
        if ask.section.constraint
        else {}
    )
    secret = {"source": "beacon.code", "target": "code.txz", "mode": 0o400}
    service = {
        "image": "busybox:1.36",
        "command": ["sh", "-c", ask.section.does.replace("$", "$$")],
        "secrets": [secret],
        **constraints,
    }
    return json.dumps(
        {
            "version": "3.8",
            "services": {"light": service},
            "secrets": {"beacon.code": {"external": True}},
        }
    )


@hookimpl
def facts(ask: Ask):
    return stack.facts("beacon", ask)


@hookimpl
def needs(ask: Ask):
    return (SecretSpec(name="beacon.code"),)


@hookimpl
def preflight(ask: Ask):
    return (cluster.check(ask, _stack(ask).manager),)


@hookimpl
def up(ask: Ask):
    return stack.up(_stack(ask), ask, ask.secrets, files.put(f"{ROOT}/stack.yml", _file(ask)))


@hookimpl
def down(ask: Ask):
    return stack.down(_stack(ask), ask)


@hookimpl
def status(ask: Ask):
    return stack.status(_stack(ask), ask)


@hookimpl
def logs(ask: Ask):
    return stack.logs(_stack(ask), ask, "light")


@hookimpl
def exec_(ask: Ask):
    there = ask.facts["task"]
    return Session(stack.inside(there, *ask.argv)) if there else None


@verb
def leave(ask: Ask):
    """This host leaves the swarm."""
    return (cluster.leave(ask),)
