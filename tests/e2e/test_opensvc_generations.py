"""One service under the agents 2.1 and 3, nodes that do not agree, and images of a private registry."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest

from tests.e2e import svc
from tests.e2e.ground import done, each, under
from tests.e2e.inv import NETWORK, Said, inv

HOSTS = ("n1", "n2")
NAME = "web.opensvc.test"
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
SERVE = """mkdir -p /root/registry; printf %s "$1" >/root/registry/config.yml; printf 'puller:%s\\n' "$2" >/root/registry/passwd
setsid -f docker-registry serve /root/registry/config.yml </dev/null >/dev/null 2>&1
DOCKER_CONFIG=$(mktemp -d); export DOCKER_CONFIG; tries=50
until printf %s "$3" | docker login --username puller --password-stdin "${4%%/*}" >/dev/null 2>&1 || [ $((tries -= 1)) -lt 0 ]; do sleep 0.1; done
docker pull -q busybox:1.36 >/dev/null; docker tag busybox:1.36 "$4"; docker push -q "$4"; docker rmi -f "$4" >/dev/null; rm -rf "$DOCKER_CONFIG" """
STOP = "pkill -f '^docker-registry serve /root/registry'; rm -rf /root/registry"


@pytest.fixture(scope="module")
def folder(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    svc.begin("2.1", HOSTS)
    yield tmp_path_factory.mktemp("site")
    svc.leave(HOSTS)


def site(folder: Path, section: dict[str, Any] | None = None, **changes: Any) -> str:
    return f"--site={svc.site(folder, {NAME: svc.service(**changes)}, **(section or {}))}"


def service(said: Said) -> Any:
    return next(row for row in said.json["hosts"] if row["component"] == "service")


def changed(said: Said) -> list[str]:
    return [
        step["name"].removeprefix(f"{NAME}: ")
        for step in service(said)["steps"]
        if step["state"] == "changed"
    ]


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
    plain = site(folder, **OWN[generation])
    steps = [
        "file",
        "thaw",
        "file systems",
        "folders",
        *["engine"] * (generation == "2.1"),
        "image 1",
        "start",
        "note 1",
    ]
    assert changed(done("opensvc.up", plain, "--json")) == steps
    told = service(done("opensvc.status", plain, "--json"))["fields"][NAME]
    assert (told["overall"], told["up on"], told["frozen"]) == ("up", ["n1"], False)
    text = under("n1", f"cat /etc/opensvc/{NAME}.conf")
    assert (
        "container_data_dir" in text,
        "run_args = -v /opt/svc/a/vol1:/vol1:rw --net=bridge\n" in text,
    ) == (generation == "2.1", True)
    assert not done("opensvc.up", plain, "--json").json["changed"]
    newer = site(
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
    done("opensvc.freeze", newer, f"--service={NAME}")
    assert service(done("opensvc.status", newer, "--json"))["fields"][NAME]["frozen"] is True
    done("opensvc.thaw", newer, f"--service={NAME}")
    assert done("opensvc.exec", newer, "--", "ls", "-d", "/vol1").out == "/vol1\n"
    done("opensvc.down", newer)
    assert (
        svc.engines("n1"),
        under("n1", "docker ps -q; grep /opt/svc/a /proc/mounts; ls /root/svc/a"),
    ) == (
        0,
        "vol1\n" if generation == "3" else "appdata\nvol1\n",
    )


def test_agent_3_has_no_engine_of_a_service_s_own(folder: Path) -> None:
    svc.nodes("3")
    said = inv("opensvc.up", site(folder))
    assert (
        said.code,
        "agent 3 gives a service no engine of its own" in said.out,
        under("n1", "ls /etc/opensvc"),
    ) == (4, True, ""), said.out
    refused = inv("opensvc.docker", site(folder, **OWN["3"]), "--", "ps")
    assert "has no engine of its own: its containers run in the node's" in refused.out + refused.err


def test_nodes_with_two_generations_and_an_agent_that_the_site_does_not_mean_are_refused(
    folder: Path,
) -> None:
    svc.nodes("2.1")
    svc.nodes("legacy", ("n2",))
    said = inv("opensvc.up", site(folder, nodes=["n1", "n2"]))
    assert (said.code, "agent: blocks: found 2.1; on n2 another" in said.out) == (4, True), said.out
    said = inv("opensvc.up", site(folder, {"agent": {"generation": "legacy"}}))
    assert (said.code, "agent: blocks: found 2.1, wanted the agent legacy" in said.out) == (
        4,
        True,
    ), said.out
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
    said = inv(
        "opensvc.up",
        site(folder, fs=fs, ip=ip, disks=[{"vg": "vgdocker"}], docker_data_dir=None),
        "--json",
    )
    wrong = {
        check["name"].removeprefix(f"{NAME}: "): check["found"]
        for check in service(said)["checks"]
        if not check["ok"]
    }
    assert (said.code, wrong) == (
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
    """n1 has agent 2.1, and beside it a registry that lets `puller` in. The site of a service out of it."""
    svc.nodes("2.1")
    digest = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    assert under("n1", SERVE, CONFIG, digest, PASSWORD, PRIVATE) == f"{PRIVATE}\n"
    section = {"registries": {REGISTRY: {"user": "puller", "password_secret": "registry.puller"}}}
    yield site(folder, section, containers=[svc.service()["containers"][0] | {"image": PRIVATE}])
    under("n1", STOP)


def test_an_image_of_a_private_registry_is_pulled_by_a_login_that_leaves_nothing(
    private: str,
) -> None:
    missing = inv("opensvc.up", private)
    assert missing.code == 7, missing.out + missing.err
    wrong = inv("opensvc.up", private, "--json", FAIRLEAD_SECRET_REGISTRY_PULLER="swordfish")
    assert (wrong.code, "the registry refuses user and password" in service(wrong)["error"]) == (
        1,
        True,
    ), wrong.err
    said = done("opensvc.up", private, "--json", FAIRLEAD_SECRET_REGISTRY_PULLER=PASSWORD)
    assert (
        svc.docker("n1", NAME, "ps", "--format", "{{.Image}}", var=VAR),
        "image 1" in changed(said),
    ) == (f"{PRIVATE}\n", True)
    left = under(
        "n1",
        "ls -A /root/.docker 2>/dev/null; cat /var/lib/fairlead/journal /var/lib/fairlead/runs/*/*; cat /var/lib/opensvc/svc/*/docker.log",
    )
    assert [
        word for word in (PASSWORD, "battery", "swordfish") if word in said.out + said.err + left
    ] == []
    assert under("n1", "find /root/.docker /tmp /run/fairlead -name config.json 2>/dev/null") == ""
    assert not done("opensvc.up", private, "--json", FAIRLEAD_SECRET_REGISTRY_PULLER=PASSWORD).json[
        "changed"
    ]
