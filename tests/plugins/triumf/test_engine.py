"""TRIUMF's engines and registry as data: lines to the letter, what is refused, what preflight says, and the registry's files."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError, SecretError
from fairlead.model.plan import Secret, Session, Status
from fairlead.testing import BASE, HOSTS, ask_for, faults, plan_of, plugins_in
from tests.e2e.tier1 import authority, issue, server

PLUGINS = Path(__file__).parents[3] / "plugins"
ARGV = yaml.safe_load((PLUGINS / "triumf/cases/argv.yml").read_text())
REFUSED = yaml.safe_load((PLUGINS / "triumf/cases/refused.yml").read_text())
TLS = {"certificate_secret": "pem", "key_secret": "key", "ca_secret": "ca"}
REGISTRY = {
    "hosts": "n1",
    "name": "n1",
    "address": "192.0.2.1",
    "users": {"t1user": "t1"},
    "tls": TLS,
}
NOW = 1767225600


def held(**changes: str) -> dict[str, Secret]:
    """The secrets of REGISTRY."""
    given = {
        "ca": authority().certificate,
        "pem": server().certificate,
        "key": server().key,
        "t1": "correct\n",
    } | changes
    return {name: Secret(value) for name, value in given.items()}


def ask(
    plugins: Plugins,
    component: str,
    verb: str,
    section: Mapping[str, Any] = {},
    facts: Mapping[str, Any] = {},
    **more: Any,
) -> Any:
    import time

    whole = (
        {"hosts": "n1", "engine": {}}
        | {"registry": REGISTRY | section.get("registry", {})}
        | {k: v for k, v in section.items() if k != "registry"}
    )
    host = replace(BASE["host"], time=int(time.time()))
    return ask_for(
        plugins,
        f"triumf.{component}",
        verb,
        section=whole,
        facts=BASE | {"host": host} | facts,
        secrets=more.pop("secrets", held()),
        **more,
    )


@pytest.mark.parametrize("case", ARGV, ids=[case["name"] for case in ARGV])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    facts = {"packages": case.get("manager", "apt")}
    given = ask(
        plugins,
        case["component"],
        case["verb"],
        case.get("section", {}),
        facts,
        options=case.get("options"),
    )
    answer = plugins.ask(given)
    argv = (
        answer.argv
        if isinstance(answer, Session)
        else next(step.do for step in plan_of(plugins, given) if step.name == case["step"])
    )
    assert shlex.join(argv) == case["is"]


@pytest.mark.parametrize(
    "case", REFUSED, ids=[str(case.get("section") or case.get("options")) for case in REFUSED]
)
def test_what_is_no_such_thing_is_refused(plugins: Plugins, case: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        ask(
            plugins,
            case.get("component", "engine"),
            case.get("verb", "up"),
            case.get("section", {}),
            options=case.get("options"),
        )


OPTIONS: Mapping[str, Any] = {
    "delete": {"image": "a:b"},
    "add": {"user": "t1user"},
    "remove": {"user": "old"},
}
VERBS = [
    (name, verb)
    for name in ("engine", "registry", "trust", "users")
    for verb in plugins_in(PLUGINS).component("triumf", name).verbs
]


@pytest.mark.parametrize(("component", "verb"), VERBS, ids=[".".join(pair) for pair in VERBS])
@pytest.mark.parametrize("host", HOSTS, ids=[name.replace(" ", "-") for name in HOSTS])
def test_a_site_with_a_registry_is_answered_with_data_or_one_sentence(
    plugins: Plugins, component: str, verb: str, host: str
) -> None:
    given, said = ask(plugins, component, verb, facts=HOSTS[host], options=OPTIONS.get(verb)), ""
    answer = None
    try:
        answer = plugins.ask(given)
    except FairleadError as error:
        said = str(error)
    assert "\n" not in said
    assert list(faults(answer)) == []


# The engine


def up(plugins: Plugins, facts: Mapping[str, Any], **engine: Any) -> list[str]:
    return [
        step.name
        for step in plan_of(plugins, ask(plugins, "engine", "up", {"engine": engine}, facts))
    ]


def standing(**changes: Any) -> Any:
    from fairlead_plugins.triumf.facts import Engine

    return Engine(
        **(
            {
                "live": False,
                "running": 0,
                "containers": 0,
                "images": 0,
                "swarm": "inactive",
                "root": "/docker",
                "driver": "[]",
            }
            | changes
        )
    )


def test_the_engine_is_told_of_live_restore_before_it_is_restarted(plugins: Plugins) -> None:
    assert up(plugins, {"standing": standing()}) == [
        "packages",
        "engine",
        "originals",
        "live-restore",
        "engine's files",
    ]
    assert up(plugins, {"standing": standing(live=True)}) == [
        "packages",
        "engine",
        "originals",
        "engine's files",
    ]
    assert "live-restore" in up(
        plugins, {"standing": None}
    )  # one that did not answer in time may run containers all the same
    assert up(plugins, {"standing": standing()}, live_restore=False) == [
        "packages",
        "engine",
        "originals",
        "engine's files",
    ]


def test_the_bridge_is_made_where_its_port_is_named(plugins: Plugins) -> None:
    assert up(plugins, {}, port="eth0")[:2] == ["packages", "bridge br0"]


def test_a_restart_of_the_engine_is_armed_and_alone_on_its_host(plugins: Plugins) -> None:
    steps = {step.name: step for step in plan_of(plugins, ask(plugins, "engine", "up"))}
    assert (
        steps["engine's files"].exclusive,
        steps["engine's files"].confirm_within,
        steps["originals"].exclusive,
    ) == (True, 60, False)


def preflight(
    plugins: Plugins, component: str, section: Mapping[str, Any] = {}, **facts: Any
) -> dict[str, tuple[bool, bool, str]]:
    checks = plugins.ask(ask(plugins, component, "preflight", section, facts))
    assert list(faults(checks)) == []
    return {check.name: (check.ok, check.blocks, check.found) for check in checks}


def test_preflight_of_an_engine_says_what_is_in_the_way(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.facts import Mount

    site = {
        "engine": {
            "ranges": {"n1": "10.0.3.144/28"},
            "block_registry": ["docker.io"],
            "selinux": False,
        }
    }
    loops = standing(
        root="/var/lib/docker",
        containers=2,
        images=3,
        swarm="active",
        running=1,
        driver='[["Data loop file","/x"]]',
    )
    found = preflight(
        plugins,
        "engine",
        site,
        standing=loops,
        bridge="172.17.0.1/16",
        mount=Mount("/", 5000),
        selinux="Enforcing",
        files={},
    )
    assert {name: (blocks, words) for name, (ok, blocks, words) in found.items() if not ok} == {
        "addresses": (True, "br0 has 172.17.0.1/16"),
        "data root": (False, "it lies in /"),
        "room": (True, "4.9 GiB"),
        "storage": (False, "the thin pool lies in loop files"),
        "images and containers": (True, "2 containers and 3 images at /var/lib/docker"),
        "swarm": (True, "active"),
        "network of what runs": (True, "1 run, and bridge, fixed-cidr would change"),
        "SELinux": (False, "Enforcing"),
        "block_registry": (False, "daemon.json has no key for it"),
    }


def test_preflight_of_an_engine_of_rhel_7_looks_for_the_volume_group(plugins: Plugins) -> None:
    site, files = (
        {"engine": {"volume_group": "vg1", "block_registry": ["docker.io"]}},
        {"/etc/sysconfig/docker": "OPTIONS=''\n"},
    )
    for volumes, found in (
        ({}, (False, True, "no vg1")),
        ({"vg1": 200.0}, (True, True, "200 GiB free")),
        ({"vg1": 0.0}, (False, True, "0 GiB free")),
    ):
        checks = preflight(
            plugins, "engine", site, standing=standing(), files=files, volumes=volumes
        )
        assert checks["volume group"] == found
        assert "block_registry" not in checks


@pytest.mark.parametrize(
    ("word", "ok", "words"),
    [
        ("absent", True, "there is no br0: up makes it of eth0"),
        ("dynamic", False, "eth0 has its address by DHCP"),
        ("ok", True, "10.0.3.1/24"),
    ],
)
def test_preflight_says_whether_the_bridge_can_be_made(
    plugins: Plugins, word: str, ok: bool, words: str
) -> None:
    from fairlead.operations.network.bridge import Bridged

    said = {"absent": "there is no br0", "dynamic": words, "ok": words}[word]
    assert preflight(plugins, "engine", {"engine": {"port": "eth0"}}, bridged=Bridged(word, said))[
        "bridge"
    ] == (ok, True, words)


def test_facts_are_read(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import facts

    assert facts.texts(0, "/a YQo=\n/b \n/c %%%\nnoise\n") == {"/a": "a\n", "/b": "", "/c": ""}
    assert facts.standing(0, 'true\t1\t2\t3\tinactive\t/docker\t[["a","b"]]\n') == standing(
        live=True, running=1, containers=2, images=3, driver='[["a","b"]]'
    )
    assert facts.standing(1, "Cannot connect\n") is None
    assert [
        facts.bridge(0, text) for text in ("10.0.3.1/24\nthere\n", "there\n", "", "nonsense/24\n")
    ] == ["10.0.3.1/24", "there", "", ""]
    assert facts.volumes(0, "  vg1  <93.13g\n  vg2 0g\n  what\n") == {"vg1": 93.13, "vg2": 0.0}
    assert facts.mount(0, "/docker 20480\n") == facts.Mount("/docker", 20)
    assert facts.held(0, "2\n100\n5\n") == facts.Held(2, 100, 5)


# The registry


def test_its_configuration_is_the_documents(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import distribution

    registry = ask(
        plugins,
        "registry",
        "up",
        {"registry": {"name": "roc-policy-sb.triumf.ca", "log_level": "debug"}},
    ).section.registry
    assert yaml.safe_load(distribution.config(registry, "142.90.90.109", distribution.RED_HAT)) == {
        "version": 0.1,
        "log": {"level": "debug", "formatter": "text", "fields": {"service": "registry"}},
        "storage": {
            "delete": {"enabled": True},
            "cache": {"blobdescriptor": "inmemory"},
            "filesystem": {"rootdirectory": "/data/docker/registry"},
        },
        "http": {
            "addr": "142.90.90.109:5000",
            "host": "https://roc-policy-sb.triumf.ca:5000",
            "tls": {
                "certificate": "/etc/grid-security/hostcert.pem",
                "key": "/etc/grid-security/hostkey.pem",
            },
        },
        "auth": {
            "htpasswd": {
                "realm": "basic-realm",
                "path": "/etc/docker-distribution/registry/registry_passwd",
            }
        },
    }


def test_a_hash_that_is_right_stays_with_its_salt_and_others_are_left_alone() -> None:
    from fairlead_plugins.triumf.registry import htpasswd

    first = htpasswd.written("other:$2y$05$abc\n", {"t1user": Secret("one")})
    assert first.startswith("other:$2y$05$abc\nt1user:$2b$10$")
    assert htpasswd.written(first, {"t1user": Secret("one")}) == first
    second = htpasswd.written(first, {"t1user": Secret("two")}, gone=["other"])
    assert (
        second.count("\n"),
        second != first,
        htpasswd.fits(htpasswd.users(second)["t1user"], Secret("two")),
    ) == (1, True, True)
    assert not htpasswd.fits("{SHA}abc", Secret("two"))


@pytest.mark.parametrize("password", ["", "x" * 73, "two\nlines", "nul\0"])
def test_a_password_that_bcrypt_would_cut_or_refuse_is_told(password: str) -> None:
    from fairlead_plugins.triumf.registry import htpasswd

    with pytest.raises(
        SecretError,
        match="the password of t1user: has to be one line of at most 72 bytes: bcrypt takes no more; inv secrets.set",
    ):
        htpasswd.written("", {"t1user": Secret(password)})


CERTIFICATES = {
    "the server's own": (lambda: server().certificate, ""),
    "an expired one": (
        lambda: issue(authority(), begins=-3, ends=-1).certificate,
        "has expired on ",
    ),
    "one of tomorrow": (lambda: issue(authority(), begins=1).certificate, "is valid only from "),
    "one of another host": (
        lambda: issue(authority(), name="n9").certificate,
        "is not for n1 but for n9",
    ),
    "one of another authority": (
        lambda: issue(issue(name="somebody")).certificate,
        "is not signed by the authority that the site names",
    ),
    "one without names": (
        lambda: authority().certificate,
        "is not for n1 but for no host name (the engines do not look at the common name)",
    ),
    "for all of a domain": (
        lambda: issue(authority(), name="*.example.org").certificate,
        "is not for n1 but for *.example.org",
    ),
    "a chain in the wrong order": (
        lambda: server().certificate + issue(authority()).certificate,
        "has a chain behind it that does not hold together",
    ),
    "with its authority behind it": (lambda: server().certificate + authority().certificate, ""),
    "none": (lambda: "nonsense", "is no certificate in PEM form"),
}


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_is_seen_as_its_clients_see_it(plugins: Plugins, name: str) -> None:
    import time

    from fairlead_plugins.triumf.registry import certificate

    make, fault = CERTIFICATES[name]
    found = certificate.shown(
        make().encode(), "n1", time.time(), authority().certificate.encode()
    ).fault
    assert found.startswith(fault)
    assert bool(found) == bool(fault)


def test_a_pair_that_clients_would_refuse_is_not_sent(plugins: Plugins) -> None:
    other = issue(authority(), name="n9")
    with pytest.raises(
        SecretError,
        match="secrets/pem: is not for n1 but for n9; have one issued that fits, then inv secrets.set",
    ):
        plan_of(
            plugins,
            ask(plugins, "registry", "up", secrets=held(pem=other.certificate, key=other.key)),
        )


def test_a_wildcard_is_for_a_host_of_its_domain() -> None:
    import time

    from fairlead_plugins.triumf.registry import certificate

    pem = issue(authority(), name="*.example.org").certificate.encode()
    assert [
        certificate.shown(pem, name, time.time()).fault == ""
        for name in ("r.example.org", "a.r.example.org")
    ] == [True, False]


def test_which_secrets_are_needed_for_what(plugins: Plugins) -> None:
    named = {
        verb: [
            spec.name
            for spec in plugins.ask(
                ask(plugins, component, name, options=OPTIONS.get(name)), "needs"
            )
            or ()
        ]
        for component, name in (
            ("registry", "up"),
            ("registry", "delete"),
            ("registry", "gc"),
            ("trust", "up"),
            ("users", "add"),
            ("users", "remove"),
        )
        for verb in (f"{component}.{name}",)
    }
    assert named == {
        "registry.up": ["pem", "key", "ca", "t1"],
        "registry.delete": ["t1"],
        "registry.gc": [],
        "trust.up": ["ca", "t1"],
        "users.add": ["t1"],
        "users.remove": [],
    }


def test_status_says_for_how_long_the_certificate_is_good_and_whether_there_is_room(
    plugins: Plugins,
) -> None:
    from fairlead_plugins.triumf.facts import Held

    files = {
        "/etc/grid-security/hostcert.pem": server().certificate,
        "/etc/docker/registry/ca.crt": authority().certificate,
    }
    facts = {"packages": "apt", "files": files, "active": True}
    well = plugins.ask(
        ask(plugins, "registry", "status", facts=facts | {"held": Held(2, 100_000, 1_000_000)})
    )
    assert well == Status(
        True,
        (
            ("service", "up"),
            ("address", "n1:5000 (192.0.2.1)"),
            ("tls", "89 days left"),
            ("repositories", 2),
            ("size", "102.4 MB"),
            ("room", "1.0 GB free"),
        ),
    )
    full = plugins.ask(
        ask(plugins, "registry", "status", facts=facts | {"held": Held(2, 100_000, 10)})
    )
    assert (full.healthy, full.fields[-1]) == (
        False,
        (
            "room",
            "full (0.0 MB free): pushes fail; inv triumf.registry.gc, or a larger file system",
        ),
    )
