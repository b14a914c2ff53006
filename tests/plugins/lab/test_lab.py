"""The lab's plans, as data; what its machine must have; and its relay. No host is booted here."""

import asyncio
import os
import re
import runpy
import subprocess
import tempfile
import time
from pathlib import Path

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import Session, Status
from fairlead.testing import ask_for, faults, plan_of, plugins_in
from plugins.lab import commands
from plugins.lab.site import Lab

PLUGINS = Path(__file__).parents[3] / "plugins"
CASES = PLUGINS / "lab" / "cases"
FILES = PLUGINS / "lab" / "files"
PEERS = tuple(f"n{number}" for number in range(1, 21))
MACHINE = {"uid": "0", "overlay": "yes", "cgroup": "v1", "filesystem": "ext2/ext3"}


def cases(name: str) -> list:
    return yaml.safe_load((CASES / name).read_text())


def ask(
    plugins,
    verb: str,
    host: str = "n1",
    options=None,
    facts=None,
    argv=(),
    machine=MACHINE,
    peers=PEERS,
):
    answer = {"lab machine": machine} | {
        f"lab host {name}": output for name, output in (facts or {}).items()
    }
    return ask_for(
        plugins,
        "lab.host",
        verb,
        section={"hosts": "n[1-20]"},
        facts=answer,
        options=options,
        argv=argv,
        host=host,
        peers=peers,
    )


@pytest.mark.parametrize("case", cases("plans.yml"), ids=lambda case: case["says"])
def test_a_verb_plans_these_steps(plugins, case) -> None:
    questions = ask(
        plugins, case["verb"], case.get("host", "n1"), case.get("options"), case.get("facts")
    )
    assert [step.name for step in plan_of(plugins, questions)] == case["steps"]
    assert not list(faults(plugins.ask(questions)))


def plain(word: str) -> str:
    """Without the folders of the lab and the digest of a recipe."""
    word = word.replace("/var/lib/fairlead-lab", "ROOT").replace("/var/cache/fairlead-lab", "CACHE")
    word = re.sub(r"(host-[a-z]+)-[0-9a-f]{12}", r"\1", word)
    return re.sub(r"^[0-9.]+ .* [0-9a-f]{16}$", "SPEC", word)


@pytest.mark.parametrize("case", cases("commands.yml"), ids=lambda case: case["step"])
def test_a_step_is_this_command(plugins, case) -> None:
    booted = {"power": "on", "cgroup": "v1"} if case.get("booted", True) else {"power": "none"}
    there = {"n1": {"power": "on"}, case["host"]: booted}
    questions = ask(plugins, case["verb"], case["host"], case.get("options"), there)
    step = next(step for step in plan_of(plugins, questions) if step.name == case["step"])
    written = {
        key: [plain(word) for word in value]
        for key in ("do", "undo")
        if (value := getattr(step, key))
    }
    assert written == {key: case[key] for key in ("do", "undo") if key in case}


def test_what_all_hosts_share_is_asked_for_in_the_same_words(plugins) -> None:
    step, other = (plan_of(plugins, ask(plugins, "up", host)) for host in ("n1", "n2"))
    assert [step.name for step in step if step in other] == [
        "files of the lab",
        "keys and switch",
        "registry",
        "image perfsonar/testpoint:latest is 5.0.0",
    ]


def test_the_files_travel_as_one_archive_that_never_differs(plugins) -> None:
    first, second = (
        next(iter(plan_of(plugins_in(PLUGINS), ask(plugins_in(PLUGINS), "up")))) for _ in range(2)
    )
    assert first == second
    assert first.do[-1] in first.unless


@pytest.mark.parametrize(
    ("named", "count", "booted"),
    [
        (PEERS, 0, ("n1", "n2", "n3")),
        (PEERS, 5, ("n1", "n2", "n3", "n4", "n5")),
        (("n2", "n5", "n6", "n9"), 0, ("n2", "n5", "n6", "n9")),
        (("n2", "n5", "n6", "n9"), 1, ("n2",)),
    ],
)
def test_all_hosts_that_are_named_are_booted_unless_a_count_says_fewer(
    plugins, named: tuple[str, ...], count: int, booted: tuple[str, ...]
) -> None:
    options = {"count": count} if count else None
    asks = (ask(plugins, "up", host, options, peers=named) for host in named)
    of_the_site = (replace(one, target=replace(one.target, everywhere=PEERS)) for one in asks)
    assert tuple(one.target.host for one in of_the_site if plan_of(plugins, one)) == booted


def test_steps_on_a_host_that_was_never_booted_are_refused(plugins) -> None:
    with pytest.raises(CommandLineError) as refused:
        plugins.ask(
            ask(plugins, "link", "n7", {"state": "down"}, {"n7": {"power": "none"}}, peers=("n7",))
        )
    assert str(refused.value) == "inv lab.link: n7 was never booted; boot it first: inv lab.up"


def test_an_image_without_a_stand_in_is_refused(plugins) -> None:
    with pytest.raises(CommandLineError) as refused:
        plugins.ask(ask(plugins, "publish", options={"version": "1.0.0", "image": "nginx"}))
    assert str(refused.value).startswith("--image: no stand-in for 'nginx'; there are: ")


BOOTED = {"power": "on", "cgroup": "v2", "release": "trixie"}
STAYS = "take it down first: inv lab.down --host=n1"
NEEDS = "name a release too: --release=trixie"


@pytest.mark.parametrize(
    ("options", "state", "words"),
    [
        ({"release": ("sarge",)}, {}, "--release: 'sarge' is no release of a host; there are: "),
        ({"release": ("n1=sarge",)}, {}, "--release: 'sarge' is no release of a host; there are: "),
        ({"init": ("upstart",)}, {}, "--init: 'upstart' is no init of a host; there are: tini, "),
        (
            {"init": ("systemd",)},
            {},
            f"--init: systemd boots a tree of its own, not the files of this machine; {NEEDS}",
        ),
        (
            {"store": ("containerd",)},
            {},
            f"--store: this store wants Docker 26 or newer, as trixie and forky have it; {NEEDS}",
        ),
        ({"release": ("forky",)}, BOOTED, f"--release: n1 was booted with trixie; {STAYS}"),
        ({"init": ("systemd",)}, BOOTED, f"--init: n1 was booted with tini; {STAYS}"),
        (
            {"release": ("trixie",)},
            {"power": "off"},
            f"--release: n1 was booted with the files of this machine; {STAYS}",
        ),
        (
            {"release": ("forky",), "init": ("systemd",), "cgroup": "v1"},
            {},
            "--cgroup: systemd wants cgroup v2; leave v1 out",
        ),
    ],
)
def test_a_host_that_cannot_be_is_refused_in_words(plugins, options, state, words) -> None:
    with pytest.raises(CommandLineError) as refused:
        plugins.ask(ask(plugins, "up", options=options, facts={"n1": state or {"power": "none"}}))
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize("options", [{}, {"release": ("trixie",)}, {"init": ("tini",)}])
def test_a_host_that_was_booted_stays_what_it_is(plugins, options) -> None:
    question = ask(plugins, "up", options=options, facts={"n1": BOOTED})
    names = [step.name for step in plan_of(plugins, question)]
    assert "n1 boots" in names
    assert "tree of trixie" not in names


@pytest.mark.parametrize(
    ("verb", "options"),
    [
        ("up", {"count": 0}),
        ("up", {"count": 253}),
        ("up", {"cgroup": "v3"}),
        ("link", {"state": "left"}),
        ("power", {}),
        ("latency", {"ms": -1}),
        ("latency", {"ms": 10_001}),
        ("publish", {"version": "5.1"}),
        ("publish", {"version": "5.1.0; reboot"}),
        ("publish", {"version": "5.1.0", "tag": "a b"}),
    ],
)
def test_flags_that_make_no_sense_are_refused(plugins, verb, options) -> None:
    with pytest.raises(msgspec.ValidationError):
        ask(plugins, verb, options=options)


@pytest.mark.parametrize(
    ("answer", "healthy"),
    [
        ({"power": "none"}, True),
        (
            {
                "address": "10.77.0.1",
                "power": "on",
                "link": "up",
                "engine": "20.10.24",
                "cgroup": "v1",
            },
            True,
        ),
        ({"address": "10.77.0.1", "power": "on", "link": "down", "engine": "20.10.24"}, False),
        ({"address": "10.77.0.1", "power": "on", "link": "up", "engine": "none"}, False),
        ({"address": "10.77.0.1", "power": "off", "link": "down"}, False),
    ],
)
def test_status_shows_what_was_found(plugins, answer, healthy) -> None:
    assert plugins.ask(ask(plugins, "status", facts={"n1": answer})) == Status(
        healthy, tuple(answer.items())
    )


def test_another_users_lab_is_not_known_and_not_well(plugins) -> None:
    status = plugins.ask(ask(plugins, "status", facts={"n1": {"power": "not known"}}))
    assert status == Status(False, (("power", "not known"),))
    for verb, options in (("down", None), ("link", {"state": "up"}), ("power", {"state": "on"})):
        question = ask(plugins, verb, options=options, facts={"n1": {"power": "not known"}})
        with pytest.raises(FairleadError) as refused:
            plan_of(plugins, question)
        assert str(refused.value) == (
            "lab.root: /var/lib/fairlead-lab is not yours to look into; "
            "run it as root, as preflight wants it"
        )


@pytest.mark.parametrize(("code", "text"), [(127, "sh: not found\n"), (0, ""), (124, "")])
def test_a_host_of_which_nothing_is_said_is_not_known(plugins, code: int, text: str) -> None:
    facts = plugins.ask(ask(plugins, "status"), "facts")
    (state,) = (fact for fact in facts if fact.name == "lab host n1")
    answer = {"lab host n1": state.parse(code, text)}
    up = replace(ask(plugins, "up"), facts=answer)
    assert [step.name for step in plan_of(plugins, up) if step.name == "tree"] == []
    assert not plugins.ask(replace(ask(plugins, "status"), facts=answer)).well


@pytest.mark.parametrize(
    ("mode", "user", "power"),
    [
        (0o700, 65534, "not known"),
        (0o711, 65534, "not known"),
        (0o755, 65534, "none"),
        (0o700, 0, "none"),
    ],
)
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_whether_there_is_a_lab_is_asked_as_who_one_is(mode, user, power) -> None:
    with tempfile.TemporaryDirectory(prefix="lab-") as folder:
        Path(folder).chmod(0o755)
        root = Path(folder, "root")
        root.mkdir()
        root.chmod(mode)
        section = Lab(hosts="n1", root=str(root))
        words = commands.status(section, "n1")
        done = subprocess.run(
            ["setpriv", "--reuid", str(user), "--clear-groups", *words],
            capture_output=True,
            text=True,
            check=True,
        )
    assert (done.stdout, done.stderr) == (f"power {power}\n", "")


def test_exec_keeps_its_words(plugins) -> None:
    where = (
        "sh",
        "/var/lib/fairlead-lab/lib/lab.sh",
        "/var/lib/fairlead-lab",
        "10.77.0",
        "exec",
        "n1",
    )
    assert plugins.ask(ask(plugins, "exec", argv=("sh", "-c", "a;b"))) == Session(
        (*where, "sh", "-c", "a;b")
    )
    assert plugins.ask(ask(plugins, "exec")) == Session((*where, "bash"))


@pytest.mark.parametrize(
    ("answer", "failing"),
    [
        ({}, []),
        ({"uid": "1000"}, ["root"]),
        ({"missing": "tini docker.io"}, ["packages"]),
        ({"filesystem": "overlayfs"}, ["file system"]),
        ({"route": "10.77.0.0/24 dev eth1"}, ["network"]),
    ],
)
def test_preflight_says_what_the_machine_lacks(plugins, answer, failing) -> None:
    checks = plugins.ask(ask(plugins, "preflight", machine=MACHINE | answer))
    assert [check.name for check in checks if not check.ok] == failing
    assert not list(faults(checks))


def test_missing_packages_can_be_installed(plugins) -> None:
    checks = plugins.ask(ask(plugins, "preflight", machine=MACHINE | {"missing": "tini docker.io"}))
    (step,) = next(check.fix for check in checks if check.fix)
    assert step.do[3:] == ("install", "tini", "docker.io")


def test_the_shell_files_are_read_by_a_posix_shell(plugins) -> None:
    import subprocess

    scripts = [
        path
        for path in FILES.rglob("*")
        if path.is_file() and path.read_bytes().startswith(b"#!/bin/sh")
    ]
    bad = {
        str(path): output
        for path in scripts
        if (
            output := subprocess.run(
                ["sh", "-n", path], capture_output=True, text=True, check=False
            ).stderr
        )
    }
    assert len(scripts) > 10
    assert not bad


def test_the_relay_delays_each_way_and_keeps_the_order() -> None:
    carry = runpy.run_path(str(FILES / "relay.py"))["carry"]
    pieces = [bytes([number]) * 1000 for number in range(50)]
    assert asyncio.run(carried(carry, pieces)) == (b"".join(pieces), True)


async def carried(carry, pieces: list[bytes]) -> tuple[bytes, bool]:
    """What came through a way of 50 ms, and whether the first of it took that long."""
    source, sink = asyncio.StreamReader(), Sink()
    for piece in pieces:
        source.feed_data(piece)
    source.feed_eof()
    began = time.monotonic()
    await carry(source, sink, 0.05)
    return bytes(sink.data), 0.045 < sink.first - began < 1


class Sink:
    """A writer that notes what comes and when the first came."""

    def __init__(self) -> None:
        self.data, self.first = bytearray(), 0.0

    def write(self, data: bytes) -> None:
        self.first = self.first or time.monotonic()
        self.data += data

    async def drain(self) -> None:
        await asyncio.sleep(0)

    def write_eof(self) -> None:
        self.data += b""
