"""`inv adopt` on hosts where somebody started a test point by hand in three ways: by `docker run`,
by Compose, by a unit. The proposal is taken over, and what is proposed then has an empty plan."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.ground import NAME, REMOTE, containers, done, listing, sh, under
from tests.e2e.inv import SITE, inv

pytestmark = pytest.mark.long

IMAGE = "perfsonar/testpoint"
ONCE = "fairlead did not start it: inv perfsonar.up takes it over once, and starts it anew"
RUN = (
    "docker run -d --name perfsonar-testpoint --net=host --cap-add CAP_NET_RAW "
    "-e TOKEN=sesame --label owner=ops perfsonar/testpoint"
)
HOSTS = {"n1": NAME, "n2": NAME, "n3": "points"}
PROPOSED = {
    "n1": {"hosts": "n1", "image": IMAGE, "flavor": "supervisord", "psconfig": [REMOTE]},
    "n2": {
        "hosts": "n2",
        "image": IMAGE,
        "flavor": "supervisord",
        "launch": "compose",
        "psconfig": [REMOTE],
    },
    "n3": {
        "hosts": "n3",
        "image": IMAGE,
        "tag": "systemd",
        "name": "points",
        "psconfig": [REMOTE],
        "shm": 256,
    },
}


@pytest.fixture
def by_hand(bare: None) -> Iterator[None]:
    under("n1", RUN)
    under("n2", sh.text("point_by_compose"), NAME)
    under("n3", sh.text("point_by_unit"), "points")
    for host, name in HOSTS.items():
        under(host, sh.text("test_point_answers"), "docker", name, REMOTE)
    yield
    for host in HOSTS:
        under(host, "docker rm -f points; rm -rf /tmp/points /etc/systemd/system/points.service")


def site_without(folder: Path) -> str:
    """The lab's site with no section of a test point."""
    site = yaml.safe_load(Path(SITE).read_text("utf-8"))
    del site["perfsonar"]
    path = folder / Path(SITE).name
    path.write_text(yaml.safe_dump(site, sort_keys=False), "utf-8")
    return str(path)


def adopted(site: str, host: str, *words: str) -> Any:
    said = done("adopt", f"--site={site}", f"--host={host}", "--json", *words)
    return said.json


def test_a_test_point_by_hand_in_three_ways_is_proposed_taken_over_and_then_nothing_is_left(
    by_hand: None, tmp_path: Path
) -> None:
    before = listing(of="containers")
    together = inv("adopt", f"--site={site_without(tmp_path)}", "--host=n[1-3]")
    assert together.code == 0, together.err
    assert "perfsonar: n2 and n1 differ (launch: compose, nothing): n2 is left out" in together.out
    assert "sesame" not in together.out
    for host, name in HOSTS.items():
        (tmp_path / host).mkdir()
        site = site_without(tmp_path / host)
        first = adopted(site, host, "--write")
        assert first["sections"] == {"perfsonar": PROPOSED[host]}
        assert first["remarks"]["perfsonar"][0] == f"{host}: {name}: {ONCE}"
        assert [plan["empty"] for plan in first["plans"]] == [False]
        assert first["written"] is True
        assert listing(of="containers")[host] == before[host]

        if host == "n3":  # what a remark has said
            under(host, "rm /etc/systemd/system/points.service")
        done("perfsonar.up", f"--site={site}", timeout=300)
        assert containers(host)[name] == "running"
        assert containers(host)[f"{name}.previous"] == "exited"
        assert done("perfsonar.up", f"--site={site}", "--dry-run", "--fail-on=changed").code == 0
        again = adopted(site_without(tmp_path / host), host)
        assert again["sections"] == first["sections"]
        assert [plan["empty"] for plan in again["plans"]] == [True]
    owner = 'docker inspect --format "{{index .Config.Labels \\"owner\\"}}" "$1"'
    assert under("n1", owner, NAME) == "ops\n"
