"""OpenSVC: files and commands of each generation to the letter, status read as it is, and what is planned of a node's facts."""

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.inventory import site
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.model.plan import Secret, Session, argvs
from fairlead.testing import BASE, ask_for, faults, plan_of, plugins_in

PLUGINS = plugins_in(Path(__file__).parents[3] / "plugins")
CASES = Path(__file__).parents[3] / "plugins/opensvc/cases"
from fairlead_plugins.opensvc.common import agents, files, scripts, state  # noqa: E402
from fairlead_plugins.opensvc.site import Container, Disk, Filesystem, Ip, Service  # noqa: E402

NAME = "docker.opensvc.com"
DOCUMENT: dict[str, Any] = {
    "nodes": ["deb1.opensvc.com"],
    "autostart_node": "deb1.opensvc.com",
    "app": "OSVCLAB",
    "service_type": "DEV",
    "docker_data_dir": "/opt/docker.opensvc.com/appdata",
    "containers": [
        {
            "run_image": "f66342b343ae",
            "command": "/bin/sh",
            "run_args": "-v /opt/docker.opensvc.com/vol1:/vol1:rw",
            "pull": "busybox:latest",
        }
    ],
    "ip": [{"dev": "eth0", "name": "docker.opensvc.com"}],
    "disks": [{"vg": "vgdocker"}],
    "fs": [
        {
            "dev": "/dev/mapper/vgdocker-lvdockerroot",
            "mnt": "/opt/docker.opensvc.com",
            "type": "ext4",
            "options": "rw",
        },
        {
            "dev": "/dev/mapper/vgdocker-lvdockerdata",
            "mnt": "/opt/docker.opensvc.com/appdata",
            "type": "ext4",
            "options": "rw",
        },
    ],
}


def cases(name: str) -> list[Any]:
    return yaml.safe_load((CASES / f"{name}.yml").read_text("utf-8"))


def ids(name: str) -> list[str]:
    return [str(case.get("name") or case["say"][0]) for case in cases(name)]


def service(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (DOCUMENT | changes).items() if value is not None}


# The file


@pytest.mark.parametrize("case", cases("files"), ids=ids("files"))
def test_a_file(case: dict[str, Any]) -> None:
    given = msgspec.convert(service(**case.get("service", {})), Service)
    if "refused" in case:
        with pytest.raises(files.Unsayable) as error:
            files.render(NAME, given, case["generation"])
        assert str(error.value) == case["refused"]
        return
    text = files.render(NAME, given, case["generation"])
    if "text" in case:
        assert text == case["text"]
    else:
        assert sorted(filter(None, text.splitlines())) == sorted(case["document"].splitlines())
        assert files.read(text) == files.read(case["document"])


KINDS = {"container": Container, "ip": Ip, "disk": Disk, "fs": Filesystem}


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_has_a_word_in_each_grammar_or_is_refused_or_is_ours(kind: str) -> None:
    fields = {field.name for field in msgspec.structs.fields(KINDS[kind])} - files.OURS
    unknown = {grammar: fields - set(files.WORDS[grammar][kind]) for grammar in ("env", "conf")}
    assert unknown == {"env": {"netns"} if kind == "container" else set(), "conf": set()}


def test_a_file_that_only_looks_different_is_the_same() -> None:
    text = files.render(NAME, msgspec.convert(DOCUMENT, Service), "2.1")
    other = "# ours\n" + text.replace(" = ", "=").replace("[DEFAULT]\n", "[DEFAULT]\nid = 0c5f\n")
    assert list(files.changed(other, text)) == []
    assert list(files.changed(text.replace("/bin/sh", "/bin/ash"), text)) == ["container#1"]


@pytest.mark.parametrize(
    ("installed", "code"), [("same", 0), ("loose", 0), ("other", 1), ("none", 1)]
)
def test_a_host_is_asked_whether_its_file_says_the_same(
    tmp_path: Path, installed: str, code: int
) -> None:
    text = files.render(NAME, msgspec.convert(DOCUMENT, Service), "2.1")
    loose = "; ours\n" + text.replace(" = ", "=").replace("[DEFAULT]\n", "[DEFAULT]\n id = 0c5f\n")
    path = tmp_path / "file"
    if installed != "none":
        path.write_text(
            {"same": text, "loose": loose, "other": text.replace("ext4", "xfs")}[installed]
        )
    assert (
        subprocess.run(
            ["sh", "-c", scripts.SAYS, "says", str(path)], input=text, text=True, check=False
        ).returncode
        == code
    )


# The agents


@pytest.mark.parametrize("generation", ["legacy", "2.1", "3"])
@pytest.mark.parametrize("case", cases("commands"), ids=ids("commands"))
def test_a_command_of_an_agent(case: dict[str, Any], generation: str) -> None:
    if generation not in case:
        return
    verb, *words = case["say"]
    said = getattr(agents.AGENTS[generation], verb)(NAME, *words)
    assert shlex.join(said) == (f"timeout -k 5 {case[generation]}" if case[generation] else "")


@pytest.mark.parametrize("case", cases("status"), ids=ids("status"))
def test_a_status_is_read(case: dict[str, Any]) -> None:
    found = state.parse(0, case["text"])
    if case["is"] is None:
        assert found is None
        return
    assert found is not None
    assert [found.overall, found.avail, found.frozen] == case["is"]
    assert [[r.rid, r.status, r.label, *r.notes] for r in found.resources] == case["resources"]


@pytest.mark.parametrize("case", cases("status"), ids=ids("status"))
def test_a_status_is_read_the_same_on_the_host(case: dict[str, Any]) -> None:
    for rid, wanted in case.get("up", {"overall": None}).items():
        asked = (
            "sh",
            "-c",
            scripts.ARE,
            "are",
            scripts.FLAT,
            "up",
            rid,
            "printf",
            "%s",
            case["text"],
        )
        code = subprocess.run(asked, capture_output=True, check=False).returncode
        assert (
            code == {True: 0, False: 1, None: 2 if case["text"].count("{") == 0 else code}[wanted]
        )


@pytest.mark.parametrize(
    ("frozen", "code"),
    [
        ("0", 1),
        ("0.0", 1),
        ("1416542400.5", 0),
        ('"0001-01-01T00:00:00Z"', 1),
        ('"2026-01-02T03:04:05Z"', 0),
    ],
)
def test_whether_a_service_is_frozen_is_read_on_the_host(frozen: str, code: int) -> None:
    key = "frozen_at" if '"' in frozen else "frozen"
    text = f'{{"overall": "up", "{key}": {frozen}, "resources": {{}}}}'
    asked = ("sh", "-c", scripts.FROZEN, "frozen", scripts.FLAT, "printf", "%s", text)
    assert subprocess.run(asked, capture_output=True, check=False).returncode == code


# The plan

SITE = {"services": {NAME: service(nodes=["n1", "n2"], autostart_node="n1")}}
RIDS = ("container#1", "ip#1", "vg#1", "fs#1", "fs#2")


def instance(status: str = "up", **some: str) -> state.Instance:
    found = {rid: some.get(rid.replace("#", ""), status) for rid in RIDS}
    overall = status if set(found.values()) == {status} else "warn"
    return state.Instance(
        overall, overall, tuple(state.Resource(rid, is_, "") for rid, is_ in found.items())
    )


def standing(
    there: state.Instance | None, generation: str = "legacy", **changes: Any
) -> dict[str, Any]:
    text = (
        files.render(NAME, msgspec.convert(SITE["services"][NAME] | changes, Service), generation)
        if there
        else None
    )
    return dict(BASE) | {"agent": generation, f"file {NAME}": text, f"status {NAME}": there}


def asked(
    verb: str,
    here: Mapping[str, Any],
    there: Mapping[str, Any] | None = None,
    host: str = "n1",
    section: Any = None,
    **more: Any,
) -> Any:
    other = {"n1": "n2", "n2": "n1"}[host]
    around = {other: there} if there else {}
    return ask_for(
        PLUGINS,
        "opensvc.service",
        verb,
        section=section or SITE,
        facts=here,
        around=around,
        host=host,
        **more,
    )


def names(ask: Any) -> list[str]:
    assert list(faults(PLUGINS.ask(ask))) == []
    return [step.name.removeprefix(f"{NAME}: ") for step in plan_of(PLUGINS, ask)]


FILE = ["file", "links"]
ABOVE = ["folders", "engine", "image 1", "container 1", "start", "note 1"]


def test_from_nothing_everything_is_started_in_the_document_s_order() -> None:
    nothing = standing(None)
    assert names(asked("up", nothing, nothing)) == [
        *FILE,
        "disks",
        "file systems",
        "addresses",
        *ABOVE,
    ]


def test_the_other_node_gets_the_file_alone_and_later() -> None:
    nothing = standing(None)
    ask = asked("up", nothing, nothing, host="n2")
    assert names(ask) == FILE
    assert [phase.name for phase in PLUGINS.ask(ask) if phase.steps] == [f"{NAME} elsewhere"]


def test_only_what_is_down_is_started() -> None:
    half = instance("down", vg1="up", fs1="up")
    assert names(asked("up", standing(half), standing(instance("down")))) == [
        *FILE,
        "file systems",
        "addresses",
        *ABOVE,
    ]
    assert names(asked("up", standing(instance()), standing(instance("down")))) == [*FILE, *ABOVE]


def test_a_service_that_was_moved_stays_where_it_is() -> None:
    up, down = standing(instance()), standing(instance("down"))
    assert names(asked("up", down, up, host="n1")) == FILE
    assert names(asked("up", up, down, host="n2")) == [*FILE, *ABOVE]


def test_a_volume_group_that_is_active_does_not_make_a_node_the_one_where_it_runs() -> None:
    assert names(asked("up", standing(instance("down")), standing(instance("down", vg1="up")))) == [
        *FILE,
        "disks",
        "file systems",
        "addresses",
        *ABOVE,
    ]


def test_agent_2_1_freezes_what_is_new() -> None:
    nothing = standing(None, "2.1")
    assert names(asked("up", nothing, nothing))[:3] == ["file", "thaw", "disks"]


REFUSED = {
    "up on two nodes": (
        "up",
        standing(instance()),
        standing(instance()),
        f"n1: {NAME} is up on n1 and n2; find out which one is right, and stop the other: inv opensvc.down",
    ),
    "no agent": (
        "up",
        dict(BASE) | {"agent": "none"},
        None,
        "n1: there is no OpenSVC agent; install it; inv opensvc.agent.preflight tells what is looked for",
    ),
    "nothing to restart": (
        "restart",
        standing(instance("down")),
        standing(instance("down")),
        "n1: none of its services runs; inv opensvc.up",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_right_is_refused(case: str) -> None:
    verb, here, there, sentence = REFUSED[case]
    with pytest.raises(FairleadError) as error:
        PLUGINS.ask(asked(verb, here, there))
    assert str(error.value) == sentence


def test_a_node_that_was_not_asked_may_have_it() -> None:
    ask = asked("up", standing(instance("down")))
    target = msgspec.structs.replace(ask.target, everywhere=("n1", "n2"))
    with pytest.raises(FairleadError) as error:
        PLUGINS.ask(msgspec.structs.replace(ask, target=target))
    assert str(error.value) == (
        f"n1: {NAME} may run on n2, which was not asked; leave --host away; where that node is dead, inv opensvc.takeover --service={NAME} --host=n1"
    )


def test_it_goes_down_in_reverse_and_nothing_is_unprovisioned() -> None:
    ask = asked("down", standing(instance()), standing(instance("down")))
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
    ask = asked(
        verb,
        standing(instance(), generation),
        standing(instance("down"), generation),
        options=options,
    )
    said = [
        argv[at - 4 : at - 1]
        for step in plan_of(PLUGINS, ask)
        for argv in commands_of(step)
        for at in words_to_the_agent(argv)
    ]
    assert len(said) >= 2
    assert set(said) == {("timeout", "-k", "5")}


def test_a_move_is_prepared_then_stopped_then_started() -> None:
    up, down = standing(instance()), standing(instance("down"))
    moved = {"options": {"service": NAME, "to": "n2"}}
    here, there = (
        asked("switch", up, down, host="n1", **moved),
        asked("switch", down, up, host="n2", **moved),
    )
    phases = {
        ask.target.host: {
            phase.name.removeprefix(f"{NAME} "): len(phase.steps) > 0 for phase in PLUGINS.ask(ask)
        }
        for ask in (here, there)
    }
    assert phases == {
        "n1": {"is prepared": False, "stops": True, "starts": False},
        "n2": {"is prepared": True, "stops": False, "starts": True},
    }
    with pytest.raises(
        CommandLineError,
        match="--to: n3 is none of the nodes of docker.opensvc.com; they are n1, n2",
    ):
        PLUGINS.ask(asked("switch", up, down, options={"service": NAME, "to": "n3"}))


def test_takeover_is_for_one_node_and_not_while_the_address_answers() -> None:
    down, one = standing(instance("down")), {"options": {"service": NAME}}
    free = down | {f"ip {NAME}": ("free", "192.0.2.1")}
    assert names(asked("takeover", free, **one)) == [
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
        PLUGINS.ask(asked("takeover", down | {f"ip {NAME}": ("taken", "192.0.2.1")}, **one))
    with pytest.raises(CommandLineError, match="takeover is for one node"):
        PLUGINS.ask(asked("takeover", down, down, peers=("n1", "n2"), **one))


def test_preflight_is_of_the_services_that_are_meant() -> None:
    section = {
        "services": SITE["services"]
        | {"other": service(nodes=["n1"], autostart_node=None, docker_data_dir="/opt/other")}
    }
    found = [
        {
            check.name.partition(":")[0]
            for check in PLUGINS.ask(
                asked("up", standing(None), section=section, options=options), "preflight"
            )
        }
        for options in ({}, {"service": "other"})
    ]
    assert found == [{"agent", NAME, "other"}, {"agent", "other"}]


def test_words_go_to_the_engine_where_the_service_runs() -> None:
    runs, rests = {f"containers {NAME}": ("a.container.1",)}, {f"containers {NAME}": None}
    ask = asked("docker", runs, rests, options={"service": NAME}, argv=("ps", "-a"))
    session = PLUGINS.ask(ask)
    assert isinstance(session, Session)
    assert session.argv[4:] == (
        "/opt/opensvc/var/docker.opensvc.com/docker.sock /var/lib/opensvc/svc/docker.opensvc.com/docker.sock",
        "docker",
        "ps",
        "-a",
    )
    assert PLUGINS.ask(asked("docker", rests, runs, host="n2", options={"service": NAME})) is None


def test_a_login_is_on_stdin_alone() -> None:
    section = {
        "registries": {"registry.example.org:5000": {"user": "puller", "password_secret": "pw"}},
        "services": {
            NAME: SITE["services"][NAME]
            | {"containers": [{"image": "registry.example.org:5000/web:1"}]}
        },
    }
    nothing = standing(None)
    ask = asked("up", nothing, nothing, section=section, secrets={"pw": Secret("swordfish")})
    step = next(step for step in plan_of(PLUGINS, ask) if step.name.endswith("image 1"))
    assert (step.stdin, step.sensitive) == (Secret("swordfish"), True)
    assert "swordfish" not in repr(step)
    assert [spec.name for spec in PLUGINS.ask(ask, "needs")] == ["pw"]


# The site


def loaded(tmp_path: Path, section: Mapping[str, Any]) -> Any:
    path = tmp_path / "x.yml"
    path.write_text(
        yaml.safe_dump({"hosts": {"n[1-2]": {}}, "opensvc": dict(section)}, sort_keys=False)
    )
    return site.load(path, PLUGINS.systems)


WRONG = {
    "a generation that cannot say it": (
        {"agent": {"generation": "3"}, **SITE},
        "docker_data_dir: agent 3 gives a service no engine of its own; take it away",
    ),
    "two engines on one directory": (
        {
            "services": {
                "a": service(nodes=["n1"], autostart_node=None),
                "b": service(nodes=["n1", "n2"], autostart_node=None),
            }
        },
        "opensvc.services.b.docker_data_dir: on n1 is already that of opensvc.services.a.docker_data_dir",
    ),
    "a node of another site": (
        {"services": {"a": service(nodes=["n9"], autostart_node=None)}},
        "no such host 'n9'",
    ),
    "several nodes as one": (
        {"services": {"a": service(nodes=["n[1-2]"], autostart_node=None)}},
        "no such host 'n[1-2]'; known: n1, n2, local",
    ),
    "a start elsewhere": (
        {"services": {"a": service(nodes=["n1"], autostart_node="n2")}},
        "autostart_node n2 is none of nodes",
    ),
    "no image": (
        {
            "services": {
                "a": service(nodes=["n1"], autostart_node=None, containers=[{"command": "a"}])
            }
        },
        "wanted image or run_image",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_site_that_is_wrong_is_refused_when_it_is_read(tmp_path: Path, case: str) -> None:
    section, words = WRONG[case]
    with pytest.raises(SiteError) as error:
        loaded(tmp_path, section)
    assert words in str(error.value)


def test_both_components_are_where_the_services_are(tmp_path: Path) -> None:
    found = loaded(tmp_path, SITE)
    assert {
        component: found.hosts_of("opensvc", component) for component in ("agent", "service")
    } == {"agent": ("n1", "n2"), "service": ("n1", "n2")}
