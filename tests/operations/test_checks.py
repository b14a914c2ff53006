"""What hosts answer, as data, and the checks that are made of it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from msgspec.structs import replace

from fairlead.model.plan import Ask, EngineFacts, Noun, Target
from fairlead.operations import checks as preflight
from fairlead.operations import facts as probes
from fairlead.operations.checks import Clock, Socket

CASES = yaml.safe_load((Path(__file__).parent / "cases/preflight.yml").read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_what_a_host_answers_is_read(case: dict[str, Any]) -> None:
    parser = getattr(probes, case["parser"], None) or getattr(preflight, case["parser"])
    assert (
        json.loads(msgspec.json.encode(parser(case.get("code", 0), case["text"]))) == case["gives"]
    )


@pytest.mark.parametrize(
    ("version", "oldest", "enough"),
    [
        ("2.16.0", "2.16.0", True),
        ("2.9.9", "2.16.0", False),
        ("v2.26.1-4", "2.16.0", True),
        ("", "1", False),
        ("standalone 2.26.1", "2.16.0", False),
    ],
)
def test_versions_are_compared_number_by_number(version: str, oldest: str, enough: bool) -> None:
    assert probes.at_least(version, oldest) is enough


def ask(**facts: Any) -> Ask[Any]:
    return Ask(
        verb="preflight",
        target=Target(site="s", host="n1", system="x", component="y", section=None, peers=("n1",)),
        facts=facts,
        options=Noun(),
    )


TABLE = {
    "web": preflight.tcp(443, 80),
    "owamp": (*preflight.tcp(861), preflight.spare("udp", 8760, 9960)),
}
HTTPD, STRANGER = Socket("tcp", 443, "httpd", 7), Socket("udp", 9000, "", 0)


def shown(*sockets: Socket, ours: frozenset[int] = frozenset()) -> list[tuple[bool, str, str]]:
    return [
        (check.ok, check.found, check.remedy)
        for check in preflight.ports(ask(sockets=sockets, pids=ours), TABLE)
    ]


def test_who_holds_a_port_is_named() -> None:
    assert shown(HTTPD, STRANGER) == [
        (False, "443/tcp is held by httpd (pid 7)", "stop httpd on this host"),
        (
            False,
            "9000/udp is held by a process that only root may see",
            "stop what holds it on this host, or do without them",
        ),
    ]


@pytest.mark.parametrize(
    ("socket", "ok", "blocks"),
    [
        (Socket("tcp", 9100, "node_exporter", 5), True, True),  # the range is of the other protocol
        (Socket("udp", 9100, "named", 5), False, False),  # tests draw another port of the range
        (Socket("tcp", 861, "owampd", 5), False, True),
        (Socket("udp", 861, "x", 5), True, True),
    ],
)
def test_ports_have_a_protocol_and_one_of_a_range_can_be_missed(
    socket: Socket, ok: bool, blocks: bool
) -> None:
    (check,) = preflight.ports(ask(sockets=(socket,)), {"owamp": TABLE["owamp"]})
    assert (check.ok, check.blocks) == (ok, blocks)
    assert check.wanted == "861/tcp, 8760-9960/udp free"


@pytest.mark.parametrize(
    ("process", "remedy"),
    [
        ("httpd", "stop httpd on this host"),
        (
            "systemd",
            "stop the socket unit that systemd listens for (systemctl list-sockets) on this host",
        ),
        ("docker-proxy", "stop the container that publishes it (docker ps) on this host"),
    ],
)
def test_nobody_is_sent_to_stop_systemd(process: str, remedy: str) -> None:
    assert shown(Socket("tcp", 443, process, 1))[0][2] == remedy


def test_nobody_is_sent_to_stop_what_may_be_the_container_of_an_engine_that_is_dead() -> None:
    facts = {"sockets": (HTTPD,), "engine": EngineFacts(name="docker", error="no daemon")}
    web, owamp = preflight.ports(ask(**facts), TABLE)
    assert (web.ok, web.remedy) == (False, preflight.ENGINE_FIRST)
    assert owamp.ok


def test_our_own_container_is_no_conflict() -> None:
    assert [ok for ok, _, _ in shown(HTTPD, ours=frozenset({7}))] == [True, True]


def test_children_of_our_container_come_and_go_while_we_look() -> None:
    child, nobody = Socket("tcp", 443, "httpd", 8), Socket("tcp", 80, "", 0)
    assert [ok for ok, _, _ in shown(HTTPD, child, nobody, ours=frozenset({7}))] == [True, True]
    assert [ok for ok, _, _ in shown(child, ours=frozenset({7}))] == [False, True]


def test_a_host_without_ss_is_not_blocked_but_told() -> None:
    checks = preflight.ports(ask(sockets=None), TABLE)
    assert {(c.ok, c.blocks, c.found) for c in checks} == {
        (False, False, "not known: ss is not there")
    }


@pytest.mark.parametrize(
    ("clock", "ok", "words"),
    [
        (Clock("chrony", True, 0.000031625), True, "chrony, synchronised, off by 0.032 ms"),
        (Clock("timesyncd", False), False, "timesyncd, not synchronised"),
        (None, False, "nobody keeps time"),
    ],
)
def test_time_is_kept_only_where_it_is_synchronised(
    clock: Clock | None, ok: bool, words: str
) -> None:
    check = preflight.time_is_kept(ask(clock=clock), "why")
    assert (check.ok, check.found) == (ok, words)


ENGINE = EngineFacts(name="docker", version="28", server="28.0.1")


@pytest.mark.parametrize(
    ("engine", "ok", "words", "fixable"),
    [
        (ENGINE, True, "docker 28.0.1", False),
        (None, False, "none", False),
        (replace(ENGINE, server="1.13.1"), False, "docker 1.13.1", False),
        (replace(ENGINE, name="podman"), False, "podman, not docker", False),
        (replace(ENGINE, rootless=True), False, "docker 28.0.1, rootless", False),
        (
            replace(ENGINE, error="Cannot connect"),
            False,
            "docker does not answer: Cannot connect",
            True,
        ),
    ],
)
def test_an_engine_is_there_answers_and_is_not_too_old(
    engine: EngineFacts | None, ok: bool, words: str, fixable: bool
) -> None:
    check = preflight.engine(ask(engine=engine), "docker")
    assert (check.ok, check.found, bool(check.fix)) == (ok, words, fixable)


@pytest.mark.parametrize(
    ("version", "ok", "found", "fixes"),
    [
        ("2.26.1", True, "2.26.1", 0),
        ("standalone 2.26.1", False, "docker-compose 2.26.1 alone: `docker compose` does not", 1),
        ("standalone 1.29.2", False, "docker-compose 1.29.2 alone: `docker compose` does not", 0),
        ("", False, "none", 0),
    ],
)
def test_compose_counts_as_docker_compose_only_and_one_that_stands_alone_can_be_linked(
    version: str, ok: bool, found: str, fixes: int
) -> None:
    check = preflight.compose(ask(compose=version), "2.16.0")
    assert (check.ok, check.found[: len(found)], len(check.fix)) == (ok, found, fixes)
    assert ("--fix" in check.remedy) is bool(fixes)


def docker(folder: Path) -> Path:
    """A docker in a folder of its own that knows Compose where its folder of plugins has it."""
    folder.mkdir()
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\nexec "{folder}/plugins/docker-compose" version 2>/dev/null\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
def test_where_docker_compose_is_asked_and_linked(tmp_path: Path, shell: str) -> None:
    bin_ = tmp_path / "bin"
    docker(bin_)

    def run(argv: tuple[Any, ...]) -> tuple[int, str]:
        assert argv[:2] == ("sh", "-c")
        done = subprocess.run(
            (*shell.split(), *argv[1:]),
            env={"PATH": f"{bin_}:/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, probes.compose(done.returncode, done.stdout)

    (bin_ / "docker-compose").write_text("#!/bin/sh\nexit 1\n")
    (bin_ / "docker-compose").chmod(0o755)
    assert run(probes.sh("compose"))[1] == ""
    (bin_ / "docker-compose").write_text("#!/bin/sh\necho v2.26.1\n")
    assert run(probes.sh("compose"))[1] == "standalone 2.26.1"
    assert run(preflight.sh("compose_link", str(bin_ / "plugins")))[0] == 0
    assert run(probes.sh("compose"))[1] == "2.26.1"
