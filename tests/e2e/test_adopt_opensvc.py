"""`inv adopt` on nodes whose agent has three services that somebody wrote the files of. They run;
the section says each file whole, so there is nothing to take over but to note their containers."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import svc
from tests.e2e.adoption import site_without
from tests.e2e.ground import done, each, sh, under

pytestmark = pytest.mark.long

HOSTS = ("n1", "n2")
NAMES = ("board.opensvc.test", "pair", "share")
SUMS = "sha256sum /etc/opensvc/*.conf; docker ps -q --no-trunc; grep /opt/svc /proc/mounts"
NOTES = ["board.opensvc.test: note 1", "pair: note 1", "pair: note 2"]
VAR = "/var/lib/opensvc/svc"
SERVICES = {
    "board.opensvc.test": {
        "nodes": ["n1", "n2"],
        "autostart_node": "n1",
        "app": "OSVCLAB",
        "service_type": "PRD",
        "docker_data_dir": "/opt/svc/a/appdata",
        "containers": [
            {
                "image": svc.IMAGE,
                "command": "sleep 3600",
                "run_args": "-v /opt/svc/a/vol1:/vol1:rw --net bridge",
                "tty": False,
                "interactive": False,
            }
        ],
        "fs": [
            {"type": "none", "dev": "/root/svc/a", "mnt": "/opt/svc/a", "options": "bind"},
            {
                "type": "none",
                "dev": "/root/svc/adata",
                "mnt": "/opt/svc/a/appdata",
                "options": "bind",
            },
        ],
    },
    "pair": {
        "nodes": ["n1"],
        "containers": [
            {
                "image": svc.IMAGE,
                "command": "sleep 3600",
                "netns": "none",
                "tty": False,
                "interactive": False,
            },
            {"image": "busybox:1.37", "command": "sh", "netns": "container#1"},
        ],
    },
    "share": {
        "nodes": ["n1"],
        "autostart_node": "n1",
        "service_type": "DEV",
        "ip": [{"dev": "eth0", "name": "svc101.opensvc.test", "netmask": "24"}],
        "fs": [
            {"type": "none", "dev": "/root/svc/b", "mnt": "/opt/svc/share", "options": "bind,ro"}
        ],
    },
}


@pytest.fixture(scope="module")
def by_hand(lab: None) -> Iterator[str]:
    """n1 runs the services; n2 has the file of the one that is its, too. What was said there."""
    with svc.node("2.1", hosts=HOSTS):
        said = under("n1", sh.text("opensvc_by_hand"), *NAMES)
        under("n2", sh.text("opensvc_by_hand"))
        under("n2", "rm /etc/opensvc/pair.conf /etc/opensvc/share.conf")
        yield said


def test_three_shapes_of_a_service_are_proposed_whole_and_noted_once_with_nothing_started_anew(
    by_hand: str, tmp_path: Path
) -> None:
    before = each(SUMS, hosts=HOSTS)
    acts = [svc.acts("n1", name, VAR) for name in NAMES]
    assert acts == [
        "start fs#1, start fs#2, start container#1",
        "start container#1, start container#2",
        "start ip#1, start fs#1",
    ], by_hand
    site = site_without(tmp_path, "opensvc")
    words = ("--host=n[1-2]", "--system=opensvc", "--json")
    first = done("adopt", f"--site={site}", *words, "--write").json
    assert first["sections"]["opensvc"]["services"] == SERVICES
    assert first["remarks"]["opensvc"] == []
    (plan,) = first["plans"]
    assert (plan["name"], plan["error"], would_change(plan)) == ("opensvc", "", NOTES)
    assert first["written"] is True
    done("site.validate", f"--site={site}")
    up = ("opensvc.up", f"--site={site}")
    done(*up)
    done(*up, "--dry-run", "--fail-on=changed")
    second = done("adopt", f"--site={site_without(tmp_path, 'opensvc')}", *words).json
    assert second["sections"] == first["sections"]
    assert [plan["empty"] for plan in second["plans"]] == [True]
    assert each(SUMS, hosts=HOSTS) == before
    assert [svc.acts("n1", name, VAR) for name in NAMES] == ["", "", ""]


def would_change(plan: Any) -> list[str]:
    """The steps of a plan that would, on whichever host; what is waited for behind one that does is
    not asked in a dry run."""
    steps = [step for row in plan["hosts"] for step in row["steps"]]
    names = [step["name"] for step in steps if step["state"] == "would-change"]
    return [name for name in names if ": healthy " not in name]
