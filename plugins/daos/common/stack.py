"""`launch: stack`: client and admin as services of a swarm.

The stack files of utils/docker/examples stay as they are. deploy-docker_stack.sh of that folder
exports its .env and deploys the stack file; so do we, with the versions of the secret laid over
it.
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
    Step,
    cluster,
    stack,
)

from . import certificates, images
from .compose_files import compose_folder

CERTIFIED = {"client": "agent", "admin": "admin"}  # component -> whose certificates it has
SOCKET = "/var/run/daos_agent/daos_agent.sock"
ENDS_SHELL = "SIGHUP"  # it heeds no TERM, and would be waited for until it is killed
NO_DFUSE = "a swarm gives its containers no devices, and dfuse needs /dev/fuse"


def is_launched(ask: Ask[Any], component: str) -> bool:
    """Does the site launch this component by a stack?"""
    return component in CERTIFIED and getattr(ask.section, component).launch == "stack"


def service(ask: Ask[Any], component: str) -> str:
    """Its name in the stack file."""
    return compose_folder(ask).stack_service(component)[1].name


def describe(ask: Ask[Any], component: str) -> stack.Stack:
    """The stack of a component as the site says.

    Raises FairleadError where no host can lead it.
    """
    site, folder = ask.section, compose_folder(ask)
    file, its_service = folder.stack_service(component)
    health = {"healthcheck": _health(site.agent.patience)} if component == "client" else {}
    return stack.Stack(
        name=f"daos-{component}",
        manager=site.swarm.manager if site.swarm else cluster.manager(ask),
        root=f"{site.state}/stack-{component}",
        services=(its_service.name,),
        files=(file,),
        env_file=folder.env_file or f"{folder.folder}/.env",
        secrets=(f"daos_{CERTIFIED[component]}-certs",),
        images=(folder.expand(its_service.image),),
        hosts=ask.target.everywhere,
        tty=True,
        more={"stop_signal": ENDS_SHELL, **health},
        patience=site.agent.patience + 60,
    )


def _health(patience: int) -> Mapping[str, Any]:
    """The agent's socket is there.

    A task counts as running from then on, and the one before it goes. `patience`: seconds.
    """
    return {
        "test": ["CMD", "test", "-S", SOCKET],
        "interval": "2s",
        "timeout": "5s",
        "retries": max(3, patience // 2),
    }


def facts(ask: Ask[Any], component: str) -> Iterator[Fact]:
    """What runs here of a stack.

    The checkout's files are not known yet: a swarm names its containers by stack and service.
    """
    return stack.facts(f"daos-{component}", ask)


def checks(ask: Ask[Any], component: str) -> Iterator[Check]:
    """What a stack needs of its hosts."""
    if ask.section.swarm:
        yield cluster.check(ask, ask.section.swarm.manager)
        yield cluster.tools(ask)
    if ask.section.insecure:
        yield Check(
            name="secret",
            ok=False,
            wanted="certificates",
            found="insecure: true",
            why="the stack file has a secret, and a swarm takes no empty one",
            remedy="launch: compose, or insecure: false",
        )
    yield _stack_file(ask, component)


def _stack_file(ask: Ask[Any], component: str) -> Check:
    """Has the stack file what a swarm leaves out of a service?"""
    folder = compose_folder(ask)
    path, _ = folder.stack_service(component)
    ignored = stack.ignored(folder.files[path.rpartition("/")[2]].text)
    return Check(
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
    described, values = describe(ask, component), _secrets(ask, component)
    after = ("files", "variables", images.step_name(images.image(ask, component)))
    yield from stack.up(described, ask, values, after=after)


def secrets(ask: Ask[Any], component: str) -> tuple[Step, ...]:
    """The newest version of the secret; the service goes on with the one it has until `up`."""
    return tuple(stack.secrets(describe(ask, component), ask, _secrets(ask, component)))


def _secrets(ask: Ask[Any], component: str) -> Mapping[str, Secret]:
    """Secret of the swarm -> tarball; {} for a verb that brings none."""
    if not ask.secrets:
        return {}
    owner, now = CERTIFIED[component], ask.host.time
    tarball = certificates.checked(ask.section, owner, ask.secrets, now)
    return {f"daos_{owner}-certs": tarball}


def down(ask: Ask[Any], component: str) -> Iterator[Phase]:
    """The stack goes; secrets and swarm stay."""
    return stack.down(describe(ask, component), ask)


def restart(ask: Ask[Any], component: str) -> tuple[Step, ...]:
    """Its tasks are replaced, the new ones up first."""
    return tuple(stack.restart(describe(ask, component), ask, service(ask, component)))


def status(ask: Ask[Any], component: str) -> Status:
    """The stack and its tasks."""
    return stack.status(describe(ask, component), ask)


def logs(ask: Ask[Any], component: str, tail: str, follow: bool) -> Session | None:
    """What all its tasks have said; None where another host shows it."""
    return stack.logs(describe(ask, component), ask, service(ask, component), tail, follow)


def session(ask: Ask[Any], component: str, *words: str) -> Session | None:
    """The words, or a shell, in the task of this host, the client's as its uid:gid.

    None where only other hosts have a task; raises FairleadError where none has.
    """
    task, client = _running(ask.facts), ask.section.client
    if not task and any(map(_running, ask.around.values())):
        return None
    if not task:
        raise FairleadError(
            ask.target.host,
            f"no task of the stack daos-{component} runs",
            f"see inv daos.{component}.status; inv daos.{component}.up",
        )
    user = f"{client.uid}:{client.gid}" if component == "client" else ""
    words = words or ("bash",)
    return Session(
        stack.inside(task, *words, user=user),
        tty_argv=stack.inside(task, *words, user=user, tty=True),
        fed_argv=stack.inside(task, *words, user=user, fed=True),
    )


def _running(facts: Mapping[str, Any]) -> stack.Task | None:
    """The task that runs on the host with these facts."""
    task = facts.get("task")
    return task if task and task.runs else None


def refuse_dfuse(ask: Ask[Any]) -> None:
    """Raises CommandLineError for what needs dfuse."""
    if is_launched(ask, "client"):
        raise CommandLineError(
            f"inv daos.client.{ask.verb}",
            f"is not to be had with client.launch: stack: {NO_DFUSE}",
            "a client with launch: compose",
        )
