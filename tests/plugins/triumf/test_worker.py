"""TRIUMF's workers as data: lines to the letter, what a site is refused for, preflight, and the order in which one gives way to another."""

import json
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.plan import Phase, Secret, argvs
from fairlead.operations.container.state import ContainerState
from fairlead.testing import BASE, ask_for, faults, plan_of

PLUGINS = Path(__file__).parents[3] / "plugins"
CASES = yaml.safe_load((PLUGINS / "triumf/cases/worker.yml").read_text())
WELL = {
    "uplink": ("10.0.3.1/24", ""),
    "cvmfs": (("autofs", "rw,fd=5,timeout=0,minproto=5"), ("fuse", "ro")),
    "homes": {"atlas001": 40001},
    "users": {"root": 0, "atlas001": 40001},
    "crls": (("a.r0", 4e9), ("b.r0", 4e9)),
    "published": {},
    "sockets": (),
    "dns": {f"vn03{n}.triumf.ca": (f"10.0.3.{n + 127}", f"vn03{n}.triumf.ca") for n in (17, 18)},
}
NAMES = ("vn0317", "vn0318")


def ask(plugins: Plugins, verb: str, facts: Any = None, options: Any = None, **parts: Any) -> Any:
    section = dict(CASES["site"])
    for part, values in parts.items():
        section[part] = section.get(part, {}) | values
    return ask_for(
        plugins,
        "triumf.worker",
        verb,
        section=section,
        facts=BASE | WELL | (facts or {}),
        host="wn024",
        options=options,
    )


def standing(name: str, spec: str = "an older one") -> ContainerState:
    labels = {"fairlead.spec": spec}
    return ContainerState(
        name,
        f"id-of-{name}",
        "sha256:1",
        "sl6-umd3condv4:latest",
        "running",
        "2026-01-01T00:00:00Z",
        "unless-stopped",
        labels,
    )


def both(*suffixes: str) -> dict[str, ContainerState]:
    return {name + suffix: standing(name + suffix) for name in NAMES for suffix in ("", *suffixes)}


@pytest.mark.parametrize("case", CASES["lines"], ids=[case["name"] for case in CASES["lines"]])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    given = ask(
        plugins,
        "up",
        case.get("facts", {}),
        **{part: case[part] for part in ("worker", "registry") if part in case},
    )
    step = next(step for step in plan_of(plugins, given) if step.name == f"{case['of']}: container")
    (argv,) = argvs(step.do)
    front, _, added = shlex.join(argv).partition(" --restart unless-stopped ")
    assert (front, added[-len(case["ends"]) :]) == (case["is"], case["ends"])


@pytest.mark.parametrize(
    "case", CASES["networks"], ids=[case["name"] for case in CASES["networks"]]
)
def test_a_network(plugins: Plugins, case: dict[str, Any]) -> None:
    given = ask(plugins, "up", {"uplink": tuple(case["uplink"])}, engine=case.get("engine", {}))
    step = next(step for step in plan_of(plugins, given) if step.name == "network triumf.ca")
    argv = list(argvs(step.do))[-1]
    assert shlex.join(argv).partition(" --label")[0] == case["is"]
    assert argv[-1] == "triumf.ca"


@pytest.mark.parametrize("case", CASES["clashes"], ids=[case["name"] for case in CASES["clashes"]])
def test_what_cannot_be_is_refused_with_the_site(
    plugins: Plugins, case: dict[str, Any], tmp_path: Path
) -> None:
    text = {
        "hosts": {"n[1-3]": {"address": "10.0.3.%"}},
        "triumf": {"hosts": "n[1-3]", "engine": case.get("engine", {}), "worker": case["worker"]},
    }
    path = tmp_path / "s.yml"
    path.write_text(yaml.safe_dump(text))
    said = ""
    try:
        site.load(path, plugins.systems)
    except SiteError as error:
        said = str(error)
    assert (case["says"] in said, bool(said)) == (True, bool(case["says"]))


@pytest.mark.parametrize(
    "case", CASES["checks"], ids=[f"{case['check']}: {case['found']}" for case in CASES["checks"]]
)
def test_preflight(plugins: Plugins, case: dict[str, Any]) -> None:
    (check,) = (
        check
        for check in plugins.ask(ask(plugins, "preflight", case["facts"]))
        if check.name == case["check"]
    )
    assert (check.found, check.ok, check.blocks) == (
        case["found"],
        case.get("ok", True),
        check.blocks if check.ok else not case.get("warns", False),
    )


def test_a_bridge_without_an_address_is_told(plugins: Plugins) -> None:
    with pytest.raises(
        FairleadError,
        match=r"wn024: br0 has no address, and workers have theirs from its subnet; inv triumf.engine.up --host=wn024",
    ):
        plugins.ask(ask(plugins, "up", {"uplink": ()}))


@pytest.mark.parametrize(
    ("verb", "facts"), [("up", {}), ("upgrade", {"container": both()})], ids=["up", "upgrade"]
)
def test_an_image_that_has_to_be_signed_is_proved_before_any_worker_starts(
    plugins: Plugins, verb: str, facts: Any
) -> None:
    given = ask(plugins, verb, facts, worker={"signed": True, "signer": "image.pub"})
    steps = plan_of(plugins, replace(given, secrets={"image.pub": Secret("a key")}))
    names = [step.name for step in steps]
    proved = next(number for number, name in enumerate(names) if name.startswith("signature of "))
    assert (steps[proved].stdin, steps[proved].sensitive) == (Secret("a key"), True)
    assert proved < min(number for number, name in enumerate(names) if name.startswith(NAMES))


def test_the_engines_default_network_leaves_the_bridge_to_the_workers(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import daemon_config as wishes

    before = json.dumps({"bridge": "br0", "fixed-cidr": "10.0.3.144/28", "debug": True})
    for fixed, has in ((True, False), (False, True)):
        section = ask(plugins, "up", worker={"fixed": fixed}).section
        after = json.loads(wishes.daemon(section, "wn024", before, "20.10.24"))
        assert [key in after for key in ("bridge", "fixed-cidr", "debug")] == [has, has, True]
        assert wishes.network_keys(section, "wn024", {wishes.DAEMON: before}) == (
            () if has else ("bridge", "fixed-cidr")
        )


# One by one


def test_an_upgrade_is_a_transaction_for_each_worker_which_drains_first(plugins: Plugins) -> None:
    given = ask(plugins, "upgrade", {"container": both()})
    answer = plugins.ask(given)
    assert list(faults(answer)) == []
    assert [(phase.name, phase.rolling) for phase in answer] == [
        ("resolve", False),
        ("pull", False),
        ("checked", False),
        ("worker 1", True),
        ("worker 2", True),
    ]
    assert [step.name for step in answer[4].steps] == [
        f"vn0318: {name}"
        for name in (
            "drain",
            "log folder",
            "no restart",
            "stop",
            "keep the old one",
            "container",
            "healthy",
            "finish",
        )
    ]
    drain = answer[4].steps[0]
    assert (drain.timeout, drain.do[4:]) == (3600, ("condor_off", "-peaceful", "vn0318"))


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
    found = {"vn0317": standing("vn0317", spec.partition("=")[2]), "vn0318": standing("vn0318")}
    then = plugins.ask(ask(plugins, "up", {"container": found}))
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
    ("inside", "said", "well"),
    [
        ("1 1 2", {"state": "takes jobs", "jobs": 2}, True),
        ("1 0 0", {"state": "drained", "jobs": 0}, False),
        ("0 0 0", {"state": "condor_master does not run", "jobs": 0}, False),
    ],
)
def test_status(plugins: Plugins, inside: str, said: dict[str, Any], well: bool) -> None:
    from fairlead_plugins.triumf.worker import condor

    found = condor.parsed(0, f"vn0317 {inside}\nvn0318 1 1 0\n")
    status = plugins.ask(ask(plugins, "status", {"container": both(), "condor": found}))
    first = {"worker": "vn0317", **said, "port": 4080, "address": "10.0.3.144"}
    assert (status.healthy, dict(status.fields)["workers"][0]) == (well, first)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ("100", "", "/var/log/vn0317", "/var/log/vn0318")),
        ({"worker": "vn0318", "follow": True, "tail": 5}, ("5", "-F", "/var/log/vn0318")),
    ],
)
def test_condor_s_own_logs_are_shown(
    plugins: Plugins, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    session = plugins.ask(ask(plugins, "logs", options=options))
    assert (session.argv[4:], session.follow) == (words, bool(options.get("follow")))


def test_what_the_container_itself_has_said(plugins: Plugins) -> None:
    session = plugins.ask(
        ask(plugins, "logs", options={"worker": "vn0318", "container": True, "follow": True})
    )
    assert session.argv == ("docker", "logs", "-f", "--tail", "100", "vn0318")


def test_the_ends_of_logs(plugins: Plugins, tmp_path: Path) -> None:
    from fairlead_plugins.triumf.worker import TAIL

    for name in ("vn1", "vn2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "MasterLog").write_text(f"first\n{name}\n")
    words = ("sh", "-c", TAIL, "logs", "1", "", str(tmp_path / "vn1"), str(tmp_path / "vn2"))
    said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    assert (
        said == f"==> {tmp_path}/vn1/MasterLog <==\nvn1\n\n==> {tmp_path}/vn2/MasterLog <==\nvn2\n"
    )
    none = subprocess.run((*words[:6], str(tmp_path)), capture_output=True, text=True, check=False)
    assert (none.returncode, none.stderr) == (1, "condor has written no logs there\n")


# The programs, against a docker that is none


DOCKER = """#!/bin/sh
case "$1 $2" in
  "container ls") echo "$RUNNING" ;;
  top*) printf 'PID COMMAND\\n'; for one in $PROCESSES; do echo "1 $one"; done ;;
  exec*) shift; echo "$*" >>"$SAID" ;;
esac
"""


@pytest.mark.parametrize(
    ("processes", "code", "said"),
    [
        (
            "condor_master condor_startd condor_starter condor_starter",
            1,
            "vn0317: 2 jobs still run\n",
        ),
        ("condor_master condor_startd", 1, "vn0317: 0 jobs still run\n"),
        ("condor_master condor_procd condor_shared_p", 0, ""),
    ],
)
def test_a_worker_is_quiet_when_no_startd_runs_any_more(
    plugins: Plugins, tmp_path: Path, processes: str, code: int, said: str
) -> None:
    from fairlead_plugins.triumf.worker import condor

    (tmp_path / "docker").write_text(DOCKER)
    (tmp_path / "docker").chmod(0o755)
    env = {
        "PATH": f"{tmp_path}:/usr/bin:/bin",
        "RUNNING": "vn0317",
        "PROCESSES": processes,
        "SAID": str(tmp_path / "said"),
    }
    done = subprocess.run(
        condor.quiet("vn0317", "vn0318"), env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (code, said)
    subprocess.run(condor.off("vn0317", "vn0318"), env=env, check=True)
    subprocess.run(condor.on("vn0317"), env=env, check=True)
    assert (tmp_path / "said").read_text() == "vn0317 condor_off -peaceful\nvn0317 condor_on\n"
