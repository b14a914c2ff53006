"""`inv adopt` on a host where somebody started DAOS by hand in three ways: by `docker run`, by
Compose with the files of a checkout, by a compose file of their own. `up` takes over once what was
adopted, nothing is formatted, and the plan is empty then.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.daos import SECTION, STATE, Cluster, bare, limits
from tests.e2e.ground import sh, under
from tests.e2e.inv import SITE

pytestmark = pytest.mark.long

IDENTITY = "docker inspect --format '{{.Id}} {{.State.StartedAt}}' \"$1\""
RENAME = 'docker rename "$1" "$2"'
CLEAR = "docker ps -aq | xargs -r docker rm -fv >/dev/null; rm -rf /opt/storage"
CONFIG = SECTION["server"]["config"]
AGENT, CLIENT = SECTION["agent"], SECTION["client"]
HERE = {"hosts": "n1"}
FORMATTED = "Format Summary"


@pytest.fixture(scope="module")
def built(
    daos_repository: dict[str, list[str]], pages: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """Images and certificates on n1, as somebody has made them in a checkout; secrets has them."""
    bare()
    made = Cluster(tmp_path_factory.mktemp("daos"), daos_repository)
    made.section.pop("build_host")
    made.section.pop("registry")
    parts = {"agent": AGENT, "client": CLIENT, "admin": SECTION["admin"]}
    made.say(**{name: part | HERE for name, part in parts.items()})
    made.done("daos.secrets", "--generate")
    made.done("daos.secrets", "--deliver")
    made.done("daos.build", timeout=900)
    under("n1", sh.text("daos_put_aside"), STATE)
    yield made
    under("n1", "rm -rf /opt/daos")
    bare()


@pytest.fixture
def cluster(built: Cluster) -> Iterator[Cluster]:
    """Nothing runs on n1, and the site says nothing of DAOS."""
    built.site.write_text(f"extends: {SITE}\n", "utf-8")
    under("n1", CLEAR)
    under("n1", 'rm -rf "$1" /var/lib/fairlead/kept', STATE)
    yield built
    under("n1", CLEAR)


def as_flags() -> tuple[str, ...]:
    """As much as a server may have on this machine, for docker run."""
    own = limits()
    if not own:
        return ("--privileged", "--ulimit=memlock=-1", "--ulimit=nofile=1048576")
    ulimits = (f"--ulimit={name}={most}" for name, most in own["ulimits"].items())
    return ("--cap-add=SYS_ADMIN", *ulimits)


def as_keys() -> dict[str, Any]:
    """The same for a compose file."""
    own = limits()
    if not own:
        return {"privileged": True, "ulimits": {"memlock": -1, "nofile": 1048576}}
    return {"privileged": False, "cap_add": ["SYS_ADMIN"], "ulimits": own["ulimits"]}


def dmg(*words: str) -> str:
    return under("n1", sh.text("daos_dmg"), *words)


def pools() -> Any:
    """What dmg says of them: their UUIDs among it."""
    return yaml.safe_load(dmg("--json", "pool", "list"))["response"]["pools"]


def with_pool(container: str) -> Any:
    """The server listens, its storage is formatted and has a pool."""
    assert under("n1", sh.text("daos_listens"), container) == "it listens\n"
    assert FORMATTED in dmg("storage", "format")
    assert "Ready" in dmg("pool", "create", "--size=100%", "tank")
    return pools()


def adopted(cluster: Cluster, *words: str) -> Any:
    return cluster.done("adopt", "--host=n1", "--system=daos", "--json", *words).json


def proposed(cluster: Cluster, container: str, component: str) -> Any:
    """What adopt says of a container of this name; it changes nothing, and asks for a rename."""
    before = under("n1", IDENTITY, container)
    said = cluster.inv("adopt", "--host=n1", "--system=daos", "--json").json
    remedy = f"before it docker rename {container} daos-{component}"
    assert any(remark.endswith(remedy) for remark in said["remarks"]["daos"]), said
    assert (said["written"], said["unknown"]) == (False, {})
    assert under("n1", IDENTITY, container) == before
    under("n1", RENAME, container, f"daos-{component}")
    return said


def taken_over(cluster: Cluster, component: str) -> Any:
    """Written, taken over once, and then there is nothing to be done: nothing is started anew."""
    container = f"daos-{component}"
    by_hand = under("n1", IDENTITY, container)
    written = adopted(cluster, "--write")
    assert written["written"] is True, written
    assert [plan["empty"] for plan in written["plans"]] == [False]
    assert under("n1", IDENTITY, container) == by_hand
    cluster.done(f"daos.{component}.up")
    ours = under("n1", IDENTITY, container)
    assert ours.split()[0] != by_hand.split()[0]
    cluster.done(f"daos.{component}.up", "--dry-run", "--fail-on=changed")
    assert cluster.done(f"daos.{component}.up", "--json").json["changed"] is False
    assert adopted(cluster)["sections"] == {}  # the site has them
    assert under("n1", IDENTITY, container) == ours
    return written


def say(cluster: Cluster, said: Any) -> None:
    """The site gets what adopt proposes, though adopt does not write it."""
    section = said["sections"]["daos"]
    cluster.site.write_text(yaml.safe_dump({"extends": SITE, "daos": section}), "utf-8")


def server_of(said: Any) -> Any:
    """The section of the server that is proposed, without its configuration."""
    section = dict(said["sections"]["daos"]["server"])
    config = section.pop("config")
    assert {key: config[key] for key in CONFIG if key in config}.items() <= CONFIG.items()
    assert config["control_metadata"] == CONFIG["control_metadata"]
    return section


def remarks(said: Any) -> str:
    return "\n".join(said["remarks"]["daos"])


def test_a_server_of_docker_run_keeps_its_pools(cluster: Cluster) -> None:
    under("n1", sh.text("daos_by_run"), "server", "storage", *as_flags())
    before = with_pool("storage")
    said = proposed(cluster, "storage", "server")
    section = said["sections"]["daos"]
    assert (section["version"], section["repos"], section["gpg_keys"]) == (
        "2.4.0-2.el8",
        *(cluster.section[key] for key in ("repos", "gpg_keys")),
    )
    assert server_of(said) == HERE | limits()
    assert "is copied into its state, and nothing is formatted" in remarks(said)
    taken_over(cluster, "server")
    assert pools() == before


def test_a_server_of_a_checkout_s_own_files_is_built_from_that_checkout(cluster: Cluster) -> None:
    over = yaml.safe_dump({"services": {"daos_server": as_keys()}})
    under("n1", sh.text("daos_by_compose"), "server", "daos_server", over)
    before = with_pool("daos-daos_server-1")
    said = proposed(cluster, "daos-daos_server-1", "server")
    assert said["sections"]["daos"]["source"] == "/opt/daos"
    assert server_of(said) == HERE | limits()
    assert "certificates are those of the site's secrets" in remarks(said)
    taken_over(cluster, "server")
    assert pools() == before
    assert under("n1", "ls /opt/daos/utils/docker/examples/.env")  # the checkout stays as it is


def test_a_server_of_a_file_of_somebody_s_own_brings_what_is_mounted_from_the_host(
    cluster: Cluster,
) -> None:
    under("n1", sh.text("daos_by_own_file"), own_file("server", "engine", METADATA))
    before = with_pool("tank-engine-1")
    said = proposed(cluster, "tank-engine-1", "server")
    section = said["sections"]["daos"]
    assert ("source" in section, server_of(said)) == (False, HERE | limits())
    assert (
        "its metadata (/opt/storage/metadata, mounted as /var/lib/daos-docker/metadata) is copied"
        in remarks(said)
    )
    assert "--volume=/opt/storage/server.yml:/etc/daos/daos_server.yml:ro is not kept" in remarks(
        said
    )
    taken_over(cluster, "server")
    assert pools() == before
    under("n1", "rm -r /opt/storage")  # nothing of it is needed any more
    cluster.done("daos.server.restart", "--yes")
    assert pools() == before


METADATA = "./metadata:/var/lib/daos-docker/metadata"


def own_file(component: str, service: str, *volumes: str, **keys: Any) -> str:
    """A compose file that somebody has written, with the configuration beside it."""
    certificates = f"/opt/daos/secrets/daos_{component}-certs.txz"
    mounted = (
        f"./{component}.yml:/etc/daos/daos_{component}.yml:ro",
        f"{certificates}:/run/secrets/{certificates.rpartition('/')[2]}:ro",
    )
    described = {
        "image": f"daos-{component}:rocky8.6",
        "network_mode": "host",
        "restart": "unless-stopped",
        "volumes": [*mounted, *volumes],
        **(as_keys() if component == "server" else {}),
        **keys,
    }
    return yaml.safe_dump({"services": {service: described}})


def test_a_server_whose_pools_would_go_with_its_container_is_left_as_it_is(
    cluster: Cluster,
) -> None:
    """Storage in memory without control_metadata: said by adopt, refused by up."""
    without = "/^control_metadata/,+1d; /bdev_roles/d"
    under("n1", sh.text("daos_by_own_file"), own_file("server", "engine"), without)
    before = with_pool("tank-engine-1")
    said = proposed(cluster, "tank-engine-1", "server")
    lost = "what it has in /mnt/daos0 goes with its container"
    assert lost in remarks(said)
    by_hand = under("n1", IDENTITY, "daos-server")
    refused = cluster.inv("adopt", "--host=n1", "--system=daos", "--json", "--write")
    assert (refused.code, refused.json["written"]) == (1, False)
    say(cluster, refused.json)
    for words in ((), ("--dry-run",)):
        up = cluster.inv("daos.server.up", *words)
        assert (up.code, lost in up.err + up.out) == (1, True), up
    assert (under("n1", IDENTITY, "daos-server"), pools()) == (by_hand, before)


def test_a_server_of_compose_run_says_how_its_metadata_comes_out_and_is_left_alone(
    cluster: Cluster,
) -> None:
    """As the document starts it: with --rm, it is gone once it stops."""
    over = yaml.safe_dump({"services": {"daos_server": as_keys()}})
    under("n1", sh.text("daos_by_compose_run"), "server", "daos_server", over)
    before = with_pool("run")
    said = cluster.inv("adopt", "--host=n1", "--system=daos", "--json")
    assert said.json["written"] is False
    (remark,) = (text for text in said.json["remarks"]["daos"] if "with --rm" in text)
    assert "inv daos.up does not take it over: its metadata has to be in our state" in remark
    commands = remark.partition("dmg system stop; ")[2]
    assert commands.endswith("docker stop run"), remark
    say(cluster, said.json)
    dmg("system", "stop")
    under("n1", f"set -e; {commands}")
    cluster.done("daos.server.up")
    assert pools() == before
    cluster.done("daos.server.up", "--dry-run", "--fail-on=changed")


# Agents and clients


AGENTS = {"docker run": "agent", "a checkout": "daos-daos_agent-1", "a file": "tank-agent-1"}
MOUNTS = {
    "docker run": "agent",
    "a checkout": "daos_daos_agent-socket",
    "a file": "/opt/storage/run",
}
SOCKET = "docker exec daos-agent test -S /var/run/daos_agent/daos_agent.sock && echo so"


def start_agent(way: str) -> str:
    """The name of its container."""
    if way == "docker run":
        under("n1", sh.text("daos_by_run"), "agent", "agent")
    elif way == "a checkout":
        under("n1", sh.text("daos_by_compose"), "client_sa", "daos_agent", "services: {}")
    else:
        text = own_file("agent", "agent", "./run:/var/run/daos_agent", pid="host")
        under("n1", sh.text("daos_by_own_file"), text)
    return AGENTS[way]


@pytest.mark.parametrize("way", AGENTS)
def test_an_agent_is_taken_over_in_three_ways(cluster: Cluster, way: str) -> None:
    said = proposed(cluster, start_agent(way), "agent")
    section = said["sections"]["daos"]
    assert ("source" in section) == (way == "a checkout")
    config = section["agent"]["config"]
    assert {key: config[key] for key in AGENT["config"]} == AGENT["config"]
    where = re.escape(f"--volume={MOUNTS[way]}:/var/run/daos_agent")
    lost = rf"{where}(:z)? is not kept: the agent's socket lies in a volume of Compose's"
    assert re.search(lost, remarks(said)), remarks(said)
    taken_over(cluster, "agent")
    assert under("n1", SOCKET) == "so\n"


def test_server_agent_and_client_of_a_checkout_are_one_section_and_work_after_it(
    cluster: Cluster,
) -> None:
    over = yaml.safe_dump({"services": {"daos_server": as_keys()}})
    under("n1", sh.text("daos_by_compose"), "server", "daos_server", over)
    before = with_pool("daos-daos_server-1")
    under("n1", sh.text("daos_by_compose"), "client_sa", "daos_client", "services: {}")
    create = "docker exec daos-daos_client-1 daos container create --type=posix tank mark"
    assert "mark" in under("n1", create)
    for component in ("server", "agent", "client"):
        under("n1", RENAME, f"daos-daos_{component}-1", f"daos-{component}")
    written = adopted(cluster, "--write")
    section = written["sections"]["daos"]
    assert {name for name in section if "hosts" in section[name]} == {"server", "agent", "client"}
    assert section["client"] == HERE | {
        "keep": True,
        "mode": "separate-agent",
        "user": "root",
        "group": "root",
        "uid": 0,
        "gid": 0,
    }
    cluster.done("daos.up")
    cluster.done("daos.up", "--dry-run", "--fail-on=changed")
    assert pools() == before
    query = ("daos", "container", "query", "tank", "mark")
    assert "mark" in cluster.done("daos.client.exec", "--host=n1", "--", *query).out


@pytest.fixture
def of_podman(cluster: Cluster) -> Iterator[str]:
    """The name of a container."""
    under("n1", sh.text("daos_by_podman"))
    yield "agent"
    under("n1", "podman rm -fa; podman rmi -fa")


def test_one_of_podman_is_refused_in_words(cluster: Cluster, of_podman: str) -> None:
    said = adopted(cluster, "--write")
    assert (said["sections"], said["written"], said["plans"]) == ({}, False, [])
    remark = f"n1: {of_podman}: is of Podman, and inv daos.up refuses it: images are built"
    assert remark in remarks(said), said
