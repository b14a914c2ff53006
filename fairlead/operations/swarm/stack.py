"""A stack of a Docker Swarm as data, and the steps in which it comes to be: secrets, nodes,
services, and the truth about them.

Source: "Deploy a stack to a swarm", "Manage sensitive data with Docker secrets" in Docker's
documentation. `docker stack deploy` ends 0 for services that never run and after a roll-back of its
own; secrets cannot be changed, so each has versions, NAME-1, NAME-2: the newest is in service.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.errors import CommandLineError
from fairlead.model.plan import (
    Argv,
    Ask,
    Fact,
    Noun,
    Phase,
    Secret,
    Session,
    Status,
    Step,
    same,
)
from fairlead.model.processes import SESSION
from fairlead.operations import script
from fairlead.operations.argv import docker
from fairlead.operations.container.state import times_restarted
from fairlead.operations.files import put
from fairlead.operations.swarm import cluster

sh = script.beside(__file__)

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
    """A stack as it should be, on the nodes of `hosts`. Times are seconds.

    `manager` is the host that launches it; `root` a folder there, closed to others. `files` are
    stack files on the manager: ours, that of `file`, is laid over them; the variables of `env_file`
    fill them. `secrets` are external ones, by the names that they have in the files. Another image
    under one of the names in `images`, and the tasks are replaced. `resolve` "never": images lie on
    the nodes; "always": they come from a registry. `replicas` 0: one on each node. With `tty` its
    containers have a terminal: Docker tells their logs without the names of tasks. `more` belongs
    to every service: a healthcheck. `steady`: how long a task has to have run, to count.
    """

    name: str
    manager: str
    root: str
    services: tuple[str, ...]
    files: tuple[str, ...]
    env_file: str = ""
    secrets: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    resolve: str = "never"
    hosts: tuple[str, ...] = ()
    replicas: int = 0
    tty: bool = False
    more: Mapping[str, Any] = {}
    patience: int = 120
    steady: int = docker.STEADY

    @property
    def file(self) -> str:
        return f"{self.root}/{self.name}.json"


def label(name: str) -> str:
    """Of the nodes on which a stack runs."""
    return f"fairlead.{name}"


def overlay(s: Stack) -> Mapping[str, Any]:
    """What fairlead lays over the files.

    Tasks on labelled nodes, the new one up before the old one goes, and versions of secrets.
    """
    mode = {"mode": "replicated", "replicas": s.replicas} if s.replicas else {"mode": "global"}
    rolling = {"order": "start-first", "parallelism": 1, "monitor": f"{s.steady}s"}
    deploy = {
        **mode,
        "endpoint_mode": "dnsrr",
        "placement": {"constraints": [f"node.labels.{label(s.name)} == yes"]},
        "restart_policy": {"condition": "any", "delay": "2s"},
        "update_config": {
            "order": "start-first",
            "parallelism": 1,
            "failure_action": "rollback",
            "monitor": f"{s.steady}s",
        },
        "rollback_config": rolling,
    }
    service = {"labels": {"fairlead.spec": "${FAIRLEAD_SPEC}"}, "deploy": deploy, **s.more}
    secrets = {
        name: {"external": True, "name": f"${{FAIRLEAD_SECRET_{n}}}"}
        for n, name in enumerate(s.secrets, 1)
    }
    services = dict.fromkeys(s.services, service)
    content: dict[str, Any] = {"version": "3.8", "services": services}
    return content | {"secrets": secrets} if secrets else content


def ignored(text: str) -> tuple[str, ...]:
    """The keys of a stack file that a swarm passes over, so that the service would not be what the
    file says.
    """
    return tuple(key for key in IGNORED if re.search(rf"^\s+{key}:", text, re.MULTILINE))


# Verbs: each gives this host's part


def up(
    s: Stack,
    ask: Ask,
    values: Mapping[str, Secret],
    *first: Step,
    after: tuple[str, ...] = (),
) -> Iterator[Phase]:
    """The swarm, then what runs in it, and, once that is so, the end of what ran before.

    `values`: of secrets, by name; `first`: steps before the stack is launched; `after`: the names
    of steps that bring what it is made of: its images, the variables of its files.
    """
    refuse_part(s, ask)
    yield from cluster.phases(ask, s.manager)
    if ask.target.host == s.manager:
        launch = (
            *secrets(s, ask, values),
            *first,
            _file(s),
            _nodes(s, ask),
            _deployed(s, ask, after),
            _converged(s, gate=ask.facts.get("stack") is not None),
        )
        yield Phase("stack", launch)
        yield Phase("stack tidied", (_tidied(s),))


def secrets(
    s: Stack,
    ask: Ask,
    values: Mapping[str, Secret],
) -> Iterator[Step]:
    """A version of each secret that holds its value; one that is not given stays.

    Who uses an older one goes on with it until `up`.
    """
    if ask.target.host == s.manager:
        yield _folder(s)
        yield from (
            _secret(
                s,
                name,
                values[name],
            )
            for name in s.secrets
            if name in values
        )


def down(s: Stack, ask: Ask) -> Iterator[Phase]:
    """The stack is gone with its networks, and its containers on every host; secrets and swarm
    stay.
    """
    refuse_part(s, ask)
    if ask.target.host == s.manager:
        gone = Step(
            name="no stack",
            unless=sh("is_gone", s.root, s.name),
            do=sh("remove", s.root, s.name),
            undo=sh("deploy", *_words(s)),
            proof=_runs(s),
            proof_within=s.patience + 30,
            timeout=120,
        )
        yield Phase("stack", (gone,))
    mine = ("docker", "ps", "-aq", "--filter", f"label=com.docker.stack.namespace={s.name}")
    yield Phase(
        "containers",
        (
            Step(
                name="no containers",
                until=same(mine, ""),
                timeout=60,
            ),
        ),
    )


def restart(s: Stack, ask: Ask, service: str) -> Iterator[Step]:
    """Its tasks are replaced, each new one up before the old one goes."""
    if ask.target.host == s.manager:
        yield Step(
            name="restart",
            do=("docker", "service", "update", "--force", "--detach", f"{s.name}_{service}"),
        )
        yield Step(
            name="converged",
            do=sh("converge", *_words(s)),
            timeout=s.patience + 30,
            interruptible=True,
        )


def refuse_part(s: Stack, ask: Ask) -> None:
    """Raises CommandLineError for a part of the hosts: a stack is launched as a whole, by its
    manager.
    """
    left = [host for host in ask.target.everywhere if host not in ask.target.peers]
    if left:
        raise CommandLineError(
            "--host",
            f"the stack {s.name} is launched as a whole, and {', '.join(left)} would be left out",
            "leave --host away",
        )


# The manager's steps


def _folder(s: Stack) -> Step:
    return Step(
        name="folder",
        unless=sh("folder", s.root),
        do=sh("make_folder", s.root),
        undo=("true",),
    )


def _secret(s: Stack, name: str, value: Secret) -> Step:
    words = (s.root, s.name, name)
    return Step(
        name=f"secret {name}",
        unless=sh("secret_holds", *words),
        do=sh("secret_create", *words),
        undo=sh("secret_uncreate", *words),
        stdin=value,
        compares=True,
        sensitive=True,
        timeout=60,
    )


def _file(s: Stack) -> Step:
    return put(
        s.file,
        json.dumps(overlay(s), indent=2) + "\n",
        mode=0o600,
        name="stack file",
    )


def _nodes(s: Stack, ask: Ask) -> Step:
    words = (s.root, s.name, label(s.name))
    answering = (host for host in s.hosts if host in ask.around)
    nodes = tuple(cluster.node(ask, host) for host in answering)
    return Step(
        name="nodes",
        unless=sh("labelled", *words, *nodes),
        do=sh("label", *words, *nodes),
        undo=sh("unlabel", *words),
        timeout=60,
    )


def _deployed(s: Stack, ask: Ask, after: tuple[str, ...]) -> Step:
    return Step(
        name="deployed",
        unless=sh("deployed", *_words(s)),
        do=sh("deploy", *_words(s)),
        undo=sh("undeploy", s.root, s.name),
        proof=_runs(s) if ask.facts.get("stack") is not None else None,
        proof_within=s.patience + 30,
        timeout=120,
        after=(*after, *(f"secret {name}" for name in s.secrets), "stack file"),
    )


def _runs(s: Stack) -> Argv:
    """The question whether what is deployed runs, whatever it is."""
    return sh("stack_state", "", s.name)


def _converged(s: Stack, gate: bool) -> Step:
    """Every task that is wanted runs, by the specification of now.

    It is a gate where there is an old one that comes back.
    """
    return Step(
        name="converged",
        unless=sh("converged", *_words(s)),
        do=sh("converge", *_words(s)),
        timeout=s.patience + 30,
        interruptible=True,
        gate=gate,
        after=("nodes", "deployed"),
    )


def _tidied(s: Stack) -> Step:
    words = (s.root, s.name, *s.secrets)
    return Step(
        name="nothing old",
        unless=sh("tidied", *words),
        do=sh("tidy", *words),
        after=("deployed",),
    )


def _words(s: Stack) -> tuple[str, ...]:
    """What programs that fill the files are given: see shell/prepare_lib.sh."""
    times = (str(s.patience), str(s.steady))
    contents = (s.env_file, " ".join(s.secrets), " ".join(s.images), s.resolve)
    return (s.root, s.name, *times, *contents, *s.files, s.file)


# Looking


class Task(Noun):
    """The container of a service on this host.

    `state` in Docker's words: Up 3 minutes (healthy).
    """

    id: str
    state: str
    image: str

    @property
    def runs(self) -> bool:
        return self.state.startswith("Up") and "unhealthy" not in self.state


def facts(name: str, ask: Ask) -> Iterator[Fact]:
    """`swarm`; `task`: what runs of the stack NAME on this host; `stack`: how the whole is, where
    this host can tell.
    """
    yield cluster.fact()
    yield Fact("task", sh("task", name), task)
    yield Fact("stack", sh("stack_state", "", name, "all"), state, timeout=30)
    if ask.verb == "status":
        yield Fact("restarts", sh("restarts", "", name), restarts, timeout=30)


def restarts(code: int, text: str) -> Mapping[str, int]:
    """ID of a node -> how often its task was started anew, as far as this host can tell."""
    rows = re.findall(r"^(\S+) (\d+)$", text, re.M) if code == 0 else []
    return {node: int(count) for node, count in rows}


def state(code: int, text: str) -> str | None:
    """How the whole is: "" as it was deployed, else what is not so.

    None: there is nothing of it, or a manager has to be asked.
    """
    if code == 0:
        return ""
    return (text.strip() or "not as it was deployed") if code == 1 else None


def task(code: int, text: str) -> Task | None:
    """The first of the stack's containers on this host."""
    rows = [line.split("|") for line in text.splitlines() if line.count("|") == 2]
    if code or not rows:
        return None
    id_, state, image = rows[0]
    return Task(id_, state, image.partition("@")[0])


def status(s: Stack, ask: Ask) -> Status:
    """What runs on this host, by which image.

    On the manager also whether the whole runs as it was deployed, and if not, why.
    """
    task: Task | None = ask.facts.get("task")
    is_manager = ask.target.host == s.manager
    stack = ask.facts.get("stack") if is_manager else ""
    words = (task.state if task else "none", *_restarted(s, ask))
    fields = [
        ("task", ", ".join(words)),
        ("image", task.image if task else ""),
        ("swarm", cluster.described(ask.facts.get("swarm") or {})),
    ]
    if is_manager:
        fields.append(("stack", "runs" if stack == "" else stack or "none"))
    return Status(bool(task and task.runs and stack == ""), tuple(fields))


def _restarted(s: Stack, ask: Ask) -> Iterator[str]:
    """How often the task of this host was started anew, by the manager's word."""
    counts: Mapping[str, int] = ask.around.get(s.manager, ask.facts).get("restarts") or {}
    if count := counts.get((ask.facts.get("swarm") or {}).get("NodeID", ""), 0):
        yield times_restarted(count)


def inside(
    task: Task,
    *words: str,
    tty: bool = False,
    fed: bool = False,
    user: str = "",
) -> Argv:
    """`docker exec -uUID:GID -ti ID WORDS`."""
    terminal = "-ti" if tty else "-i"
    return (
        "docker",
        "exec",
        *("--env", SESSION),
        *((f"-u{user}",) if user else ()),
        *((terminal,) if tty or fed else ()),
        task.id[:12],
        *words,
    )


def logs(
    s: Stack, ask: Ask, service: str, tail: str = "100", follow: bool = False
) -> Session | None:
    """What all tasks of a service have printed.

    The manager tells it; where that is not asked, each host tells of its own task.
    """
    task: Task | None = ask.facts.get("task")
    more = (*(("-f",) if follow else ()), "--tail", tail)
    if ask.target.host == s.manager:
        raw = ("--raw",) if s.tty else ()
        argv = ("docker", "service", "logs", *raw, *more, f"{s.name}_{service}")
        return Session(argv=argv, follow=follow)
    if s.manager in ask.target.peers or not task:
        return None
    return Session(argv=("docker", "logs", *more, task.id[:12]), follow=follow)
