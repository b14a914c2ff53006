"""OSG's deployment of a test point on a host with systemd and Podman: it becomes ours with what it
has, and where ours is not healthy it is there again. Only where the tree of a release is cached:
`./inv test --engines` makes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from plugins.lab.commands import tree
from plugins.lab.site import Lab
from tests.e2e.ground import NAME, REMOTE, STATE, done, eventually, publish, sh, site_with, under
from tests.e2e.inv import SITE, Said, inv

pytestmark = pytest.mark.long

HOST, RELEASE = "n8", "forky"
IMAGE = "docker.io/perfsonar/testpoint"
TIMERS = ("perfsonar-auto-update.timer", "perfsonar-health-monitor.timer")
UNITS = (*TIMERS, "perfsonar-certbot.service", "perfsonar-testpoint.service")
STATES = 'for unit; do systemctl is-enabled "$unit"; systemctl is-active "$unit"; done'
ID = 'podman ps -q --no-trunc --filter "name=^$1$"'
REMOTES = 'podman exec "$1" psconfig remote list | grep -o "https*://[^\\"]*"'
STANDS = "podman ps -a --format '{{.Names}} {{.Status}}' | cut -d' ' -f1,2 | sort"
# what lies in the container alone, and what a host of the deployment has
OURS = "echo ours >>/etc/owamp-server/owamp-server.conf"
KEPT = "tail -n 1 /etc/owamp-server/owamp-server.conf; cat /etc/letsencrypt/privkey.pem"


@pytest.fixture
def host(lab: None) -> Iterator[str]:
    section = Lab(**yaml.safe_load(Path(SITE).read_text("utf-8"))["lab"])
    if not Path(tree(section, RELEASE)).is_dir():
        pytest.skip("a tree of a Debian release takes minutes to make: ./inv test --engines")
    publish("5.0.0", flavor="systemd", tag="production")
    publish("5.1.0", flavor="systemd", tag="bad-systemd", broken=True)
    words = (f"--release={RELEASE}", "--init=systemd", "--count=1")
    done("lab.up", f"--host={HOST}", *words, timeout=120)
    under(HOST, sh.text("osg_deploy"), f"{IMAGE}:production")
    under(HOST, sh.text("test_point_answers"), "podman", NAME, REMOTE)
    yield HOST
    done("lab.down", f"--host={HOST}", "--yes")


class Point:
    """The test point of a site that wants this tag."""

    def __init__(self, folder: Path, tag: str):
        section = {"hosts": HOST, "engine": "podman", "pids": 0, "patience": 40}
        more = {"image": IMAGE, "tag": tag, "flavor": "systemd"}
        (folder / tag).mkdir()
        self.site = f"--site={site_with(folder / tag, perfsonar=section | more)}"

    def inv(self, verb: str, *words: str) -> Said:
        return inv(f"perfsonar.{verb}", self.site, "--json", *words, timeout=300)

    def done(self, verb: str, *words: str) -> Said:
        said = self.inv(verb, *words)
        assert said.code == 0, f"{said.code}\n{said.err}\n{said.out}"
        return said


def inside(words: str) -> str:
    return under(HOST, 'podman exec "$1" sh -c "$2"', NAME, words)


def test_osg_s_units_go_and_come_back_and_go_for_good_with_nothing_lost(
    host: str, tmp_path: Path
) -> None:
    inside(OURS)
    before, states = under(host, ID, NAME), under(host, STATES, *UNITS)
    assert (before != "", states) == (True, "enabled\nactive\n" * 4)

    # not healthy: the units have the very container again
    refused = Point(tmp_path, "bad-systemd").inv("up")
    assert (refused.code, refused.rows[host]["state"]) == (8, "rolled-back"), refused.out
    eventually(lambda: under(host, STATES, *UNITS) == states, 30)
    assert (under(host, ID, NAME), inside(KEPT)) == (before, "ours\nkey\n")
    assert under(host, "ls /run/systemd/system | grep -c testpoint || :") == "0\n"

    # healthy: it is ours, with what it had
    point = Point(tmp_path, "production")
    assert "-perfsonar-auto-update.timer" in inv("perfsonar.up", point.site, "--dry-run").out
    steps = point.done("up").steps(host)
    assert list(steps).index("OSG's units") < list(steps).index("remember")
    assert under(host, STATES, *UNITS) == "disabled\ninactive\n" * 4
    assert (under(host, REMOTES, NAME), inside(KEPT)) == (f"{REMOTE}\n", "ours\nkey\n")
    assert under(host, STANDS) == f"{NAME} Up\n{NAME}.previous Exited\n"
    agent = f"{STATE}/current/etc/perfsonar/psconfig/pscheduler-agent.json"
    assert REMOTE in under(host, 'cat "$1"', agent)
    privileged = "podman inspect --format '{{.HostConfig.Privileged}}' \"$1\""
    assert under(host, privileged, NAME) == "false\n"
    kept = '["--volume=/etc/letsencrypt:/etc/letsencrypt"]\n'
    assert under(host, 'cat "$1"/*', "/var/lib/fairlead/kept") == kept

    # and nothing is left to do
    assert not point.done("up").json["changed"]
    assert point.inv("upgrade", "--dry-run", "--fail-on=changed").code == 0
    assert "OSG's units" not in point.done("preflight").out
