"""The disk fills up in the middle of an upgrade: its state and fairlead's own folder lie on it.

Whatever is said is so, the reason is shown, and what helps is named.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.ground import (
    NAME,
    REMOTE,
    STATE,
    clear,
    containers,
    done,
    newest,
    publish,
    remotes,
    sh,
    site_with,
    under,
)
from tests.e2e.inv import Said, inv, start
from tests.e2e.ops import Running
from tests.e2e.svc import shared

FOLDERS = (STATE, "/var/lib/fairlead")
FILL = "cat /dev/zero >/root/small/filling; sync"
ANSWERS = 'docker exec "$1" pscheduler ping localhost'
MOMENTS: dict[str, float | str] = {
    "after 1.6 s": 1.6,
    "after 6 s": 6.0,
    "once the old one has stopped": "stop: changed",
    "once the new one was started": "container: changed",
}


@pytest.fixture
def site(lab: None, tmp_path: Path) -> Iterator[str]:
    """n1 with a test point 5.0.0 whose state lies on a disk of 64 MB, and a newer image."""
    clear("n1")
    newest("5.0.0")
    with shared(("n1",), "small") as (device,):
        assert under("n1", sh.text("small_disk"), device, *FOLDERS) == "small\n"
        section = {"hosts": "n1", "patience": 20}
        site = f"--site={site_with(tmp_path, perfsonar=section)}"
        done("perfsonar.up", site)
        done("perfsonar.psconfig.add", site, f"--url={REMOTE}")
        publish("5.1.0")
        yield site
        under("n1", 'docker rm -fv "$1" "$1.previous"', NAME)
        under("n1", sh.text("no_small_disk"), *FOLDERS)
    clear("n1")


def upgrade(site: str, moment: float | str) -> Said:
    """An upgrade in which the disk fills up at this moment."""
    running = Running(start("perfsonar.upgrade", site))
    if isinstance(moment, str):
        running.until(f"perfsonar: {moment}")
    else:
        time.sleep(moment)
    under("n1", FILL)
    return running.end(180)


def answers() -> bool:
    return "is alive" in under("n1", ANSWERS, NAME)


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_is_said_is_so_and_one_command_helps(site: str, moment: str) -> None:
    said = upgrade(site, MOMENTS[moment])
    words = said.out + said.err
    print(f"{moment}: {said.code}: {said.out}")
    assert (said.code in (0, 8)) <= answers(), words
    assert ("is back" in words) <= answers(), words
    assert "is back" in words if said.code == 8 else "is back" not in words
    if said.code:
        assert "No space left on device" in words, words
        assert "make room on the disk of n1" in words, words
    under("n1", "rm /root/small/filling")
    helps = re.search(r"inv (perfsonar\.restart) --host=n1", words)
    if helps:
        done(helps[1], site, "--host=n1")
    assert answers()
    assert inv("runs.recover", site, "--host=n1").out.startswith("nothing to recover")
    assert done("perfsonar.status", site, "--json").json["ok"]
    done("perfsonar.up", site)
    assert (remotes("n1"), containers("n1")[NAME]) == (REMOTE, "running")
    done("perfsonar.upgrade", site)
    assert remotes("n1") == REMOTE


@pytest.mark.long
def test_up_where_the_service_does_not_answer_names_what_helps(site: str) -> None:
    under("n1", FILL)
    under("n1", 'docker restart -t 2 "$1"', NAME)
    until = time.monotonic() + 90
    while "gave up: pscheduler" not in under("n1", 'docker logs "$1" 2>&1', NAME):
        assert time.monotonic() < until
        time.sleep(1)
    under("n1", "rm /root/small/filling")
    said = inv("perfsonar.up", site, "--json")
    error = said.rows["n1"]["error"]
    assert said.code == 1, said.out
    helps = "; see inv perfsonar.logs --host=n1 and inv perfsonar.restart --host=n1"
    assert error.endswith(helps), error
    done("perfsonar.restart", site, "--host=n1")
    assert answers()
    assert remotes("n1") == REMOTE
