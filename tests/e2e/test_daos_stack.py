"""DAOS' client and admin as stacks of a real swarm: what `launch: stack` gives an operator."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pyrage
import pytest

from tests.e2e.daos import Cluster, bare
from tests.e2e.ground import HOSTS, each, under
from tests.e2e.swarm import LEAVE, SECRETS, WATCH, sums

CLIENT = {
    "hosts": "n[1-3]",
    "mode": "gathered",
    "launch": "stack",
    "user": "alice",
    "uid": 1017,
    "group": "users",
    "gid": 100,
}
ADMIN = {"hosts": "n[1-3]", "launch": "stack", "config": {"hostlist": ["n1"]}}
SERVICE, FILE = "daos-client_daos_client", "daos_agent-certs.txz"
SERVICES = "docker service ls --format '{{.Name}} {{.Replicas}}' | sort"


@pytest.fixture(scope="module")
def cluster(
    daos_repository: dict[str, list[str]], pages: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """A server on n1 with a pool, images in the registry; no swarm yet."""
    bare()
    each(LEAVE)
    made = Cluster(
        tmp_path_factory.mktemp("daos"),
        daos_repository,
        client=CLIENT,
        admin=ADMIN,
        swarm={"manager": "n1"},
    )
    made.done("daos.secrets", "--generate")
    made.done("daos.build")
    yield made
    each(LEAVE)
    bare()


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Cluster:
    cluster.done("daos.server.up", "daos.client.up", "daos.admin.up")
    assert cluster.format() == 0
    cluster.done("daos.pool.create", "--name=tank")
    return cluster


def stored(cluster: Cluster) -> str:
    """The sha256 of the agent's tarball in the store."""
    key = pyrage.ssh.Identity.from_buffer((cluster.folder / "id").read_bytes())
    return sha256(
        pyrage.decrypt(
            (cluster.folder / "secrets" / "daos-agent-certs.txz.age").read_bytes(), [key]
        )
    ).hexdigest()


def test_from_nothing_and_then_nothing_changes(cluster: Cluster) -> None:
    cluster.done("daos.client.preflight")
    first = cluster.done("daos.client.up", "--json")
    assert {"swarm", "secret daos_agent-certs", "deployed", "converged"} <= {
        name for name, how in first.steps("n1").items() if how == "changed"
    }
    assert under("n1", SERVICES) == f"{SERVICE} 3/3\n"
    assert sums(SERVICE, FILE) == {stored(cluster)}
    again = cluster.done("daos.client.up", "--json")
    assert not again.json["changed"], again.out


def test_a_pool_is_tested_from_any_client_as_the_client_s_user(up: Cluster) -> None:
    shown = up.done(
        "daos.client.exec",
        "--host=n2",
        "--dry-run",
        "--json",
        "--",
        "daos",
        "pool",
        "autotest",
        "tank",
    )
    (argv,) = shown.rows["n2"]["steps"][0]["commands"]
    program = r"docker exec --env FAIRLEAD_SESSION -u1017:100 [0-9a-f]{12} daos"
    assert re.fullmatch(f"{program} pool autotest tank", " ".join(argv))
    assert up.inv("daos.client.exec", "--host=n3", "--", "id", "-u").out == "1017\n"
    assert up.inv("daos.client.autotest", "--host=n2", "--pool=tank").code == 0
    assert up.inv("daos.client.autotest", "--host=n2", "--pool=nonesuch").code not in (0, 126, 127)
    assert up.inv("daos.client.exec", "--host=n1", "--", "sh", "-c", "exit 9").code == 9


def test_status_and_logs(up: Cluster) -> None:
    rows = up.done("daos.client.status", "--json").rows
    assert (rows["n1"]["fields"]["stack"], rows["n1"]["fields"]["swarm"]) == ("runs", "manager")
    assert {
        bool(re.fullmatch(r"Up .*\(healthy\)", rows[host]["fields"]["task"])) for host in HOSTS
    } == {True}
    assert up.done("daos.admin.status").code == 0
    assert up.inv("daos.client.logs").code == 0


def test_dfuse_is_refused_in_words_before_anything_is_touched(up: Cluster) -> None:
    result = up.inv("daos.client.fio", "--host=n2", "--pool=tank", "--container=posix-fs")
    assert (
        result.code,
        "a swarm gives its containers no devices, and dfuse needs /dev/fuse" in result.out,
    ) == (2, True), result.out + result.err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"server": {"hosts": "n1", "launch": "stack"}}, "a swarm has no privileged containers"),
        ({"agent": {"launch": "stack"}}, "a swarm has no pid=host"),
        (
            {"client": {"hosts": "n[1-3]", "mode": "separate-agent", "launch": "stack"}},
            "a swarm has no pid=host",
        ),
    ],
    ids=["server", "agent", "separate-agent"],
)
def test_what_a_swarm_cannot_do_is_refused_when_the_site_is_read(
    cluster: Cluster, changes: dict, words: str
) -> None:
    was = cluster.section
    cluster.say(**changes)
    result = cluster.inv("daos.status")
    cluster.say(**was)
    assert (result.code, words in result.err + result.out) == (3, True), result.err + result.out


def test_certificates_are_rotated_while_every_client_has_some(up: Cluster) -> None:
    old, before = stored(up), under("n1", SECRETS).split()
    each("rm -f /tmp/over")
    made = up.done("daos.client.secrets", "--rotate", "--name=daos-agent-certs.txz")
    assert (
        "made: daos-agent-certs.txz, daos-server-certs.txz; commit secrets/, then inv "
        "daos.secrets --deliver" in made.out
    ), made.out
    servers = up.done(
        "daos.server.up", "--json"
    )  # they have the agent's certificate, and believe no other
    assert servers.steps("n1")["certificates of the server"] == "changed"
    with ThreadPoolExecutor() as pool:
        watches = {
            host: pool.submit(under, host, WATCH, SERVICE, "/tmp/over", FILE) for host in HOSTS
        }
        time.sleep(1)
        result = up.done("daos.client.up", "--json")
        time.sleep(1)
        each("touch /tmp/over")
        samples = {host: watch.result().splitlines() for host, watch in watches.items()}
    new = stored(up)
    assert new != old
    assert result.steps("n1")["secret daos_agent-certs"] == "changed"
    for host, seen in samples.items():
        assert len(seen) > 10, host
        assert " none" not in seen, (host, len(seen))
        assert (seen[0].split(), seen[-1].split()) == ([old], [new])
    after = under("n1", SECRETS).split()
    assert [name for name in after if name.startswith("daos_agent")] != [
        name for name in before if name.startswith("daos_agent")
    ]
    assert len(after) == len(before) == 2
    up.done("daos.client.autotest", "--pool=tank")
    print({host: len(seen) for host, seen in samples.items()}, before, after)


def test_down_leaves_secret_and_swarm_and_up_brings_it_back(up: Cluster) -> None:
    up.done("daos.client.down", "--yes")
    assert under("n1", SERVICES) == "daos-admin_daos_admin 3/3\n"
    result = up.inv("daos.client.exec", "--host=n2", "--", "true")
    assert (
        result.code,
        "n2: failed: no task of the stack daos-client runs; see inv daos.client.status"
        in result.err,
    ) == (1, True), result.err
    assert not up.done("daos.client.down", "--yes", "--json").json["changed"]
    again = up.done("daos.client.up", "--json")
    assert again.steps("n1")["secret daos_agent-certs"] == "ok"
    assert under("n1", "docker node ls -q | wc -l") == "3\n"
