"""`inv adopt` on a host where somebody started DAOS' agent out of a checkout in three ways: by
`docker compose up`, by `docker compose run`, by a unit. A server wants the machine's huge pages:
tests/plugins/daos/test_adopts.py has what is proposed for one."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.e2e.daos import Cluster, bare
from tests.e2e.ground import containers, sh, under
from tests.e2e.inv import SITE
from tests.e2e.test_daos_source import UNPACK, examples
from tests.plugins.daos.checkout import archive

NAMING = "2.4.0"
VERSION = f"{NAMING}-1.el8"
FOLDER = examples(NAMING)
COMPOSE = 'cd "$1" && shift && docker compose --file docker-compose.client_sa.yml "$@" 2>&1'
UNIT = "daos-agent-compose.service"
BY_HAND = "examples-daos_agent-1"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def cluster(
    daos_repository: dict[str, list[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cluster]:
    """n1 has a checkout and images of it, and nothing runs."""
    bare()
    under("n1", UNPACK, FOLDER, b64encode(archive(NAMING)).decode())
    made = Cluster(tmp_path_factory.mktemp("daos"), daos_repository)
    for key in ("build_host", "registry", "server"):
        made.section.pop(key)
    here = {"agent": made.section["agent"] | {"hosts": "n1"}, "client": {"hosts": "n1"}}
    made.section.pop("admin")
    made.say(**here, source=f"/opt/daos-{NAMING}", version=VERSION, insecure=True)
    made.done("daos.base.build", "daos.agent.build")
    repository = {name: " ".join(value) for name, value in daos_repository.items()}
    variables = {
        "DAOS_VERSION": VERSION,
        "DAOS_REPOS": repository.get("repos", ""),
        "DAOS_GPG_KEYS": repository.get("gpg_keys", ""),
        "DAOS_AGENT_CERTS_TXZ": "secrets/daos_agent-certs.txz",
    }
    words = (f"{name}={value}" for name, value in variables.items())
    under("n1", sh.text("daos_by_hand"), FOLDER, *words)
    yield made
    under("n1", f"rm -rf /opt/daos-* /etc/systemd/system/{UNIT}")
    bare()


@pytest.fixture
def plain(cluster: Cluster) -> Iterator[Cluster]:
    """Its site says nothing of DAOS."""
    cluster.site.write_text(yaml.safe_dump({"extends": SITE}))
    yield cluster
    under("n1", "docker ps -aq | xargs -r docker rm -fv; rm -rf /var/lib/daos-docker")


def adopted(cluster: Cluster, *words: str) -> Any:
    return cluster.done("adopt", "--host=n1", "--system=daos", "--json", *words).json


def is_taken_over(cluster: Cluster, name: str) -> None:
    """By the name of ours it becomes ours, and is proposed just so then."""
    remark = f"before it docker rename {name} daos-agent"
    first = adopted(cluster)
    assert remark in "\n".join(first["remarks"]["daos"])
    under("n1", 'docker rename "$1" daos-agent', name)
    first = adopted(cluster, "--write")
    assert first["written"] is True, first
    cluster.done("daos.agent.up")
    assert containers("n1")["daos-agent"] == "running"
    cluster.done("daos.agent.up", "--dry-run", "--fail-on=changed")
    cluster.site.write_text(yaml.safe_dump({"extends": SITE}))
    second = adopted(cluster)
    assert second["sections"]["daos"]["agent"] == first["sections"]["daos"]["agent"]
    assert [plan["empty"] for plan in second["plans"]] == [True]


def test_an_agent_by_docker_compose_up(plain: Cluster) -> None:
    said = under("n1", COMPOSE, FOLDER, "up", "--detach", "--no-build", "daos_agent")
    assert containers("n1").get(BY_HAND) == "running", said
    section = adopted(plain)["sections"]["daos"]
    assert (section["source"], section["version"]) == (f"/opt/daos-{NAMING}", VERSION)
    assert section["agent"]["config"]["access_points"] == ["n1"]
    is_taken_over(plain, BY_HAND)


def test_one_by_docker_compose_run_is_a_session(plain: Cluster) -> None:
    under("n1", COMPOSE, FOLDER, "run", "--detach", "--name", "mine", "daos_agent")
    assert containers("n1") == {"mine": "running"}
    remarks = "\n".join(adopted(plain)["remarks"]["daos"])
    assert "mine: is of docker compose run, and ends with its session" in remarks


def test_an_agent_of_a_unit_leaves_it(plain: Cluster) -> None:
    said = under("n1", sh.text("daos_unit"), FOLDER)
    assert containers("n1").get(BY_HAND) == "running", said
    remarks = "\n".join(adopted(plain)["remarks"]["daos"])
    assert f"/etc/systemd/system/{UNIT} starts it, too; inv daos.up disables it" in remarks
    is_taken_over(plain, BY_HAND)
    assert under("n1", 'systemctl is-enabled "$1"', UNIT) == "disabled\n"
