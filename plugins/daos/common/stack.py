"""`launch: stack`: client and admin as services of a swarm, by the stack files of utils/docker/examples, which stay as they are.

deploy-docker_stack.sh of that folder exports its .env and deploys the stack file; so do we, with the versions of the secret laid over it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import (
    Ask,
    Check,
    CommandLineError,
    Fact,
    FairleadError,
    Phase,
    Secret,
    Session,
    Status,
    cluster,
    stack,
)

from . import certificates, images
from .examples import examples

CERTIFIED = {"client": "agent", "admin": "admin"}  # component -> whose certificates it has
SOCKET = "/var/run/daos_agent/daos_agent.sock"
ENDS_SHELL = "SIGHUP"  # it heeds no TERM, and would be waited for until it is killed
NO_DFUSE = "a swarm gives its containers no devices, and dfuse needs /dev/fuse"


def launches(ask: Ask[Any], component: str) -> bool:
    """Does the site launch this component by a stack?"""
    return component in CERTIFIED and getattr(ask.section, component).launch == "stack"


def service(ask: Ask[Any], component: str) -> str:
    """Its name in the stack file."""
    return examples(ask).stack(component)[1].name


def described(ask: Ask[Any], component: str) -> stack.Stack:
    """The stack of a component as the site says. Raises FairleadError where no host can lead it."""
    site, found = ask.section, examples(ask)
    file, one = found.stack(component)
    return stack.Stack(
        name=f"daos-{component}",
        manager=site.swarm.manager if site.swarm else cluster.manager(ask),
        root=f"{site.state}/stack-{component}",
        services=(one.name,),
        files=(file,),
        env_file=found.env_file or f"{found.folder}/.env",
        secrets=(f"daos_{CERTIFIED[component]}-certs",),
        images=(found.filled(one.image),),
        hosts=ask.target.everywhere,
        tty=True,
        more={
            "stop_signal": ENDS_SHELL,
            **({"healthcheck": _health(site.agent.patience)} if component == "client" else {}),
        },
        patience=site.agent.patience + 60,
    )


def _health(patience: int) -> Mapping[str, Any]:
    """The agent's socket is there: a task counts as running from then on, and the one before it goes."""
    return {
        "test": ["CMD", "test", "-S", SOCKET],
        "interval": "2s",
        "timeout": "5s",
        "retries": max(3, patience // 2),
    }


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """What runs here of a stack. The checkout's files are not known yet: a swarm names its containers by stack and service."""
    return stack.facts(f"daos-{component}", ask)


def checks(ask: Ask[Any], component: str) -> Iterator[Check]:
    """What a stack needs of its hosts."""
    if ask.section.swarm:
        yield cluster.check(ask, ask.section.swarm.manager)
        yield cluster.tools(ask)
    if ask.section.insecure:
        wanted, why = "certificates", "the stack file has a secret, and a swarm takes no empty one"
        yield Check(
            name="secret",
            ok=False,
            wanted=wanted,
            found="insecure: true",
            why=why,
            remedy="launch: compose, or insecure: false",
        )
    found = examples(ask)
    path = found.stack(component)[0]
    ignored = stack.ignored(found.files[path.rpartition("/")[2]].text)
    yield Check(
        name="stack file",
        ok=not ignored,
        wanted="nothing that a swarm passes over",
        found=f"{path}: {', '.join(ignored) or 'none of this'}",
        why="the service would not be what the file says",
        remedy="launch: compose, or take it out of the file",
    )


def up(ask: Ask[Any], component: str) -> Iterator[Phase]:
    """The image on every host, then swarm, secret and service."""
    yield Phase("image", tuple(images.steps(ask, component)))
    yield from stack.up(described(ask, component), ask, _values(ask, component))


def secrets(ask: Ask[Any], component: str) -> tuple[Any, ...]:
    """The newest version of the secret; the service goes on with the one it has until `up`."""
    return tuple(stack.secrets(described(ask, component), ask, _values(ask, component)))


def _values(ask: Ask[Any], component: str) -> Mapping[str, Secret]:
    """Secret of the swarm -> tarball; {} for a verb that brings none."""
    whose, now = CERTIFIED[component], ask.host.time
    return (
        {f"daos_{whose}-certs": certificates.checked(ask.section, whose, ask.secrets, now)}
        if ask.secrets
        else {}
    )


def down(ask: Ask[Any], component: str) -> Iterator[Phase]:
    return stack.down(described(ask, component), ask)


def restart(ask: Ask[Any], component: str) -> tuple[Any, ...]:
    return tuple(stack.restart(described(ask, component), ask, service(ask, component)))


def status(ask: Ask[Any], component: str) -> Status:
    return stack.status(described(ask, component), ask)


def logs(ask: Ask[Any], component: str, tail: str, follow: bool) -> Session | None:
    return stack.logs(described(ask, component), ask, service(ask, component), tail, follow)


def session(ask: Ask[Any], component: str, *words: str) -> Session | None:
    """The words, or a shell, in the task of this host, the client's as its uid:gid; None where only others have one.

    Raises FairleadError where none has.
    """
    there, client = _running(ask.facts), ask.section.client
    if not there and any(map(_running, ask.around.values())):
        return None
    if not there:
        raise FairleadError(
            ask.target.host,
            f"no task of the stack daos-{component} runs",
            f"see inv daos.{component}.status; inv daos.{component}.up",
        )
    user = f"{client.uid}:{client.gid}" if component == "client" else ""
    words = words or ("bash",)
    return Session(
        stack.inside(there, *words, user=user),
        tty_argv=stack.inside(there, *words, user=user, tty=True),
        fed_argv=stack.inside(there, *words, user=user, fed=True),
    )


def _running(facts: Mapping[str, Any]) -> stack.Task | None:
    there = facts.get("task")
    return there if there and there.runs else None


def refuse_dfuse(ask: Ask[Any]) -> None:
    """Raises CommandLineError for what needs dfuse."""
    if launches(ask, "client"):
        raise CommandLineError(
            f"inv daos.client.{ask.verb}",
            f"is not to be had with client.launch: stack: {NO_DFUSE}",
            "a client with launch: compose",
        )
