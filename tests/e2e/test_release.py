"""A host over the tree of the newest release, whose PID 1 is systemd: it comes up, runs a test
point and comes back from a reboot. Only where the tree is cached: `./inv test --engines` makes it,
and tries much more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from plugins.lab.commands import tree
from plugins.lab.site import Lab
from tests.e2e.ground import NAME, containers, done, newest, reboot, site_with, under, version
from tests.e2e.inv import SITE

pytestmark = pytest.mark.long

HOST, RELEASE = "n9", "forky"


@pytest.fixture
def host(lab: None) -> Iterator[str]:
    section = Lab(**yaml.safe_load(Path(SITE).read_text("utf-8"))["lab"])
    if not Path(tree(section, RELEASE)).is_dir():
        pytest.skip("a tree of a Debian release takes minutes to make: ./inv test --engines")
    newest("5.0.0")
    words = (f"--release={RELEASE}", "--init=systemd", "--count=1")
    done("lab.up", f"--host={HOST}", *words, timeout=120)
    yield HOST
    done("lab.down", f"--host={HOST}", "--yes")


def test_a_host_of_the_newest_release_with_systemd_runs_a_test_point_through_a_reboot(
    host: str, tmp_path: Path
) -> None:
    section = {"hosts": host, "flavor": "supervisord"}
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    assert under(host, "cat /proc/1/comm; systemctl is-system-running") == "systemd\nrunning\n"
    done("perfsonar.up", site)
    reboot(host)
    assert not done("perfsonar.up", site, "--json").json["changed"]
    assert (containers(host), version(host)) == ({NAME: "running"}, "5.0.0")
