"""Workers as data: lines to the letter, and the order in which one gives way to another."""

import json
import shlex
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Phase, Secret, Step, argvs
from fairlead.testing import ENGINE, PODMAN, faults, plan_of
from tests.plugins.triumf.worker.engine import CASES, NAMES, ask, both, standing

ON_PODMAN = {"engine": "podman"}


@pytest.mark.parametrize("case", CASES["lines"], ids=[case["name"] for case in CASES["lines"]])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    question = ask(
        plugins,
        "up",
        {"engine": PODMAN if case["is"].startswith("podman") else ENGINE, **case.get("facts", {})},
        **{part: case[part] for part in ("worker", "registry", "engine") if part in case},
    )
    step = next(
        step for step in plan_of(plugins, question) if step.name == f"{case['of']}: container"
    )
    (argv,) = argvs(step.do)
    front, _, added = shlex.join(argv).partition(" --restart unless-stopped ")
    assert (front, added[-len(case["ends"]) :]) == (case["is"], case["ends"])


@pytest.mark.parametrize(
    "case", CASES["networks"], ids=[case["name"] for case in CASES["networks"]]
)
def test_a_network(plugins: Plugins, case: dict[str, Any]) -> None:
    facts = {key: tuple(case.get(key, ())) for key in ("uplink", "uplink6")}
    question = ask(plugins, "up", facts, engine=case.get("engine", {}))
    step = next(step for step in plan_of(plugins, question) if step.name == "network triumf.ca")
    argv = list(argvs(step.do))[-1]
    assert shlex.join(argv).partition(" --label")[0] == case["is"]
    assert argv[-1] == "triumf.ca"


def test_in_podman_the_network_is_a_file_over_the_bridge_that_is_there(plugins: Plugins) -> None:
    facts = {"uplink": ("10.0.3.1/24", "10.0.3.254"), "engine": PODMAN}
    question = ask(plugins, "up", facts, worker={"engine": "podman"}, engine={"mtu": 9000})
    step = next(step for step in plan_of(plugins, question) if step.name == "network triumf.ca")
    network = json.loads(list(argvs(step.do))[-1][-1])
    assert (network["name"], network["network_interface"]) == ("triumf.ca", "br0")
    assert network["options"] == {"mode": "unmanaged", "mtu": "9000"}
    assert network["subnets"] == [
        {
            "subnet": "10.0.3.0/24",
            "gateway": "10.0.3.254",
            "lease_range": {"start_ip": "10.0.3.144", "end_ip": "10.0.3.159"},
        }
    ]


@pytest.mark.parametrize("network", ["netavark 1.4.0", "cni", ""])
def test_a_podman_that_would_take_the_bridge_for_its_own_is_refused(
    plugins: Plugins, network: str
) -> None:
    facts = {"engine": replace(PODMAN, network=network)}
    worker = {"engine": "podman"}
    with pytest.raises(FairleadError, match=r"cannot lay a network over a bridge.*fixed: false"):
        plugins.ask(ask(plugins, "up", facts, worker=worker))
    checks = {
        check.name: (check.ok, check.blocks)
        for check in plugins.ask(ask(plugins, "preflight", facts, worker=worker))
    }
    assert checks["network over the bridge"] == (False, bool(network))
    plan = plan_of(plugins, ask(plugins, "up", facts, worker=worker | {"fixed": False}))
    assert [step.name for step in plan if step.name.startswith("network")] == []


def test_workers_of_podman_come_back_at_boot_each_by_its_unit(plugins: Plugins) -> None:
    facts = {"engine": PODMAN}
    names = [step.name for step in plan_of(plugins, ask(plugins, "up", facts, worker=ON_PODMAN))]
    assert [name for name in names if name.endswith("at boot")] == [
        "vn0317: at boot",
        "vn0318: at boot",
    ]
    facts = {"engine": PODMAN, "container": both()}
    for verb in ("upgrade", "up"):
        steps = plan_of(plugins, ask(plugins, verb, facts, worker=ON_PODMAN))
        assert "vn0318: at boot" in [step.name for step in steps]


def test_workers_of_podman_are_asked_by_podman_alone(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.worker import host_facts

    for verb in ("preflight", "up", "upgrade", "status", "down", "drain"):
        question = ask(plugins, verb, {"container": both(), "engine": PODMAN}, worker=ON_PODMAN)
        plan = () if verb in ("preflight", "status") else plan_of(plugins, question)
        commands = [fact.argv for fact in host_facts.facts(question)]
        commands += [argv for step in plan for part in parts(step) for argv in argvs(part)]
        words = {argv[0] for argv in commands} | {argv[4] for argv in commands if len(argv) > 4}
        assert ("podman" in words, "docker" in words) == (True, False), verb


def parts(step: Step) -> list[Any]:
    return [part for part in (step.unless, step.do, step.undo, step.until) if part]


def test_a_bridge_without_an_address_is_told(plugins: Plugins) -> None:
    with pytest.raises(
        FairleadError,
        match=r"wn024: br0 has no address, and workers have theirs from its subnet; "
        "inv triumf.engine.up --host=wn024",
    ):
        plugins.ask(ask(plugins, "up", {"uplink": ()}))


@pytest.mark.parametrize(
    ("uplink6", "words"),
    [
        ((), "br0 has no IPv6 address, and workers have theirs from 2001:db8:3::90/124"),
        (("2001:db8:9::1/64",), "br0 has 2001:db8:9::1/64, and workers have theirs from"),
    ],
)
def test_a_bridge_without_ipv6_of_its_subnet_is_told(
    plugins: Plugins, uplink6: Any, words: str
) -> None:
    engine = {"ipv6": True, "ranges6": {"wn024": "2001:db8:3::90/124"}}
    with pytest.raises(FairleadError, match=words):
        plugins.ask(ask(plugins, "up", {"uplink6": uplink6}, engine=engine))


@pytest.mark.parametrize(
    ("verb", "facts"), [("up", {}), ("upgrade", {"container": both()})], ids=["up", "upgrade"]
)
def test_an_image_that_has_to_be_signed_is_proved_before_any_worker_starts(
    plugins: Plugins, verb: str, facts: Any
) -> None:
    question = ask(plugins, verb, facts, worker={"signed": True, "signer": "image.pub"})
    steps = plan_of(plugins, replace(question, secrets={"image.pub": Secret("a key")}))
    names = [step.name for step in steps]
    proved = next(number for number, name in enumerate(names) if name.startswith("signature of "))
    assert (steps[proved].stdin, steps[proved].sensitive) == (Secret("a key"), True)
    assert proved < min(number for number, name in enumerate(names) if name.startswith(NAMES))


def test_the_engines_default_network_leaves_the_bridge_to_the_workers(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine import daemon_config

    before = json.dumps({"bridge": "br0", "fixed-cidr": "10.0.3.144/28", "debug": True})
    for fixed, has in ((True, False), (False, True)):
        section = ask(plugins, "up", worker={"fixed": fixed}).section
        after = json.loads(daemon_config.daemon(section, "wn024", before, "20.10.24"))
        assert [key in after for key in ("bridge", "fixed-cidr", "debug")] == [has, has, True]
        assert daemon_config.changed_network_keys(
            section, "wn024", {daemon_config.DAEMON: before}
        ) == (() if has else ("bridge", "fixed-cidr"))


def test_an_upgrade_is_a_transaction_for_each_worker_which_drains_first(plugins: Plugins) -> None:
    question = ask(plugins, "upgrade", {"container": both()})
    answer = plugins.ask(question)
    assert list(faults(answer)) == []
    assert [(phase.name, phase.rolling, phase.way_back) for phase in answer] == [
        ("resolve", False, ""),
        ("pull", False, ""),
        ("checked", False, ""),
        ("worker 1", True, "yes"),
        ("worker 2", True, "yes"),
    ]
    assert [step.name for step in answer[4].steps] == [
        f"vn0318: {name}"
        for name in (
            "drain",
            "log folder",
            "no restart",
            "stop",
            "archive what is inside",
            "keep the old one",
            "container",
            "healthy",
            "finish",
        )
    ]
    drain = answer[4].steps[0]
    assert (drain.timeout, drain.do[6:]) == (3600, ("fairlead", "3600", "vn0318"))


@pytest.mark.parametrize("verb", ["upgrade", "restart", "down", "rollback"])
def test_a_worker_that_was_drained_on_purpose_drains_again_where_a_verb_is_undone(
    plugins: Plugins, verb: str
) -> None:
    from fairlead_plugins.triumf.worker import condor

    inside = condor.parsed(0, "vn0317 1 1 0\n  Drained Idle 3600 a bad disk\nvn0318 1 1 0\n")
    facts = {"container": both(".previous"), "condor": inside}
    steps = plan_of(plugins, ask(plugins, verb, facts))
    before = [step for step in steps if step.name.endswith("drained before")]
    assert [step.undo[6:] for step in before] == [("a bad disk", "vn0317")]
    assert steps.index(before[0]) < next(
        n for n, s in enumerate(steps) if "stop" in s.name or "restart" in s.name
    )


def test_an_upgrade_starts_a_worker_that_is_not_there_yet_on_what_was_pulled(
    plugins: Plugins,
) -> None:
    first = {name: state for name, state in both().items() if name == "vn0317"}
    answer = plugins.ask(ask(plugins, "upgrade", {"container": first}))
    steps = {phase.name: [step.name for step in phase.steps] for phase in answer}
    assert steps["resolve"] == ["pull"]
    assert "vn0317: stop" in steps["worker 1"]
    assert steps["worker 2"] == ["vn0318: log folder", "vn0318: container", "vn0318: healthy"]


def test_up_leaves_alone_what_is_right_and_drains_what_gives_way(plugins: Plugins) -> None:
    first = plugins.ask(ask(plugins, "up"))
    assert [phase.name for phase in first] == ["workers"]
    spec = next(
        word
        for step in first[0].steps
        for argv in argvs(step.do)
        for word in argv
        if "fairlead.spec=" in word and "vn0317" in str(argv)
    )
    containers = {
        "vn0317": standing("vn0317", spec.partition("=")[2]),
        "vn0318": standing("vn0318"),
    }
    then = plugins.ask(ask(plugins, "up", {"container": containers}))
    assert [phase.name for phase in then] == ["workers", "worker 1"]
    assert then[1].steps[0].name == "vn0318: drain"
    assert not any("drain" in step.name for step in then[0].steps)


def test_without_waiting_nothing_is_drained(plugins: Plugins) -> None:
    for verb in ("down", "restart"):
        for now in (True, False):
            steps = plan_of(plugins, ask(plugins, verb, {"container": both()}, {"now": now}))
            assert any("drain" in step.name for step in steps) is not now


def test_rollback_goes_one_by_one_and_is_refused_where_there_is_nothing_to_return_to(
    plugins: Plugins,
) -> None:
    answer = plugins.ask(ask(plugins, "rollback", {"container": both(".previous")}))
    assert [(phase.name, phase.steps[0].name) for phase in answer if isinstance(phase, Phase)] == [
        ("worker 1", "vn0317: drain"),
        ("worker 2", "vn0318: drain"),
    ]
    with pytest.raises(FairleadError, match="no version of vn0317 to return to"):
        plugins.ask(ask(plugins, "rollback", {"container": both()}))


def test_a_worker_of_another_engine_is_left_alone_and_one_of_none_is_an_error(
    plugins: Plugins,
) -> None:
    assert [
        step.name for step in plan_of(plugins, ask(plugins, "drain", options={"worker": "vn0318"}))
    ] == ["drain"]
    with pytest.raises(FairleadError, match="there is no worker vn9999"):
        plugins.ask(ask(plugins, "drain", options={"worker": "vn9999"}))


@pytest.mark.parametrize(
    ("inside", "fields", "well"),
    [
        ("1 1 2\n  Claimed Busy 3600 undefined", {"state": "takes jobs", "jobs": 2}, True),
        ("1 1 1\n  Claimed Retiring 3600 fairlead", {"state": "draining", "jobs": 1}, True),
        ("1 1 0\n  Drained Idle 3600 fairlead", {"state": "drained", "jobs": 0}, True),
        (
            "1 1 0\n  Drained Idle 3600 a bad disk",
            {"state": "drained (a bad disk)", "jobs": 0},
            True,
        ),
        ("1 1 0", {"state": "condor_startd does not answer", "jobs": 0}, False),
        ("1 0 0", {"state": "condor_startd does not run", "jobs": 0}, False),
        ("0 0 0", {"state": "condor_master does not run", "jobs": 0}, False),
    ],
)
def test_status(plugins: Plugins, inside: str, fields: dict[str, Any], well: bool) -> None:
    from fairlead_plugins.triumf.worker import condor

    containers = condor.parsed(0, f"vn0317 {inside}\nvn0318 1 1 0\n  Unclaimed Idle 0 undefined\n")
    status = plugins.ask(ask(plugins, "status", {"container": both(), "condor": containers}))
    first = {"worker": "vn0317", **fields, "port": 4080, "address": "10.0.3.144"}
    assert (status.healthy, dict(status.fields)["workers"][0]) == (well, first)


@pytest.mark.parametrize("now", ["running", "restarting"])
def test_status_says_how_often_a_worker_was_restarted(plugins: Plugins, now: str) -> None:
    from fairlead_plugins.triumf.worker import condor

    workers = dict(both())
    workers["vn0317"] = msgspec.structs.replace(workers["vn0317"], state=now, restarts=7)
    slot = "  Unclaimed Idle 3600 undefined\n"
    inside = condor.parsed(0, f"vn0317 1 1 0\n{slot}vn0318 1 1 0\n{slot}")
    facts = {"container": workers, "condor": inside}
    rows = dict(plugins.ask(ask(plugins, "status", facts)).fields)["workers"]
    words = {"running": "takes jobs", "restarting": "restarting"}
    assert [row["state"] for row in rows] == [f"{words[now]}, restarted 7 times", "takes jobs"]


@pytest.mark.parametrize(
    ("called", "words"),
    [
        (("vn0317", "vn0318"), "takes jobs"),
        (("vn0318",), "takes jobs, the pool's collector does not call it back"),
        (None, "takes jobs, not known whether the pool can call it"),
    ],
)
def test_status_says_whether_the_pool_can_call_a_worker_without_a_port(
    plugins: Plugins, called: Any, words: str
) -> None:
    from fairlead_plugins.triumf.worker import condor

    slot = "  Unclaimed Idle 3600 undefined\n"
    inside = condor.parsed(0, f"vn0317 1 1 0\n{slot}vn0318 1 1 0\n{slot}")
    facts = {"container": both(), "condor": inside, "called": called}
    status = plugins.ask(ask(plugins, "status", facts, worker={"port": "none"}))
    first = dict(status.fields)["workers"][0]
    assert (first["state"], status.healthy) == (words, words == "takes jobs")


def test_status_has_both_addresses_of_a_worker(plugins: Plugins) -> None:
    engine = {"ipv6": True, "ranges6": {"wn024": "2001:db8:3::90/124"}}
    rows = dict(plugins.ask(ask(plugins, "status", engine=engine)).fields)["workers"]
    assert [(row["address"], row["address6"]) for row in rows] == [
        ("10.0.3.144", "2001:db8:3::90"),
        ("10.0.3.145", "2001:db8:3::91"),
    ]
