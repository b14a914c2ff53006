"""perfSONAR: the document's lines to the letter, and what is made of a host's facts."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import validation, yamlfile
from fairlead.model.errors import FairleadError, SiteError
from fairlead.model.plan import Phase, Session, Status, Then, argvs
from fairlead.operations.checks import Clock, Socket
from fairlead.operations.container.state import ContainerState
from fairlead.testing import BASE, HOSTS, ask_for, plan_of

PLUGINS = Path(__file__).parents[3] / "plugins"
ARGV = yaml.safe_load((PLUGINS / "perfsonar/cases/argv.yml").read_text())
REFUSED = yaml.safe_load((PLUGINS / "perfsonar/cases/refused.yml").read_text())


def ask(
    plugins: Plugins,
    verb: str,
    component: str = "perfsonar.testpoint",
    section: Mapping[str, Any] = {},
    **more: Any,
) -> Any:
    return ask_for(plugins, component, verb, section={"hosts": "n1"} | dict(section), **more)


@pytest.mark.parametrize("case", ARGV, ids=[case["name"] for case in ARGV])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    facts = dict(HOSTS[case.get("host", "a host with Docker")]) | case.get("facts", {})
    named = {key: case[key] for key in ("verb", "section", "component", "options") if key in case}
    answer = plugins.ask(
        options := ask(plugins, facts=facts, argv=tuple(case.get("argv", ())), **named)
    )
    if isinstance(answer, Session):
        argv, tty = answer.argv, answer.tty_argv
    else:
        step = next(step for step in plan_of(plugins, options) if step.name == case["step"])
        argv, tty = next(argv for argv in argvs(step.do) if argv[0] != "sh"), None
    if "is" in case:
        assert shlex.join(argv) == case["is"]
    if "words" in case:
        assert list(argv) == case["words"]
    if "tty" in case:
        assert shlex.join(tty) == case["tty"]
    if "begins" in case:
        assert list(argv[: len(shlex.split(case["begins"]))]) == shlex.split(case["begins"])
    if "ends" in case:
        assert argv[-1] == case["ends"]
    if "then" in case:
        expected = shlex.split(case["after"]) + shlex.split(case["then"])
        start = argv.index(shlex.split(case["after"])[0])
        assert list(argv[start : start + len(expected)]) == expected


@pytest.mark.parametrize(
    "case", REFUSED, ids=[str(case.get("section") or case.get("options")) for case in REFUSED]
)
def test_what_is_no_such_thing_is_refused(plugins: Plugins, case: dict[str, Any]) -> None:
    with pytest.raises((msgspec.ValidationError, SiteError)):
        as_it_is_written(plugins, case)


def as_it_is_written(plugins: Plugins, case: dict[str, Any]) -> object:
    """A section as a site file would have it, or the flags of a command line."""
    if "section" in case:
        tree = yamlfile.read(yaml.safe_dump({"hosts": "n1"} | case["section"]), "s.yml")
        return validation.typed(tree, plugins.systems["perfsonar"].section_type, "perfsonar")
    return ask(plugins, case["verb"], case["component"], options=case["options"])


def there(**changed: Any) -> Mapping[str, ContainerState]:
    values = {
        "id": "0a",
        "image": "sha256:01",
        "reference": "perfsonar/testpoint:systemd",
        "state": "running",
        "started": "",
        "policy": "no",
    }
    labels = (
        {"fairlead.spec": "old"} | changed.pop("labels", {}) if changed.pop("ours", True) else {}
    )
    return {
        "perfsonar-testpoint": ContainerState(
            name="perfsonar-testpoint", labels=labels, **(values | changed)
        )
    }


def names(plugins: Plugins, verb: str, facts: Mapping[str, Any], **section: Any) -> list[str]:
    return [
        step.name
        for step in plan_of(
            plugins, ask(plugins, verb, section=section, facts=dict(BASE) | dict(facts))
        )
    ]


VOLUMES = (
    "/etc/perfsonar",
    "/etc/pscheduler",
    "/etc/ssl",
    "/var/lib/perfsonar/psconfig",
    "/var/lib/perfsonar/lsregistrationdaemon",
    "/etc/owamp-server",
    "/etc/twamp-server",
    "/var/log",
    "/var/lib/postgresql",
    "/var/lib/pgsql",
    "current",
)


def test_up_from_nothing(plugins: Plugins) -> None:
    assert names(plugins, "up", {"container": {}, "state": ()}, psconfig=["https://a/"]) == [
        "image",
        "state",
        "container",
        "healthy",
        "psconfig https://a/",
    ]


def test_up_adopts_what_was_started_by_hand(plugins: Plugins) -> None:
    steps = names(plugins, "up", {"container": there(ours=False), "state": ()})
    assert steps == [
        *(
            "image",
            "PostgreSQL",
            "remember",
            "dump",
            "defaults",
            "stop",
            "archive what is inside",
            "bring out the state",
            "keep the old one",
        ),
        *("merge the defaults", "database", "container", "healthy", "verify", "finish"),
    ]


@pytest.mark.parametrize("verb", ["up", "upgrade", "rollback"])
def test_a_dump_that_fails_names_the_way_on_without_it(plugins: Plugins, verb: str) -> None:
    containers = there(ours=verb != "up") | {
        f"{name}.previous": container for name, container in there().items()
    }
    facts = dict(BASE) | {"container": containers, "state": () if verb == "up" else VOLUMES}
    remedies = {
        step.name: step.remedy
        for step in plan_of(plugins, ask(plugins, verb, facts=facts))
        if step.name in ("remember", "dump")
    }
    assert "dump" in remedies
    assert set(remedies.values()) == {"mend what it says, or go on without it: --skip-dump"}
    without = plan_of(plugins, ask(plugins, verb, facts=facts, options={"skip_dump": True}))
    assert "dump" not in [step.name for step in without]


def test_a_roll_out_says_whether_there_is_a_version_to_return_to(plugins: Plugins) -> None:
    for containers, way in ((there(), "state"), ({}, "first")):
        facts = dict(BASE) | {"container": containers, "state": VOLUMES}
        phases = plugins.ask(ask(plugins, "upgrade", facts=facts))
        assert {phase.name: phase.way_back for phase in phases}["replace"] == way


def test_an_upgrade_is_three_phases_and_only_the_last_goes_by_batches(plugins: Plugins) -> None:
    facts = dict(BASE) | {"container": there(policy="unless-stopped"), "state": VOLUMES}
    first, second = (
        plugins.ask(ask(plugins, "upgrade", facts=facts, host=host, peers=("n1", "n2")))
        for host in ("n1", "n2")
    )
    shape = [
        [
            (phase.name, phase.rolling, [step.name for step in phase.steps])
            for phase in phases
            if isinstance(phase, Phase)
        ]
        for phases in (first, second)
    ]
    replace = (
        *(
            "PostgreSQL",
            "remember",
            "dump",
            "defaults",
            "no restart",
            "stop",
            "archive what is inside",
            "copy the state",
            "keep the old one",
        ),
        *("merge the defaults", "database", "container", "healthy", "verify", "finish"),
    )
    assert shape == [
        [
            ("resolve", False, ["pull", "digest"]),
            ("pull", False, []),
            ("replace", True, [*replace]),
        ],
        [("resolve", False, []), ("pull", False, ["pull"]), ("replace", True, [*replace])],
    ]


def test_a_pull_ahead_of_time_is_what_the_upgrade_does_first(plugins: Plugins) -> None:
    facts = dict(BASE) | {"container": there(policy="unless-stopped"), "state": VOLUMES}
    for host in ("n1", "n2"):
        ahead, upgraded = (
            plugins.ask(ask(plugins, verb, facts=facts, host=host, peers=("n1", "n2")))
            for verb in ("pull", "upgrade")
        )
        assert ahead == upgraded[:2]
        assert not any(phase.rolling for phase in ahead)


def test_an_upgrade_where_there_is_no_container_is_pull_and_up(plugins: Plugins) -> None:
    facts = dict(BASE) | {"container": {}, "state": ()}
    section = {"psconfig": ["https://psconfig.example.org/a.json"]}
    phases = plugins.ask(ask(plugins, "upgrade", section=section, facts=facts))
    assert [(phase.name, [step.name for step in phase.steps]) for phase in phases] == [
        ("resolve", ["pull"]),
        ("pull", []),
        ("replace", ["state", "container", "healthy"]),
        ("remotes", ["psconfig https://psconfig.example.org/a.json"]),
    ]
    pair = {"certificate": "ps.pem", "key": "ps.key"}
    with pytest.raises(FairleadError, match="its secrets are put by up; inv perfsonar.up"):
        plugins.ask(ask(plugins, "upgrade", section={"tls": pair}, facts=facts))


@pytest.mark.parametrize(
    "component", ["perfsonar.testpoint", "xcat.manager", "triumf.worker", "opensvc.service"]
)
def test_up_pulls_anew_where_that_is_asked_for(plugins: Plugins, component: str) -> None:
    options = plugins.component(*component.split(".")).verbs["up"].options
    assert [field.name for field in msgspec.structs.fields(options)][-1] == "pull"


def test_pulled_anew_is_what_the_registry_has_newer(plugins: Plugins) -> None:
    facts = dict(BASE) | {"container": {}, "state": ()}
    for pull, question in ((False, "has_image"), (True, "fresh")):
        image = plan_of(plugins, ask(plugins, "up", facts=facts, options={"pull": pull}))[0]
        assert isinstance(image.unless, tuple)
        assert (image.name, image.unless[3]) == ("image", question)
        assert image.do == ("docker", "pull", "ghcr.io/perfsonar/testpoint:systemd")


@pytest.mark.parametrize(
    ("verb", "facts", "sentence"),
    [
        (
            "rollback",
            {},
            (
                "n1: there is no version of perfsonar-testpoint to return to; it has not been "
                "upgraded since it was brought up"
            ),
        ),
        (
            "restart",
            {},
            "n1: there is no container perfsonar-testpoint; inv perfsonar.up --host=n1",
        ),
        (
            "down",
            {"container": there(ours=False)},
            (
                "n1: perfsonar-testpoint was not started by fairlead and may hold its state "
                "inside; inv perfsonar.up --host=n1 adopts it first"
            ),
        ),
        (
            "rollback",
            {"container": {}, "state": ("kept",)},
            (
                "n1: a change of perfsonar-testpoint was cut short; inv perfsonar.up --host=n1 goes on "
                "from there"
            ),
        ),
        (
            "up",
            {"container": "Cannot connect"},
            "n1: docker does not answer: Cannot connect; inv perfsonar.preflight --host=n1",
        ),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    plugins: Plugins, verb: str, facts: Mapping[str, Any], sentence: str
) -> None:
    with pytest.raises(FairleadError) as error:
        plugins.ask(ask(plugins, verb, facts=dict(BASE) | dict(facts)))
    assert str(error.value) == sentence


def test_a_resolver_that_is_down_today_does_not_change_the_container(plugins: Plugins) -> None:
    def run(**facts: Any) -> Any:
        return next(
            s.do
            for s in plan_of(
                plugins, ask(plugins, "up", section={"image": "ps"}, facts=dict(BASE) | facts)
            )
            if s.name == "container"
        )

    first = run(name={"resolves": True, "address": "192.0.2.7"})
    assert run(name={"resolves": False, "address": "192.0.2.7"}, container=there()) == first


GOOD = {
    "clock": Clock("chrony", True, 0.00003),
    "sockets": (),
    "pids": frozenset(),
    "room": 90000,
    "ipv6": ("2001:db8::1",),
    "container": {},
    "state": (),
}


def blocked(plugins: Plugins, facts: Mapping[str, Any], **section: Any) -> list[tuple[str, str]]:
    checks = plugins.ask(ask(plugins, "preflight", section=section, facts=dict(facts)))
    return [(check.name, check.found) for check in checks if not check.ok and check.blocks]


@pytest.mark.parametrize(
    ("host", "section", "blocking"),
    [
        ("a host with Docker", {}, []),
        ("a host with Docker", {"launch": "compose"}, []),
        ("a host with Podman", {"engine": "podman"}, []),
        ("a host with cgroup v1", {}, []),
        (
            "a host with cgroup v1",
            {"flavor": "systemd"},
            [("flavor", "cgroup v1: systemd (the site says so)")],
        ),
        ("a host with cgroup v1", {"source": "/opt/x"}, [("compose", "1.29.2")]),
        ("a host without an engine", {}, [("engine", "none")]),
        (
            "a host whose engine is down",
            {},
            [("engine", "docker does not answer: Cannot connect to the Docker daemon")],
        ),
        ("an ARM host", {}, []),
        (
            "a host with cgroup v1",
            {"tag": "5.2.4-systemd"},
            [("flavor", "cgroup v1: systemd (the tag 5.2.4-systemd says so)")],
        ),
    ],
)
def test_preflight_blocks(
    plugins: Plugins, host: str, section: dict[str, Any], blocking: list[tuple[str, str]]
) -> None:
    assert blocked(plugins, dict(HOSTS[host]) | GOOD, **section) == blocking


@pytest.mark.parametrize(
    ("facts", "section", "name"),
    [
        ({"container": {}}, {}, "ghcr.io/perfsonar/testpoint"),
        ({"container": {}, "images": ("perfsonar/testpoint",)}, {}, "perfsonar/testpoint"),
        (
            {"container": {}, "images": ("perfsonar/testpoint", "ghcr.io/perfsonar/testpoint")},
            {},
            "ghcr.io/perfsonar/testpoint",
        ),
        ({"container": there()}, {}, "perfsonar/testpoint"),
        ({"container": there(ours=False)}, {}, "perfsonar/testpoint"),
        (
            {"container": there(reference="docker.io/perfsonar/testpoint:systemd")},
            {},
            "perfsonar/testpoint",
        ),
        (
            {"container": there(reference="ghcr.io/perfsonar/testpoint:systemd")},
            {},
            "ghcr.io/perfsonar/testpoint",
        ),
        ({"container": there()}, {"image": "localhost:5000/ps"}, "localhost:5000/ps"),
    ],
)
def test_nobody_is_moved_to_another_registry_without_a_word(
    plugins: Plugins, facts: dict[str, Any], section: dict[str, str], name: str
) -> None:
    up = plan_of(plugins, ask(plugins, "up", section=section, facts=dict(BASE) | facts))
    do = next(step.do for step in up if step.name == "image")
    fetched = do.parts[-1] if isinstance(do, Then) else do  # what runs is kept first
    assert fetched[2] == f"{name}:systemd"
    checks = plugins.ask(ask(plugins, "preflight", section=section, facts=dict(BASE) | facts))
    told = [(check.found, check.blocks) for check in checks if check.name == "image"]
    assert told == [(name, False)]


def test_an_image_is_built_for_two_architectures(plugins: Plugins) -> None:
    host = msgspec.structs.replace(BASE["host"], arch="ppc64le")
    assert blocked(plugins, dict(BASE) | GOOD | {"host": host}) == [("architecture", "ppc64le")]


def test_the_version_of_an_image_is_no_state(plugins: Plugins) -> None:
    bundles = "/var/lib/perfsonar/bundles"
    section = {"tls": {"certificate": "a", "key": "b"}}
    from fairlead_plugins.perfsonar.commands import testpoint

    volumes = [volume.path for volume in testpoint(ask(plugins, "down", section=section)).state]
    assert [path for path in volumes if f"{bundles}/".startswith(f"{path}/")] == []


@pytest.mark.parametrize(
    ("section", "clashes"),
    [
        (
            {"tag": "5.2.4-systemd", "flavor": "supervisord"},
            [(("tag",), "5.2.4-systemd is an image of systemd, and supervisord is asked for by")],
        ),
        ({"tag": "systemd-arm64", "flavor": "systemd"}, []),
        ({"tag": "v5.2.4", "flavor": "supervisord"}, []),
    ],
)
def test_keys_that_cannot_both_be_so(
    plugins: Plugins, section: dict[str, Any], clashes: list[tuple[tuple[str, ...], str]]
) -> None:
    found = ask(plugins, "up", section=section).section.clashes(None)
    assert [(clash.key, clash.what) for clash in found] == clashes


def test_only_in_podman_a_unit_starts_it_at_boot(plugins: Plugins) -> None:
    def named(verb: str, engine: str) -> list[str]:
        options = ask(
            plugins,
            verb,
            section={"engine": engine},
            facts=dict(HOSTS[f"a host with {engine.title()}"]) | {"container": {}, "state": ()},
        )
        return [step.name for step in plan_of(plugins, options)]

    assert [named("up", engine)[-2:] for engine in ("docker", "podman")] == [
        ["container", "healthy"],
        ["unit", "at boot"],
    ]
    assert [named("down", engine) for engine in ("docker", "podman")] == [
        ["stop", "remove"],
        ["stop", "remove", "not at boot"],
    ]


def held(*ports: tuple[int, str, str]) -> dict[str, Any]:
    sockets = tuple(Socket(protocol, port, name, 9) for port, protocol, name in ports)
    return dict(BASE) | GOOD | {"sockets": sockets}


def test_preflight_names_who_holds_a_port_of_perfsonar(plugins: Plugins) -> None:
    facts = held(
        (443, "tcp", "httpd"),
        (5432, "tcp", "postgres"),
        (5201, "udp", "x"),
        (22, "tcp", "sshd"),
        (862, "tcp", "y"),
    )
    assert blocked(plugins, facts) == [
        ("ports of https and pscheduler", "443/tcp is held by httpd (pid 9)"),
        ("ports of postgres", "5432/tcp is held by postgres (pid 9)"),
        ("ports of twamp", "862/tcp is held by y (pid 9)"),
        ("ports of iperf3", "5201/udp is held by x (pid 9)"),
    ]


def test_node_exporter_and_cockpit_of_the_host_do_not_block(plugins: Plugins) -> None:
    facts = held(
        (9100, "tcp", "node_exporter"),
        (9090, "tcp", "systemd"),
        (9000, "udp", "x"),
        (33434, "udp", "y"),
    )
    assert blocked(plugins, facts) == []
    warnings = [
        (check.name, check.found)
        for check in plugins.ask(ask(plugins, "preflight", facts=facts))
        if not check.ok
    ]
    assert warnings == [
        ("ports of owamp", "9000/udp is held by x (pid 9)"),
        ("ports of traceroute", "33434/udp is held by y (pid 9)"),
        ("ports of host metrics", "9100/tcp is held by node_exporter (pid 9)"),
    ]


def test_the_port_of_supervisord_is_asked_of_its_flavor_alone(plugins: Plugins) -> None:
    facts = held((11284, "tcp", "x"))
    assert blocked(plugins, facts) == []
    assert blocked(plugins, facts, flavor="supervisord") == [
        ("ports of supervisord", "11284/tcp is held by x (pid 9)")
    ]


def test_a_host_without_time_or_room_is_blocked_one_without_ipv6_is_told(plugins: Plugins) -> None:
    facts = dict(BASE) | GOOD | {"clock": None, "room": 100, "ipv6": ()}
    assert blocked(plugins, facts) == [("time", "nobody keeps time"), ("room", "100 MiB free")]
    fields = [
        check.name
        for check in plugins.ask(ask(plugins, "preflight", facts=facts))
        if not check.ok and not check.blocks
    ]
    assert fields == ["IPv6"]


def test_the_firewall_is_said_to_belong_to_the_host(plugins: Plugins) -> None:
    (check,) = (
        c
        for c in plugins.ask(ask(plugins, "preflight", facts=dict(BASE) | GOOD))
        if c.name == "firewall"
    )
    assert (check.blocks, "perfsonar-toolkit-security" in check.remedy) == (False, True)


def test_status_says_what_runs_which_flavor_and_why(plugins: Plugins) -> None:
    image = {"id": "sha256:01", "created": "2025-12-22T00:00:00Z", "digest": "sha256:aa"}
    facts = dict(BASE) | {
        "container": there(),
        "image": image,
        "healthy": True,
        "remotes": ("https://a/", "https://b/"),
    }
    assert plugins.ask(ask(plugins, "status", facts=facts)) == Status(
        True,
        (
            ("container", "perfsonar-testpoint running"),
            ("image", "perfsonar/testpoint:systemd"),
            ("digest", "sha256:aa"),
            ("age", "10 days"),
            ("flavor", "systemd: this host has cgroup v2"),
            ("pscheduler", "answers"),
            ("remotes", 2),
            ("version", ""),
            ("registered", ""),
            ("tasks", ""),
        ),
    )


def test_status_of_nothing(plugins: Plugins) -> None:
    status = plugins.ask(ask(plugins, "status", facts=HOSTS["a host without an engine"]))
    assert (status.healthy, dict(status.fields)["container"], dict(status.fields)["remotes"]) == (
        False,
        "none",
        "not known",
    )


def test_remotes_are_read_however_the_list_is_laid_out() -> None:
    from fairlead_plugins.perfsonar.facts import remotes

    remote, other = (
        '{\n      "url" : "https://a/x.json"\n   }',
        '{\n      "configure-archives" : true,\n      "url" : "https://b/y.json"\n   }',
    )
    real = f"=== pScheduler Agent ===\n[\n   {remote},\n   {other}\n]\n"
    assert remotes(0, real) == ("https://a/x.json", "https://b/y.json")
    assert remotes(0, "=== pScheduler Agent ===\n[]\n") == ()
    assert remotes(1, "Unable to find any agents") is None
