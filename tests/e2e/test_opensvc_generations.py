"""One service under the agents 2.1 and 3, nodes that do not agree, images of a private registry."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from tests.e2e import svc
from tests.e2e.ground import done, each, sh, under
from tests.e2e.inv import NETWORK, inv
from tests.e2e.svc import NAME, changed, option, row_of_service

pytestmark = pytest.mark.long

HOSTS = ("n1", "n2")
VAR = "/var/lib/opensvc/svc"
REGISTRY, PASSWORD = (
    "127.0.0.1:5001",
    'correct "horse" \\battery',
)  # an engine speaks to its own host without TLS
PRIVATE = f"{REGISTRY}/team/web:1"
CONFIG = """version: 0.1
log: {level: error}
storage: {filesystem: {rootdirectory: /root/registry/store}}
http: {addr: "127.0.0.1:5001"}
auth: {htpasswd: {realm: basic-realm, path: /root/registry/passwd}}
"""
STOP = "pkill -f '^docker-registry serve /root/registry'; rm -rf /root/registry"


@pytest.fixture(scope="module")
def folder(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with svc.node("2.1", hosts=HOSTS):
        yield tmp_path_factory.mktemp("site")


def commands(generation: str, *words: str) -> str:
    """What docker of the engine in which it runs says."""
    if generation == "3":
        return under("n1", 'docker "$@" 2>&1', *words)
    return svc.docker("n1", NAME, *words, var=VAR)


OWN: dict[str, dict[str, Any]] = {
    "2.1": {},
    "3": {"docker_data_dir": None, "fs": svc.service()["fs"][:1]},
}


@pytest.mark.parametrize("generation", ["2.1", "3"])
def test_the_same_service_comes_up_is_changed_and_goes_down(folder: Path, generation: str) -> None:
    svc.nodes(generation)
    plain = option(folder, **OWN[generation])
    steps = [
        "file",
        "file systems",
        "folders",
        *["engine"] * (generation == "2.1"),
        "image 1",
        "start",
        "note 1",
        *["thaw"] * (generation == "2.1"),
    ]
    assert changed(done("opensvc.up", plain, "--json")) == steps
    tree = row_of_service(done("opensvc.status", plain, "--json"))["fields"][NAME]
    assert (tree["overall"], tree["up on"], tree["frozen"]) == ("up", ["n1"], False)
    text = under("n1", f"cat /etc/opensvc/{NAME}.conf")
    assert (
        "container_data_dir" in text,
        "run_args = -v /opt/svc/a/vol1:/vol1:rw --net bridge\ntty = true\ninteractive" in text,
    ) == (generation == "2.1", True)
    assert not done("opensvc.up", plain, "--json").json["changed"]
    newer = option(
        folder,
        **OWN[generation],
        containers=[svc.service()["containers"][0] | {"command": "sleep 1111"}],
    )
    assert changed(done("opensvc.up", newer, "--json")) == [
        "file",
        "container 1",
        "start",
        "note 1",
    ]
    assert "sleep 1111" in commands(generation, "ps", "--no-trunc")
    done("opensvc.freeze", newer)
    assert row_of_service(done("opensvc.status", newer, "--json"))["fields"][NAME]["frozen"] is True
    done("opensvc.thaw", newer)
    assert done("opensvc.exec", newer, "--", "ls", "-d", "/vol1").out == "/vol1\n"
    done("opensvc.down", newer)
    assert (
        svc.engines("n1"),
        under("n1", "docker ps -q; grep /opt/svc/a /proc/mounts; ls /root/svc/a"),
    ) == (
        0,
        "vol1\n" if generation == "3" else "appdata\nvol1\n",
    )


def test_a_service_of_two_nodes_is_up_though_the_agent_2_1_misses_its_file_on_the_other_and_moves(
    folder: Path,
) -> None:
    svc.nodes("2.1", HOSTS)
    both = option(folder, nodes=["n1", "n2"], autostart_node="n1")
    done("opensvc.up", both)
    result = done("opensvc.status", both, "--json")
    tree = row_of_service(result)["fields"][NAME]
    states = {resource["resource"]: resource["status"] for resource in tree["resources"]}
    assert (tree["overall"], tree["avail"], states["sync#i0"]) == ("warn", "up", "down")
    assert each(f"ls /etc/opensvc/{NAME}.conf", hosts=HOSTS) == dict.fromkeys(
        HOSTS, f"/etc/opensvc/{NAME}.conf\n"
    )
    assert not done("opensvc.up", both, "--json").json["changed"]
    for to in ("n2", "n1"):
        done("opensvc.switch", both, f"--to={to}")
        rows = done("opensvc.status", both, "--json").json["hosts"]
        trees = [row["fields"][NAME] for row in rows if row["component"] == "service"]
        assert [(tree["up on"], tree["frozen"]) for tree in trees] == [([to], False)] * 2
    done("opensvc.down", both, "--yes")


def test_agent_3_keeps_the_id_of_a_service_whose_file_changes_and_its_alerts_are_a_failure(
    folder: Path,
) -> None:
    svc.nodes("3")
    svc.lie("n1", "encap")
    done("opensvc.up", option(folder, **OWN["3"]))
    own = under("n1", f"grep ^id /etc/opensvc/{NAME}.conf")
    done("opensvc.up", option(folder, **OWN["3"], app="OTHER"))
    assert (own != "", under("n1", f"grep ^id /etc/opensvc/{NAME}.conf")) == (True, own)
    under("n1", 'docker kill "$1"', f"{NAME}.container.1")
    assert inv("opensvc.status", option(folder, **OWN["3"], app="OTHER")).code == 1
    done("opensvc.up", option(folder, **OWN["3"], app="OTHER"))
    svc.lie("n1", "drops=fs#1")
    result = inv("opensvc.up", option(folder, **OWN["3"], app="THIRD"), "--json")
    error = row_of_service(result)["error"]
    assert (result.code, "unknown keyword" in error) == (1, True), error
    assert "app = OTHER\n" in under("n1", f"cat /etc/opensvc/{NAME}.conf")


def test_agent_3_has_no_engine_of_a_service_s_own(folder: Path) -> None:
    svc.nodes("3")
    result = inv("opensvc.up", option(folder))
    assert (
        result.code,
        "agent 3 gives a service no engine of its own" in result.out,
        under("n1", "ls /etc/opensvc"),
    ) == (4, True, ""), result.out
    refused = inv("opensvc.docker", option(folder, **OWN["3"]), "--", "ps")
    assert "has no engine of its own: its containers run in the node's" in refused.out + refused.err


def test_nodes_with_two_generations_and_an_agent_that_the_site_does_not_mean_are_refused(
    folder: Path,
) -> None:
    svc.nodes("2.1")
    svc.nodes("legacy", ("n2",))
    result = inv("opensvc.up", option(folder, nodes=["n1", "n2"]))
    assert (result.code, "agent: blocks: found 2.1; on n2 another" in result.out) == (4, True), (
        result.out
    )
    result = inv("opensvc.up", option(folder, {"agent": {"generation": "legacy"}}))
    assert (result.code, "agent: blocks: found 2.1, wanted the agent legacy" in result.out) == (
        4,
        True,
    ), result.out
    assert each(
        "ls /etc/opensvc /opt/opensvc/etc 2>/dev/null | grep -c web", hosts=HOSTS
    ) == dict.fromkeys(HOSTS, "0\n")


def test_preflight_names_what_a_node_lacks_before_anything_is_put_on_it(folder: Path) -> None:
    svc.nodes("2.1")
    fs = [{"dev": "/dev/nonesuch", "mnt": "/opt/svc/a", "type": "ext4"}]
    ip = [
        {"dev": "eth0", "name": f"{NETWORK}.2"},
        {"dev": "eth0", "name": "nonesuch.opensvc.test"},
        {"dev": "eth0", "name": "svc103.opensvc.test"},
    ]
    result = inv(
        "opensvc.up",
        option(folder, fs=fs, ip=ip, disks=[{"vg": "vgdocker"}], docker_data_dir=None),
        "--json",
    )
    wrong = {
        check["name"].removeprefix(f"{NAME}: "): check["found"]
        for check in row_of_service(result)["checks"]
        if not check["ok"]
    }
    assert (result.code, wrong) == (
        4,
        {
            "volume group vgdocker": "vgs is not there",
            "device /dev/nonesuch": "missing",
            f"address {NETWORK}.2": f"{NETWORK}.2 answers already",
            "address nonesuch.opensvc.test": "the name does not resolve",
        },
    )
    assert under("n1", "ls /etc/opensvc") == ""


@pytest.fixture
def private(folder: Path) -> Iterator[str]:
    """The site of a service out of a registry that lets `puller` in, on n1 beside agent 2.1."""
    svc.nodes("2.1")
    digest = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    assert (
        under("n1", sh.text("opensvc_registry"), CONFIG, digest, PASSWORD, PRIVATE)
        == f"{PRIVATE}\n"
    )
    section = {"registries": {REGISTRY: {"user": "puller", "password_secret": "registry.puller"}}}
    yield option(folder, section, containers=[svc.service()["containers"][0] | {"image": PRIVATE}])
    under("n1", STOP)


def test_an_image_of_a_private_registry_is_pulled_by_a_login_that_leaves_nothing(
    private: str,
) -> None:
    missing = inv("opensvc.up", private)
    assert missing.code == 7, missing.out + missing.err
    wrong = inv("opensvc.up", private, "--json", FAIRLEAD_SECRET_REGISTRY_PULLER="swordfish")
    assert (
        wrong.code,
        "the registry refuses user and password" in row_of_service(wrong)["error"],
    ) == (
        1,
        True,
    ), wrong.err
    result = done("opensvc.up", private, "--json", FAIRLEAD_SECRET_REGISTRY_PULLER=PASSWORD)
    assert (
        svc.docker("n1", NAME, "ps", "--format", "{{.Image}}", var=VAR),
        "image 1" in changed(result),
    ) == (f"{PRIVATE}\n", True)
    left = under("n1", sh.text("opensvc_left"))
    assert [
        word
        for word in (PASSWORD, "battery", "swordfish")
        if word in result.out + result.err + left
    ] == []
    assert under("n1", "find /root/.docker /tmp /run/fairlead -name config.json 2>/dev/null") == ""
    assert not done("opensvc.up", private, "--json", FAIRLEAD_SECRET_REGISTRY_PULLER=PASSWORD).json[
        "changed"
    ]
