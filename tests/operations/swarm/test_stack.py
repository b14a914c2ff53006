"""A stack as data, and the truth about its tasks: the judging program is fed with what a `docker`
that stands beside it says.
"""

import os
import subprocess
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Ask, Noun, Secret, Target
from fairlead.operations import script
from fairlead.operations.swarm import stack
from fairlead.operations.swarm.stack import Stack, Task
from tests.operations.swarm.test_cluster import WHOLE

STACK = Stack(
    name="lamp",
    manager="n1",
    root="/var/lib/lamp",
    services=("light",),
    files=("/etc/lamp.yml",),
    secrets=("lamp-code",),
    hosts=("n1", "n2", "n3"),
)


def ask_on(host: str, peers: tuple[str, ...] = STACK.hosts, stack: str | None = None) -> Ask:
    target = Target(
        site="x",
        host=host,
        system="s",
        component="c",
        section=None,
        peers=peers,
        everywhere=STACK.hosts,
    )
    around = {name: {"swarm": swarm} for name, swarm in WHOLE.items()}
    return Ask("up", target, {**around[host], "stack": stack}, Noun(), around=around)


def steps(host: str, **more: str) -> dict[str, list[str]]:
    phases = stack.up(STACK, ask_on(host, **more), {"lamp-code": Secret("s3cret")})
    return {phase.name: [step.name for step in phase.steps] for phase in phases if phase.steps}


def test_the_manager_does_it_all_and_the_end_of_the_old_is_a_phase_of_its_own() -> None:
    assert steps("n1") == {
        "stack": ["folder", "secret lamp-code", "stack file", "nodes", "deployed", "converged"],
        "stack tidied": ["nothing old"],
    }
    assert steps("n2") == {}


def test_a_first_launch_has_no_old_one_to_come_back() -> None:
    gates = [
        [step.gate for step in phase.steps]
        for state in (None, "")
        for phase in stack.up(STACK, ask_on("n1", stack=state), {})
        if phase.steps
    ]
    assert [gate[-1] for gate in gates[::2]] == [False, True]


def test_a_secret_goes_by_stdin_and_is_compared_there() -> None:
    step = next(
        step
        for step in stack.secrets(STACK, ask_on("n1"), {"lamp-code": Secret("s3cret")})
        if "secret" in step.name
    )
    assert (step.stdin, step.compares, step.sensitive) == (Secret("s3cret"), True, True)
    assert "s3cret" not in repr((step.do, step.unless, step.undo))
    assert [step.name for step in stack.secrets(STACK, ask_on("n1"), {})] == ["folder"]


def test_the_label_of_a_secret_s_digest_is_that_of_secrets_made_before() -> None:
    assert '--label "fairlead.digest=$digest"' in stack.sh.text("secret_create")
    assert '.Labels "fairlead.digest"' in stack.sh.text("secret_holds")


def test_a_part_of_its_hosts_is_refused() -> None:
    with pytest.raises(
        CommandLineError,
        match="--host: the stack lamp is launched as a whole, and n2, n3 would be left out; "
        "leave --host away",
    ):
        tuple(stack.up(STACK, ask_on("n1", ("n1",)), {}))


def test_what_is_laid_over_the_files() -> None:
    overlay = stack.overlay(STACK)
    deploy = overlay["services"]["light"]["deploy"]
    assert (deploy["mode"], deploy["endpoint_mode"], deploy["placement"]) == (
        "global",
        "dnsrr",
        {"constraints": ["node.labels.fairlead.lamp == yes"]},
    )
    assert (deploy["update_config"]["order"], deploy["update_config"]["failure_action"]) == (
        "start-first",
        "rollback",
    )
    assert overlay["secrets"] == {"lamp-code": {"external": True, "name": "${FAIRLEAD_SECRET_1}"}}
    assert "ports" not in str(overlay)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("services:\n  a:\n    image: x\n    tty: true\n", ()),
        (
            "services:\n  a:\n    privileged: true\n    pid: host\n    devices: [/dev/fuse]\n",
            ("privileged", "pid", "devices"),
        ),
        ("services:\n  pid:\n    image: devices\n", ("pid",)),
    ],
)
def test_what_a_swarm_passes_over_is_named(text: str, expected: tuple[str, ...]) -> None:
    assert stack.ignored(text) == expected


def test_down_is_the_managers_and_every_host_waits_until_its_containers_are_gone() -> None:
    phases = {
        host: [
            (phase.name, [step.name for step in phase.steps])
            for phase in stack.down(STACK, ask_on(host))
        ]
        for host in ("n1", "n2")
    }
    assert phases == {
        "n1": [("stack", ["no stack"]), ("containers", ["no containers"])],
        "n2": [("containers", ["no containers"])],
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (
            "0a1b|Up 3 minutes (healthy)|busybox:1@sha256:00\n",
            Task("0a1b", "Up 3 minutes (healthy)", "busybox:1"),
        ),
        (
            "0a1b|Exited (3) 2 seconds ago|busybox:1\n",
            Task("0a1b", "Exited (3) 2 seconds ago", "busybox:1"),
        ),
    ],
)
def test_what_runs_on_a_host(text: str, expected: Task | None) -> None:
    assert stack.task(0, text) == expected
    assert bool(expected and expected.runs) == ("Up" in text)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ("", "Up 3 minutes"),
        ("me 1\n", "Up 3 minutes, restarted once"),
        ("other 7\n", "Up 3 minutes"),
    ],
)
def test_status_says_how_often_a_task_was_started_anew(counts: str, words: str) -> None:
    asked = ask_on("n2")
    node = asked.facts["swarm"]["NodeID"]
    counts = counts.replace("me", node)
    around = {**asked.around, "n1": {"restarts": stack.restarts(0, counts)}}
    facts = asked.facts | {"task": Task("0a1b", "Up 3 minutes", "busybox:1")}
    status = stack.status(STACK, msgspec.structs.replace(asked, facts=facts, around=around))
    assert status.fields[0] == ("task", words)


@pytest.mark.parametrize(("code", "text"), [(3, ""), (0, ""), (0, "no count\n")])
def test_a_host_that_cannot_tell_of_restarts_tells_of_none(code: int, text: str) -> None:
    assert stack.restarts(code, text) == {}


def test_that_the_old_stack_is_back_is_proved_where_there_was_one() -> None:
    proofs = [
        {step.name for phase in phases for step in phase.steps if step.proof}
        for phases in (
            stack.up(STACK, ask_on("n1"), {}),
            stack.up(STACK, ask_on("n1", stack=""), {}),
            stack.down(STACK, ask_on("n1")),
        )
    ]
    assert proofs == [set(), {"deployed"}, {"no stack"}]


def test_exec_is_the_documents_line() -> None:
    there = Task("0123456789abcdef", "Up 3 minutes", "x")
    assert stack.inside(there, "bash", tty=True, user="0:0") == (
        "docker",
        "exec",
        *("--env", "FAIRLEAD_SESSION"),
        "-u0:0",
        "-ti",
        "0123456789ab",
        "bash",
    )


# The judging program

DOCKER = "#!/bin/sh\n" + script.beside(__file__).text("docker")


def judged(
    folder: Path,
    about: str,
    *tasks: str,
    old: str = "",
    nodes: tuple[str, ...] = ("Ready n1", "Ready n2"),
) -> tuple[int, str]:
    """Exit code and words of `judge` for a service on these nodes."""
    (folder / "docker").write_text(DOCKER)
    (folder / "docker").chmod(0o755)
    (folder / "about").write_text(about + "\n")
    (folder / "tasks").write_text("".join(f"{task}\n" for task in tasks))
    (folder / "lamp.tasks").write_text(old)
    (folder / "nodes").write_text("".join(f"{node}\n" for node in nodes))
    program = (
        stack.sh.text("stack_lib")
        + stack.sh.text("judge_lib")
        + 'own= steady=6 FAIRLEAD_SPEC=new\njudge; r=$?; echo "${why%. }"; exit $r'
    )
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", program, "x", str(folder), "lamp"],
        capture_output=True,
        text=True,
        cwd=folder,
        env=path,
        timeout=10,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.rstrip("\n")


RUNS = ("1|n1|Running|Running 7 seconds ago|", "2|n2|Running|Running about a minute ago|")


@pytest.mark.parametrize(
    ("about", "tasks", "code", "words"),
    [
        ("lamp_light|new||", RUNS, 0, "lamp_light: 2 of 2 run"),
        ("lamp_light|new|2|completed|update completed", RUNS, 0, "lamp_light: 2 of 2 run"),
        (
            "lamp_light|new||",
            (*RUNS, "o1|n1|Shutdown|Shutdown 9 seconds ago|"),
            0,
            "lamp_light: 2 of 2 run",
        ),
        (
            "lamp_light|new||",
            (*RUNS, "o1|n1|Shutdown|Running 9 seconds ago|"),
            1,
            "lamp_light: 2 of 2 run",
        ),
        ("lamp_light|new||updating|update in progress", RUNS, 1, "lamp_light: 2 of 2 run"),
        (
            "lamp_light|new||",
            (RUNS[0], "2|n2|Running|Running 2 seconds ago|"),
            1,
            "lamp_light: 2 of 2 run",
        ),
        (
            "lamp_light|new||",
            (RUNS[0], "2|n2|Running|Running less than a second ago|"),
            1,
            "lamp_light: 2 of 2 run",
        ),
        (
            "lamp_light|new||",
            (RUNS[0], "2|n2|Running|Running 5 seconds ago|"),
            1,
            "lamp_light: 2 of 2 run",
        ),
        (
            "lamp_light|new|2|",
            (RUNS[0], '2||Running|Pending 7 seconds ago|"no suitable node (1 node not available)"'),
            1,
            "lamp_light: 1 of 2 run; no suitable node (1 node not available)",
        ),
        (
            "lamp_light|new||",
            (
                "9|n1|Ready|Preparing|",
                *(
                    f'{n}|n1|Shutdown|Failed {n} seconds ago|"task: non-zero exit (3)"'
                    for n in range(6)
                ),
            ),
            3,
            "lamp_light: 0 of 2 run; n1: task: non-zero exit (3)",
        ),
        (
            "lamp_light|new||paused|update paused due to failure",
            RUNS[:1],
            3,
            "lamp_light: 1 of 2 run (update paused due to failure)",
        ),
        (
            "lamp_light|old||rollback_completed|rollback completed",
            (),
            3,
            "lamp_light: 0 of 2 run (rollback completed)",
        ),
        (
            "lamp_light|old||rollback_started|update rolled back",
            (),
            1,
            "lamp_light: 0 of 2 run (update rolled back)",
        ),
    ],
)
def test_the_truth_about_a_service(
    tmp_path: Path, about: str, tasks: tuple[str, ...], code: int, words: str
) -> None:
    assert judged(tmp_path, about, *tasks) == (code, words)


def test_failures_of_an_earlier_attempt_do_not_count(tmp_path: Path) -> None:
    failed = [f'{n}|n1|Shutdown|Failed {n} seconds ago|"task: non-zero exit (3)"' for n in range(6)]
    assert judged(
        tmp_path, "lamp_light|new||", *failed, old="".join(f"{n}\n" for n in range(6))
    ) == (1, "lamp_light: 0 of 2 run")


def test_a_node_that_is_down_is_left_out_and_said(tmp_path: Path) -> None:
    """What ran there has an old specification, and counts for as long as the node is away."""
    nodes = ("Ready n1", "Ready n2", "Down n3")
    stale = "o3|n3|Shutdown|Running 9 minutes ago|"
    about = "lamp_light|new||completed|update completed"
    assert judged(tmp_path, about, *RUNS, stale, nodes=nodes) == (
        0,
        "lamp_light: 2 of 2 run. n3: down, and left out",
    )
    assert judged(tmp_path, about, RUNS[0], stale, nodes=nodes) == (
        1,
        "lamp_light: 1 of 2 run. n3: down, and left out",
    )


def test_a_host_that_did_not_answer_is_no_node_to_be_joined_or_labelled() -> None:
    ask = ask_on("n1")
    left = {name: facts for name, facts in ask.around.items() if name != "n3"}
    phases = list(stack.up(STACK, replace(ask, around=left), {}))
    (nodes,) = (step for phase in phases for step in phase.steps if step.name == "nodes")
    assert "swarm" not in [phase.name for phase in phases]
    assert [word for word in nodes.do if "Registered" in repr(word)] == []
    assert len(nodes.do) == len(("sh", "-c", "TEXT", "label", "ROOT", "STACK", "LABEL", "n1", "n2"))
