"""A stack of a Docker Swarm as data, and the steps in which it comes to be: secrets, nodes, services, and the truth about them.

Source: "Deploy a stack to a swarm", "Manage sensitive data with Docker secrets" in Docker's documentation. `docker stack deploy` ends 0 for
services that never run and after a roll-back of its own; secrets cannot be changed, so each has versions, NAME-1, NAME-2: the newest is in service.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Argv, Ask, Fact, Noun, Phase, Secret, Session, Status, Step, same
from fairlead.operations.files import put
from fairlead.operations.swarm import cluster
from fairlead.operations.swarm import stack_scripts as scripts

# What `docker stack deploy` passes over without an error.
IGNORED = (
    "privileged",
    "pid",
    "devices",
    "network_mode",
    "ipc",
    "security_opt",
    "cgroup_parent",
    "userns_mode",
    "build",
    "depends_on",
)


class Stack(Noun, kw_only=True):
    """A stack as it should be, on the nodes of `hosts`. Times are seconds."""

    name: str
    manager: str  # the host that launches it
    root: str  # a folder of the manager, closed to others
    services: tuple[str, ...]
    files: tuple[str, ...]  # stack files on the manager; ours, that of `file`, is laid over them
    env_file: str = ""  # its variables fill the files
    secrets: tuple[str, ...] = ()  # external secrets, by the names that they have in the files
    images: tuple[
        str, ...
    ] = ()  # another image under one of these names, and the tasks are replaced
    resolve: str = "never"  # "never": images lie on the nodes; "always": they come from a registry
    hosts: tuple[str, ...] = ()
    replicas: int = 0  # 0: one on each node
    tty: bool = (
        False  # its containers have a terminal: Docker tells their logs without the names of tasks
    )
    more: Mapping[str, Any] = {}  # of every service: a healthcheck
    patience: int = 120
    steady: int = 5  # how long a task has to have run, to count

    @property
    def file(self) -> str:
        return f"{self.root}/{self.name}.json"


def label(name: str) -> str:
    """Of the nodes on which a stack runs."""
    return f"fairlead.{name}"


def overlay(s: Stack) -> Mapping[str, Any]:
    """What fairlead lays over the files: tasks on labelled nodes, the new one up before the old one goes, and versions of secrets."""
    deploy = {
        **({"mode": "replicated", "replicas": s.replicas} if s.replicas else {"mode": "global"}),
        "endpoint_mode": "dnsrr",
        "placement": {"constraints": [f"node.labels.{label(s.name)} == yes"]},
        "restart_policy": {"condition": "any", "delay": "2s"},
        "update_config": {
            "order": "start-first",
            "parallelism": 1,
            "failure_action": "rollback",
            "monitor": f"{s.steady}s",
        },
        "rollback_config": {"order": "start-first", "parallelism": 1, "monitor": f"{s.steady}s"},
    }
    service = {"labels": {"fairlead.spec": "${FAIRLEAD_SPEC}"}, "deploy": deploy, **s.more}
    secrets = {
        name: {"external": True, "name": f"${{FAIRLEAD_SECRET_{n}}}"}
        for n, name in enumerate(s.secrets, 1)
    }
    return {
        "version": "3.8",
        "services": dict.fromkeys(s.services, service),
        **({"secrets": secrets} if secrets else {}),
    }


def ignored(text: str) -> tuple[str, ...]:
    """The keys of a stack file that a swarm passes over, so that the service would not be what the file says."""
    return tuple(key for key in IGNORED if re.search(rf"^\s+{key}:", text, re.MULTILINE))


# Verbs: each gives this host's part


def up(s: Stack, ask: Ask[Any], values: Mapping[str, Secret], *first: Step) -> Iterator[Phase]:
    """The swarm, then what runs in it, and, once that is so, the end of what ran before. `first`: steps before the stack is launched."""
    whole(s, ask)
    yield from cluster.phases(ask, s.manager)
    if ask.target.host == s.manager:
        yield Phase(
            "stack",
            (
                *secrets(s, ask, values),
                *first,
                _file(s),
                _nodes(s, ask),
                _deployed(s),
                _converged(s, gate=ask.facts.get("stack") is not None),
            ),
        )
        words = _words(s, *s.secrets)
        yield Phase(
            "stack tidied",
            (
                Step(
                    name="nothing old",
                    unless=_sh(scripts.TIDY_IS, words),
                    do=_sh(scripts.TIDY, words),
                ),
            ),
        )


def secrets(s: Stack, ask: Ask[Any], values: Mapping[str, Secret]) -> Iterator[Step]:
    """A version of each secret that holds its value; one that is not given stays. Who uses an older one goes on with it until `up`."""
    if ask.target.host == s.manager:
        yield _folder(s)
        yield from (_secret(s, name, values[name]) for name in s.secrets if name in values)


def down(s: Stack, ask: Ask[Any]) -> Iterator[Phase]:
    """The stack is gone with its networks, and its containers on every host; secrets and swarm stay."""
    whole(s, ask)
    words = _words(s)
    if ask.target.host == s.manager:
        undo = _sh(scripts.DEPLOY, _all(s))
        gone = Step(
            name="no stack",
            unless=_sh(scripts.REMOVED, words),
            do=_sh(scripts.REMOVE, words),
            undo=undo,
            timeout=120,
        )
        yield Phase("stack", (gone,))
    mine = ("docker", "ps", "-aq", "--filter", f"label=com.docker.stack.namespace={s.name}")
    yield Phase("containers", (Step(name="no containers", until=same(mine, ""), timeout=60),))


def restart(s: Stack, ask: Ask[Any], service: str) -> Iterator[Step]:
    """Its tasks are replaced, each new one up before the old one goes."""
    if ask.target.host == s.manager:
        yield Step(
            name="restart",
            do=("docker", "service", "update", "--force", "--detach", f"{s.name}_{service}"),
        )
        yield Step(name="converged", do=_sh(scripts.CONVERGE, _all(s)), timeout=s.patience + 30)


def whole(s: Stack, ask: Ask[Any]) -> None:
    """Raises CommandLineError for a part of the hosts: a stack is launched as a whole, by its manager."""
    left = tuple(host for host in ask.target.everywhere if host not in ask.target.peers)
    if left:
        remedy = "leave --host away"
        raise CommandLineError(
            "--host",
            f"the stack {s.name} is launched as a whole, and {', '.join(left)} would be left out",
            remedy,
        )


# The manager's steps


def _folder(s: Stack) -> Step:
    return Step(
        name="folder",
        unless=("sh", "-c", scripts.FOLDER, "folder", s.root),
        do=("sh", "-c", scripts.MAKE_FOLDER, "folder", s.root),
        undo=("true",),
    )


def _secret(s: Stack, name: str, value: Secret) -> Step:
    words = _words(s, name)
    return Step(
        name=f"secret {name}",
        unless=_sh(scripts.HOLDS, words),
        do=_sh(scripts.CREATE, words),
        undo=_sh(scripts.UNCREATE, words),
        stdin=value,
        compares=True,
        sensitive=True,
        timeout=60,
    )


def _file(s: Stack) -> Step:
    return put(s.file, json.dumps(overlay(s), indent=2) + "\n", mode=0o600, name="stack file")


def _nodes(s: Stack, ask: Ask[Any]) -> Step:
    words = ("stack", s.root, s.name, label(s.name), *(cluster.node(ask, host) for host in s.hosts))
    return Step(
        name="nodes",
        unless=_sh(scripts.LABELLED, words),
        do=_sh(scripts.LABEL, words),
        undo=_sh(scripts.UNLABEL, words[:4]),
        timeout=60,
    )


def _deployed(s: Stack) -> Step:
    undo, words = _sh(scripts.UNDEPLOY, _words(s)), _all(s)
    return Step(
        name="deployed",
        unless=_sh(scripts.DEPLOYED, words),
        do=_sh(scripts.DEPLOY, words),
        undo=undo,
        timeout=120,
    )


def _converged(s: Stack, gate: bool) -> Step:
    """Every task that is wanted runs, by the specification of now. A gate where there is an old one that comes back."""
    words = _all(s)
    return Step(
        name="converged",
        unless=_sh(scripts.CONVERGED, words),
        do=_sh(scripts.CONVERGE, words),
        timeout=s.patience + 30,
        gate=gate,
    )


def _sh(script: str, words: Iterable[Any]) -> Argv:
    return ("sh", "-c", script, *words)


def _words(s: Stack, *more: str) -> tuple[str, ...]:
    return ("stack", s.root, s.name, *more)


def _all(s: Stack) -> tuple[str, ...]:
    more = (
        str(len(s.hosts)),
        str(s.patience),
        str(s.steady),
        s.env_file,
        " ".join(s.secrets),
        " ".join(s.images),
        s.resolve,
        *s.files,
        s.file,
    )
    return _words(s, *more)


# Looking


class Task(Noun):
    """The container of a service on this host. `state` in Docker's words: Up 3 minutes (healthy)."""

    id: str
    state: str
    image: str

    @property
    def runs(self) -> bool:
        return self.state.startswith("Up") and "unhealthy" not in self.state


def facts(name: str, ask: Ask[Any]) -> Iterator[Fact]:
    """`swarm`; `task`: what runs of the stack NAME on this host; `stack`: how the whole is, where this host can tell."""
    yield cluster.fact()
    yield Fact("task", _sh(scripts.TASK, ("task", name)), task)
    yield Fact("stack", _sh(scripts.STATE, ("stack", "", name, label(name))), state, timeout=30)


def state(code: int, text: str) -> str | None:
    """ "": as it was deployed; else what is not so. None: there is nothing of it, or a manager has to be asked."""
    return None if code not in (0, 1) else text.strip() or "not as it was deployed" if code else ""


def task(code: int, text: str) -> Task | None:
    rows = (
        [Task(*line.split("|")) for line in text.splitlines() if line.count("|") == 2]
        if not code
        else []
    )
    return msgspec.structs.replace(rows[0], image=rows[0].image.partition("@")[0]) if rows else None


def status(s: Stack, ask: Ask[Any]) -> Status:
    """What runs on this host, by which image; on the manager also whether the whole runs as it was deployed, and if not, why."""
    there: Task | None = ask.facts.get("task")
    found = ask.facts.get("stack") if ask.target.host == s.manager else ""
    whole = (
        (("stack", "runs" if found == "" else found or "none"),)
        if ask.target.host == s.manager
        else ()
    )
    fields = (
        ("task", there.state if there else "none"),
        ("image", there.image if there else ""),
        ("swarm", cluster.described(ask.facts.get("swarm") or {})),
    )
    return Status(bool(there and there.runs and found == ""), (*fields, *whole))


def inside(there: Task, *words: str, tty: bool = False, fed: bool = False, user: str = "") -> Argv:
    """`docker exec -uUID:GID -ti ID WORDS`."""
    return (
        "docker",
        "exec",
        *((f"-u{user}",) if user else ()),
        *(("-ti",) if tty else ("-i",) if fed else ()),
        there.id[:12],
        *words,
    )


def logs(
    s: Stack, ask: Ask[Any], service: str, tail: str = "100", follow: bool = False
) -> Session | None:
    """What all tasks of a service have said: the manager tells it; where that is not asked, each host tells of its own."""
    there: Task | None = ask.facts.get("task")
    more = (*(("-f",) if follow else ()), "--tail", tail)
    if ask.target.host == s.manager:
        raw = ("--raw",) if s.tty else ()
        return Session(
            argv=("docker", "service", "logs", *raw, *more, f"{s.name}_{service}"), follow=follow
        )
    if s.manager in ask.target.peers or not there:
        return None
    return Session(argv=("docker", "logs", *more, there.id[:12]), follow=follow)
