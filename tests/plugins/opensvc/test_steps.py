"""What is planned of a node's facts: from nothing to another node."""

from typing import Any

import msgspec
import pytest

from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import Secret, Session, argvs
from fairlead.testing import BASE, ask_for, plan_of
from plugins.opensvc.common import host_facts, instance
from tests.plugins.opensvc.services import (
    NAME,
    PLUGINS,
    SITE,
    ask_service,
    down,
    facts_of,
    names,
    service,
    up,
)

FILE = ["file", "links"]
ABOVE = ["folders", "engine", "image 1", "container 1", "start", "healthy 1", "note 1"]


def test_from_nothing_everything_is_started_in_the_document_s_order() -> None:
    nothing = facts_of(None)
    assert names(ask_service("up", nothing, nothing)) == [
        *FILE,
        "disks",
        "file systems",
        "addresses",
        *ABOVE,
    ]


def test_a_way_back_is_proved_where_it_ran() -> None:
    proofs = {
        verb: [step.name.partition(": ")[2] for step in plan_of(PLUGINS, ask) if step.proof]
        for verb in ("up", "upgrade", "down", "restart")
        for ask in [ask_service(verb, facts_of(up()), facts_of(down()))]
    }
    assert proofs == {
        "up": ["file", "container 1"],
        "upgrade": ["file", "container 1"],
        "down": ["containers", "stop"],
        "restart": ["restart"],
    }
    nothing = facts_of(None)
    assert not [s for s in plan_of(PLUGINS, ask_service("up", nothing, nothing)) if s.proof]


def test_images_are_fetched_anew_where_that_is_asked_for() -> None:
    for pull, question in ((False, "has_image"), (True, "fresh")):
        ask = ask_service("up", facts_of(up()), facts_of(down()), options={"pull": pull})
        (image,) = (step for step in plan_of(PLUGINS, ask) if step.name == f"{NAME}: image 1")
        assert image.unless is not None
        assert next(argvs(image.unless))[3] == question


def test_status_says_how_often_a_container_was_started_anew() -> None:
    for text, words in (
        (f"/{NAME}.container.1 3\n", "# restarted 3 times"),
        (f"/{NAME}.container.1 1\n", "# restarted once"),
        (f"/{NAME}.container.1 0\n", ""),
        ("", ""),
    ):
        restarts = {f"restarts {NAME}": host_facts.parse_restarts(0, text)}
        ask = ask_service("status", facts_of(up()) | restarts, facts_of(down()))
        rows = dict(PLUGINS.ask(ask).fields)[NAME]["resources"]
        assert {row["resource"]: row["notes"] for row in rows}["container#1"] == words
    assert host_facts.parse_restarts(3, f"/{NAME}.container.1 3\n") == {}


def test_the_other_node_gets_the_file_alone_and_later() -> None:
    nothing = facts_of(None)
    ask = ask_service("up", nothing, nothing, host="n2")
    assert names(ask) == FILE
    assert [phase.name for phase in PLUGINS.ask(ask) if phase.steps] == [f"{NAME} elsewhere"]


def test_only_what_is_down_is_started() -> None:
    half = down(vg1="up", fs1="up")
    assert names(ask_service("up", facts_of(half), facts_of(down()))) == [
        *FILE,
        "file systems",
        "addresses",
        *ABOVE,
    ]
    assert names(ask_service("up", facts_of(up()), facts_of(down()))) == [*FILE, *ABOVE]


def test_a_service_that_was_moved_stays_where_it_is() -> None:
    runs, rests = facts_of(up()), facts_of(down())
    assert names(ask_service("up", rests, runs, host="n1")) == FILE
    assert names(ask_service("up", runs, rests, host="n2")) == [*FILE, *ABOVE]


def test_a_volume_group_that_is_active_does_not_make_a_node_the_one_where_it_runs() -> None:
    assert names(ask_service("up", facts_of(down()), facts_of(down(vg1="up")))) == [
        *FILE,
        "disks",
        "file systems",
        "addresses",
        *ABOVE,
    ]


def test_agent_2_1_freezes_what_is_new() -> None:
    nothing = facts_of(None, "2.1")
    assert names(ask_service("up", nothing, nothing))[-2:] == ["note 1", "thaw"]
    assert names(ask_service("up", nothing, nothing, host="n2")) == ["file", "thaw"]


def frozen(status: instance.Instance, generation: str = "2.1") -> dict[str, Any]:
    """The facts of a node where it stands so, and is frozen."""
    return facts_of(msgspec.structs.replace(status, frozen=True), generation)


def test_what_we_froze_is_thawed_and_what_somebody_else_froze_is_told() -> None:
    ours = {f"frozen by us {NAME}": True}
    rests = facts_of(down(), "2.1")
    assert names(ask_service("up", frozen(down()) | ours, rests))[-1] == "thaw"
    assert "frozen" not in names(ask_service("up", frozen(down()) | ours, rests))
    assert names(ask_service("up", rests, frozen(down()) | ours, host="n1"))[-1] == "note 1"
    theirs = ask_service("up", frozen(down()), rests)
    assert ("frozen" in names(theirs), "thaw" in names(theirs)) == (True, False)
    (step,) = (step for step in plan_of(PLUGINS, theirs) if step.name == f"{NAME}: frozen")
    assert (step.do[1], step.read_only, step.show_output) == (
        "it is frozen: the agent neither starts it at boot nor moves it; "
        f"inv opensvc.thaw --service={NAME}",
        True,
        True,
    )


def test_down_freezes_what_the_agent_would_start_again() -> None:
    runs, rests = facts_of(up(), "2.1"), facts_of(down(), "2.1")
    assert names(ask_service("down", runs, rests))[:3] == ["used by others", "freeze", "containers"]
    alone = {"services": {NAME: service(nodes=["n1", "n2"], autostart_node=None)}}
    assert "freeze" not in names(ask_service("down", runs, rests, section=alone))
    assert "freeze" not in names(ask_service("down", facts_of(up()), facts_of(down())))


def test_preflight_warns_of_what_somebody_froze() -> None:
    for more, is_well in (({}, False), ({f"frozen by us {NAME}": True}, True)):
        checks = PLUGINS.ask(ask_service("up", frozen(up()) | more), "preflight")
        (check,) = (check for check in checks if check.name == f"{NAME}: freeze")
        assert (check.ok, check.blocks) == (is_well, False)


SETTINGS = {
    "": "none of them",
    "{}": "none of them",
    '{"insecure-registries": ["a"]}': "none of them",
    '{"exec-opts": ["native.cgroupdriver=systemd"], "data-root": "/a"}': "data-root, exec-opts",
    "{": "no JSON",
    None: "not known",
}


@pytest.mark.parametrize("text", SETTINGS)
def test_preflight_names_what_ends_every_engine_of_a_service(text: str | None) -> None:
    found = checks_of_node(facts_of(up(), "2.1") | {"daemon.json": text})["daemon.json"]
    assert (found.found, found.ok) == (SETTINGS[text], SETTINGS[text] == "none of them")


def test_preflight_asks_for_a_docker_that_2014_can_speak_to() -> None:
    exec_opts = {"daemon.json": '{"exec-opts": []}'}
    found = checks_of_node(facts_of(up()) | exec_opts)
    assert (found["docker of 2014"].found, found["docker of 2014"].ok) == ("none", False)
    assert found["daemon.json"].ok  # that agent gives its engines no such option
    wrapped = checks_of_node(facts_of(up()) | {"docker is wrapped": True})
    assert wrapped["docker of 2014"].ok
    assert "docker of 2014" not in checks_of_node(facts_of(up(), "2.1"))


def checks_of_node(facts: dict[str, Any]) -> dict[str, Any]:
    ask = ask_for(PLUGINS, "opensvc.agent", "preflight", section=SITE, facts=facts)
    return {check.name: check for check in PLUGINS.ask(ask)}


def test_one_service_alone_need_not_be_named() -> None:
    runs = facts_of(up(), "2.1")
    assert names(ask_service("freeze", runs)) == ["freeze"]
    assert names(ask_service("thaw", runs)) == ["thaw"]
    assert names(ask_service("takeover", runs))[0] == "file"
    rests = facts_of(down(), "2.1")
    assert PLUGINS.ask(ask_service("switch", rests, runs, host="n2", options={"to": "n2"}))
    two = {"services": SITE["services"] | {"b": service(nodes=["n1"], autostart_node=None)}}
    with pytest.raises(CommandLineError, match="--service: which one.; there are: .*, b"):
        PLUGINS.ask(ask_service("freeze", runs, section=two))


REFUSED = {
    "up on two nodes": (
        "up",
        facts_of(up()),
        facts_of(up()),
        f"n1: {NAME} is up on n1 and n2; find out which one is right, and stop the other: "
        "inv opensvc.down",
    ),
    "no agent": (
        "up",
        dict(BASE) | {"agent": "none"},
        None,
        "n1: there is no OpenSVC agent; install it; inv opensvc.agent.preflight tells what is "
        "looked for",
    ),
    "nothing to restart": (
        "restart",
        facts_of(down()),
        facts_of(down()),
        "n1: none of its services runs; inv opensvc.up",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_right_is_refused(case: str) -> None:
    verb, here, there, sentence = REFUSED[case]
    with pytest.raises(FairleadError) as error:
        PLUGINS.ask(ask_service(verb, here, there))
    assert str(error.value) == sentence


def test_a_node_that_was_not_asked_may_have_it() -> None:
    ask = ask_service("up", facts_of(down()))
    target = msgspec.structs.replace(ask.target, everywhere=("n1", "n2"))
    with pytest.raises(FairleadError) as error:
        PLUGINS.ask(msgspec.structs.replace(ask, target=target))
    assert str(error.value) == (
        f"n1: {NAME} may run on n2, which was not asked; leave --host away; where that node is "
        f"dead, inv opensvc.takeover --service={NAME} --host=n1"
    )


def test_it_goes_down_in_reverse_and_nothing_is_unprovisioned() -> None:
    ask = ask_service("down", facts_of(up()), facts_of(down()))
    assert names(ask) == ["used by others", "containers", "engine", "used by anybody", "stop"]
    words = {word for step in plan_of(PLUGINS, ask) for argv in commands_of(step) for word in argv}
    assert words & {"unprovision", "purge", "delete", "provision"} == set()


def commands_of(step: Any) -> list[tuple[str, ...]]:
    return [
        argv
        for command in (step.do, step.undo, step.unless, step.until)
        if command
        for argv in argvs(command)
    ]


ACTIONS = {
    "json_status",
    "print",
    "start",
    "startvg",
    "startfs",
    "startip",
    "stop",
    "-s",
    "create",
    "validate",
    "docker",
    "freeze",
    "thaw",
}


def words_to_the_agent(argv: tuple[str, ...]) -> list[int]:
    """Where in a command an agent is called."""
    known = ("om", f"/opt/opensvc/etc/{NAME}", "/opt/opensvc/bin/svcmgr")
    return [
        at for at, word in enumerate(argv) if word in known and ACTIONS & set(argv[at + 1 : at + 3])
    ]


@pytest.mark.parametrize("verb", ["up", "upgrade", "down", "restart", "freeze", "thaw"])
@pytest.mark.parametrize("generation", ["legacy", "2.1"])
def test_every_word_to_an_agent_has_a_time_out(verb: str, generation: str) -> None:
    options = {"service": NAME} if verb in ("freeze", "thaw") else {}
    ask = ask_service(
        verb,
        facts_of(up(), generation),
        facts_of(down(), generation),
        options=options,
    )
    prefixes = [
        argv[at - 4 : at - 1]
        for step in plan_of(PLUGINS, ask)
        for argv in commands_of(step)
        for at in words_to_the_agent(argv)
    ]
    assert len(prefixes) >= 2
    assert set(prefixes) == {("timeout", "-k", "5")}


def test_a_move_is_prepared_then_stopped_then_started() -> None:
    runs, rests = facts_of(up()), facts_of(down())
    options = {"service": NAME, "to": "n2"}
    before = ask_service("switch", runs, rests, host="n1", options=options)
    after = ask_service("switch", rests, runs, host="n2", options=options)
    assert busy_phases(before) == ["stops"]
    assert busy_phases(after) == ["is prepared", "starts"]
    with pytest.raises(
        CommandLineError,
        match="--to: n3 is none of the nodes of docker.opensvc.com; they are n1, n2",
    ):
        PLUGINS.ask(ask_service("switch", runs, rests, options={"service": NAME, "to": "n3"}))


def busy_phases(ask: Any) -> list[str]:
    """The phases of four that have steps, without the service's name."""
    phases = list(PLUGINS.ask(ask))
    assert [phase.name for phase in phases] == [
        f"{NAME} is prepared",
        f"{NAME} stops",
        f"{NAME} starts",
        f"{NAME} may return",
    ]
    return [phase.name.removeprefix(f"{NAME} ") for phase in phases if phase.steps]


def test_takeover_is_for_one_node_and_not_while_the_address_answers() -> None:
    rests, options = facts_of(down()), {"service": NAME}
    free = rests | {f"ip {NAME}": ("free", "192.0.2.1")}
    assert names(ask_service("takeover", free, options=options)) == [
        *FILE,
        "disks",
        "file systems",
        "addresses",
        *ABOVE,
    ]
    with pytest.raises(
        FairleadError,
        match="the address of docker.opensvc.com still answers: another node is alive",
    ):
        PLUGINS.ask(
            ask_service("takeover", rests | {f"ip {NAME}": ("taken", "192.0.2.1")}, options=options)
        )
    with pytest.raises(CommandLineError, match="takeover is for one node"):
        PLUGINS.ask(ask_service("takeover", rests, rests, peers=("n1", "n2"), options=options))


def test_preflight_is_of_the_services_that_are_meant() -> None:
    section = {
        "services": SITE["services"]
        | {"other": service(nodes=["n1"], autostart_node=None, docker_data_dir="/opt/other")}
    }

    def subjects(**options: str) -> set[str]:
        ask = ask_service("up", facts_of(None), section=section, options=options)
        return {check.name.partition(":")[0] for check in PLUGINS.ask(ask, "preflight")}

    assert subjects() == {"agent", NAME, "other"}
    assert subjects(service="other") == {"agent", "other"}


def test_words_go_to_the_engine_where_the_service_runs() -> None:
    runs, rests = {f"containers {NAME}": ("a.container.1",)}, {f"containers {NAME}": None}
    ask = ask_service("docker", runs, rests, options={"service": NAME}, argv=("ps", "-a"))
    session = PLUGINS.ask(ask)
    assert isinstance(session, Session)
    assert session.argv[4:] == (
        f"/opt/opensvc/var/{NAME}/docker.sock /var/lib/opensvc/svc/{NAME}/docker.sock",
        "docker",
        "ps",
        "-a",
    )
    assert (
        PLUGINS.ask(ask_service("docker", rests, runs, host="n2", options={"service": NAME}))
        is None
    )


def test_a_login_is_on_stdin_alone() -> None:
    section = {
        "registries": {"registry.example.org:5000": {"user": "puller", "password_secret": "pw"}},
        "services": {
            NAME: SITE["services"][NAME]
            | {"containers": [{"image": "registry.example.org:5000/web:1"}]}
        },
    }
    nothing = facts_of(None)
    ask = ask_service("up", nothing, nothing, section=section, secrets={"pw": Secret("swordfish")})
    step = next(step for step in plan_of(PLUGINS, ask) if step.name.endswith("image 1"))
    assert (step.stdin, step.sensitive) == (Secret("swordfish"), True)
    assert "swordfish" not in repr(step)
    assert [spec.name for spec in PLUGINS.ask(ask, "needs")] == ["pw"]
