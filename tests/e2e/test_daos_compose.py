"""DAOS under Compose: the whole chain from nothing; clients in each of the three modes.

A pool is tested and measured from them. The lab has no DAOS: its packages are stand-ins with real
sockets and certificates, dfuse is a real FUSE mount, fio writes but measures nothing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.e2e.daos import STATE, Cluster, bare, containers, failing, images, on_server
from tests.e2e.ground import HOSTS, sh, under
from tests.e2e.inv import Said
from tests.e2e.terminal import Terminal

CHAIN = ("daos.preflight", "daos.secrets", "daos.build", "daos.up", "daos.status")
FIO = ("daos.client.fio", "--pool", "tank", "--container", "posix-fs")
LINES = ["mkdir", "daos", "dfuse", "df", "fio"]  # of the document's recipe, in its order
LEFT = sh.text("daos_left")
OTHER = sh.text("daos_fio")  # COMMAND: what fio does once dfuse has mounted
EXIT_CODE = "docker inspect --format '{{.State.ExitCode}}' \"$1\""
MOUNTED = "mountpoint -q /home/root/mnt"
CERTIFICATES = f"{STATE}/secrets/daos_server-certs.txz"
SUM = 'sha256sum "$1"'
AGENT = "/opt/daos-agent-on-bare-metal"


@pytest.fixture(scope="module")
def cluster(
    daos_repository: dict[str, list[str]], pages: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Hosts, packages, and the keys of certificates: nothing of DAOS stands yet."""
    bare()
    made = Cluster(tmp_path_factory.mktemp("daos"), daos_repository)
    yield made
    under("n3", sh.text("daos_agent_ends") + 'rm -rf "$1"', AGENT)
    bare()


@pytest.fixture(scope="module")
def chain(cluster: Cluster) -> Said:
    """Once from nothing."""
    preflight, secrets, *rest = CHAIN
    return cluster.done(preflight, secrets, "--generate", *rest, "--json")


@pytest.fixture(scope="module")
def up(cluster: Cluster, chain: Said) -> Cluster:
    """With a pool."""
    assert cluster.format() == 0
    cluster.done("daos.pool.create", "--name=tank")
    return cluster


@pytest.mark.releases
def test_the_chain_from_nothing_and_then_nothing_is_built_or_started_again(
    cluster: Cluster, chain: Said
) -> None:
    first = chain.json
    assert [(run["verb"], run["ok"]) for run in first["runs"]] == [(verb, True) for verb in CHAIN]
    assert {run["verb"] for run in first["runs"] if run["changed"]} >= {"daos.build", "daos.up"}
    before = images(), containers()
    assert {host: before[0][host].count("daos-") for host in HOSTS} == {
        "n1": 5,
        "n2": 2,
        "n3": 3,
    }, before
    assert [before[1][host].split()[0] for host in HOSTS] == [
        "daos-server",
        "daos-agent",
        "daos-agent",
    ]
    again = cluster.done(*CHAIN, "--json").json
    assert [(run["verb"], run["ok"], run["changed"]) for run in again["runs"]] == [
        (verb, True, False) for verb in CHAIN
    ]
    assert (images(), containers()) == before


@pytest.mark.releases
def test_a_client_s_command_ends_with_its_own_exit_code(up: Cluster) -> None:
    assert up.daos("daos", "pool", "autotest", "tank").code == 0
    assert (
        up.daos("daos", "pool", "autotest", "nonesuch").code == 19
    )  # -1005 (DER_NONEXIST), as a process tells it
    assert up.daos("sh", "-c", "exit 41").code == 41


@pytest.mark.releases
def test_fio_is_measured_on_a_mount_that_is_gone_afterwards(up: Cluster) -> None:
    for lines in (LINES, [line for line in LINES if line != "daos"]):  # the container is made once
        result = up.done(*FIO, "--host=n2")
        assert [
            line.split()[1] for line in result.err.splitlines() if line.startswith("$ ")
        ] == lines, result.err
        assert re.search(
            r"^/tmp/stand-in-0/tank/posix-fs .* /home/root/mnt$", result.out, re.MULTILINE
        )  # df of the type fuse.daos
        assert "err= 0: a stand-in, nothing was measured" in result.out
        assert under("n2", LEFT) == "daos-agent running\n"
    assert "posix" in up.daos("daos", "container", "query", "tank", "posix-fs").out


def test_two_hosts_measure_on_a_container_that_neither_had(up: Cluster) -> None:
    """Both ask before one of them has made it, or one after the other: both measure."""
    result = up.done("daos.client.fio", "--pool=tank", "--container=of-both", "--json")
    assert {host: row["code"] for host, row in result.rows.items()} == {"n2": 0, "n3": 0}


@pytest.mark.releases
def test_down_names_the_sessions_that_are_open_ends_them_and_stops_the_engines_by_dmg(
    up: Cluster,
) -> None:
    words = ("--host=n2", "--", "bash", "-c", sh.text("daos_mounts"))
    with Terminal("daos.client.exec", *words, **up.environment) as session:
        session.waits_for("it is mounted")
        for verb in ("daos.down", "daos.client.stop"):
            question = up.inv(verb)
            assert question.code == 2
            assert re.search(
                r"In use: n2: a session of daos\.client since \d{4}-\d\d-\d\d \d\d:\d\d UTC, with "
                r"dfuse on /home/root/mnt\. (Take daos|Go on with inv daos)",
                question.err,
            ), question.err
        result = up.done("daos.down", "--yes", "--json")
        session.ended(60)
    steps = [
        (row["component"], step["name"], step["state"])
        for row in result.json["hosts"]
        for step in row["steps"]
    ]
    changed = [(component, name) for component, name, state in steps if state == "changed"]
    assert changed.index(("client", "sessions end")) < changed.index(("admin", "engines stop"))
    assert changed.index(("admin", "engines stop")) < changed.index(("server", "stop"))
    assert set(containers().values()) == {""}
    assert not up.done("daos.down", "--yes", "--json").json["changed"]
    up.done("daos.up", "daos.status")
    assert up.daos("daos", "pool", "autotest", "tank").code == 0


def test_a_client_that_is_kept_up_comes_and_goes_without_its_agent(up: Cluster) -> None:
    agents = containers()
    up.say(client={"hosts": "n[2-3]", "mode": "separate-agent", "keep": True})
    up.done("daos.client.up")
    assert [containers()[host].replace(agents[host], "").split()[::2] for host in ("n2", "n3")] == [
        ["daos-client"]
    ] * 2
    up.done("daos.agent.down", "--host=n3", "--yes")
    assert containers()["n3"].split()[::2] == ["daos-client"]
    assert not up.inv("daos.client.up", "--json").json["changed"]
    up.done("daos.agent.up", "daos.client.down", "--yes")
    assert containers()["n2"] == agents["n2"]
    assert containers()["n3"].split()[::2] == ["daos-agent"]


def test_fio_that_fails_or_is_interrupted_ends_with_its_own_exit_code_and_leaves_no_mount(
    up: Cluster,
) -> None:
    up.done("daos.client.up", "--host=n2")
    assert up.daos("sh", "-c", OTHER, "other", "exit 77").code == 0
    result = up.inv(*FIO, "--host=n2")
    assert (result.code, up.daos("sh", "-c", MOUNTED).code) == (77, 32), result.err
    missing = up.inv("daos.client.fio", "--host=n2", "--pool=nonesuch", "--container=posix-fs")
    assert (missing.code, up.daos("sh", "-c", MOUNTED).code) == (19, 32), missing.err
    assert up.daos("sh", "-c", OTHER, "other", "exec sleep 60").code == 0
    with Terminal(*FIO, "--host=n2", **up.environment) as terminal:
        terminal.waits_for("it measures")
        terminal.type("\x03")
        assert terminal.ended() == 130, terminal.seen
    assert up.daos("sh", "-c", MOUNTED).code == 32
    up.done("daos.client.stop", "--host=n2")
    assert (
        under("n2", EXIT_CODE, "daos-client") != "137\n"
    )  # its shell has ended by itself, and was not killed after half a minute
    up.done("daos.client.down", "--host=n2")


def reconfigured(section: Mapping[str, Any]) -> dict[str, Any]:
    """The section of a component in which one word of its configuration is another."""
    config = section["config"]
    if "engines" not in config:
        return section | {"config": config | {"hostlist": ["n1:10001"]}}
    engines = [config["engines"][0] | {"targets": 2}]
    return section | {"config": config | {"engines": engines}}


@pytest.mark.parametrize(
    ("component", "host", "words"),
    [
        ("server", "n1", ("grep", "targets: 2", "/etc/daos/daos_server.yml")),
        ("admin", "n3", ("grep", "n1:10001", "/etc/daos/daos_control.yml")),
    ],
)
def test_another_word_in_a_configuration_is_told_by_every_verb_until_it_is_in_service(
    up: Cluster, component: str, host: str, words: tuple[str, ...]
) -> None:
    up.say(client={"hosts": "n[2-3]", "mode": "separate-agent"})
    name, before = f"daos.{component}", containers()
    up.say(**{component: reconfigured(up.section[component])})
    dry = up.inv(f"{name}.up", "--dry-run", "--fail-on=changed")
    checks = up.inv(f"{name}.preflight", "--json").rows[host]["checks"]
    assert (dry.code, up.inv(f"{name}.status").code, failing(checks)) == (9, 1, ["image"])
    early = up.inv(f"{name}.up")
    assert (early.code, "n1 has to build it from the site as it is" in early.out) == (1, True)
    assert containers() == before
    up.done(f"{name}.build", f"{name}.up", f"{name}.status", f"{name}.preflight")
    assert up.inv(f"{name}.exec", f"--host={host}", "--", *words).code == 0
    assert not up.done(f"{name}.up", "--json").json["changed"]
    assert up.daos("daos", "pool", "autotest", "tank").code == 0


def certificates(cluster: Cluster) -> tuple[int, list[str]]:
    """The exit code of `daos.status`, and what it says of the certificates of agents."""
    status = cluster.inv("daos.status", "--json")
    rows = [row for row in status.json["hosts"] if row["component"] == "agent"]
    return status.code, [row["fields"]["certificate"] for row in rows]


def test_a_dead_client_stops_a_rotation_before_the_servers_or_is_skipped_by_name(
    up: Cluster,
) -> None:
    up.say(client={"hosts": "n[2-3]", "mode": "separate-agent"})
    up.done("daos.up")
    assert certificates(up) == (0, ["the one that the servers believe"] * 2)
    up.done("daos.agent.secrets", "--rotate", "--name=daos-agent-certs.txz")
    before = containers(), on_server(SUM, CERTIFICATES)
    up.say(client=up.section["client"] | {"hosts": "n[2-3],n9"})  # the lab has no n9 now
    result = up.inv("daos.up")
    words = "because of n9: --skip-unreachable goes on without"
    assert (result.code, words in result.out) == (5, True), result.out
    assert (containers(), on_server(SUM, CERTIFICATES)) == before
    assert up.daos("daos", "pool", "autotest", "tank").code == 0
    up.done("daos.up", "--skip-unreachable")
    assert on_server(SUM, CERTIFICATES) != before[1]
    assert up.daos("daos", "pool", "autotest", "tank").code == 0
    up.say(client=up.section["client"] | {"hosts": "n[2-3]"})
    assert certificates(up) == (0, ["the one that the servers believe"] * 2)


def test_an_agent_that_the_servers_do_not_believe_is_not_well(up: Cluster) -> None:
    up.done("daos.agent.secrets", "--rotate", "--name=daos-agent-certs.txz")
    up.done("daos.server.up")
    assert certificates(up) == (1, ["not the one that the servers believe: inv daos.up"] * 2)
    assert up.daos("daos", "pool", "autotest", "tank").code != 0
    up.done("daos.up")
    assert certificates(up) == (0, ["the one that the servers believe"] * 2)
    assert up.daos("daos", "pool", "autotest", "tank").code == 0


def test_a_gathered_client_has_its_agent_inside(up: Cluster) -> None:
    up.done("daos.agent.down", "--host=n3")
    up.say(
        client={
            "hosts": "n2",
            "mode": "gathered",
            "user": "alice",
            "uid": 1017,
            "group": "users",
            "gid": 100,
        }
    )
    early, dry = up.inv("daos.agent.up"), ("daos.client.up", "--dry-run", "--fail-on=changed")
    assert (early.code, "n1 has to build it from the site as it is" in early.out) == (1, True)
    assert containers()["n2"].split()[0] == "daos-agent"
    assert (up.inv(*dry).code, up.inv("daos.client.status").code) == (9, 1)
    up.done("daos.client.build")
    up.done("daos.agent.up")  # the one on n2 goes, for the client brings its own
    assert not up.inv("daos.agent.up", "--json").json["changed"]
    up.done("daos.client.build", "daos.client.preflight", "daos.client.up", "daos.client.status")
    assert up.daos("id", "-u").out == "1017\n"
    assert up.daos("daos", "pool", "autotest", "tank").code == 0
    assert up.daos("daos", "pool", "autotest", "nonesuch").code == 19
    assert re.search(
        r"^/tmp/stand-in-1017/tank/posix-fs .* /home/alice/mnt$",
        up.done(*FIO, "--host=n2").out,
        re.MULTILINE,
    )
    assert under("n2", LEFT) == ""


def test_a_client_reaches_the_agent_that_runs_on_the_host_itself(up: Cluster) -> None:
    tarball = f"{STATE}/secrets/daos_agent-certs.txz"
    where = f"{AGENT}/run/daos_agent"  # /var/run of the image leads to its /run
    up.say(
        client={"hosts": "n3", "mode": "bare-metal-agent"},
        agent={"runtime_dir": where} | up.section["agent"],
    )
    blocked = up.inv("daos.client.preflight", "--json")
    assert blocked.code == 4
    wrong = [check for check in blocked.rows["n3"]["checks"] if not check["ok"]]
    assert [(check["name"], check["wanted"]) for check in wrong if check["blocks"]] == [
        ("agent", f"its socket {where}/daos_agent.sock")
    ]  # the image is the one of a separate agent's client
    assert [check["found"] for check in wrong if check["name"] == "server elsewhere"] == [
        "its version is not known"  # no agent runs on the host that could be told it
    ]
    assert under("n3", sh.text("daos_agent"), AGENT, tarball) == "ready\n"
    up.done("daos.client.build", "daos.client.preflight", "daos.client.up")
    assert (
        up.inv("daos.client.exec", "--host=n3", "--", "daos", "pool", "autotest", "tank").code == 0
    )
    assert "nothing was measured" in up.done(*FIO, "--host=n3").out
    assert "tank" in on_server(
        "docker logs daos-server 2>&1 | grep 'pool autotest by agent: 0' | tail -n 1"
    )
    under("n3", sh.text("daos_agent_ends"), AGENT)
    lost = up.inv("daos.client.autotest", "--pool=tank")
    assert (lost.code, "DER_AGENT_COMM" in lost.out + lost.err) == (1, True)
