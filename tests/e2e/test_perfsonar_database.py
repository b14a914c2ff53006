"""A test point's database at a version with another PostgreSQL, which does not start on the files
of the old one: kept, back, or begun anew. 6.0.0 of the lab has it."""

from pathlib import Path

import pytest

from tests.e2e.ground import (
    NAME,
    REMOTE,
    STATE,
    done,
    publish,
    remotes,
    sh,
    site_with,
    under,
    version,
)
from tests.e2e.inv import Said, inv

pytestmark = pytest.mark.long

MAJORS = 'ls "$1/current/var/lib/postgresql"; ls "$1" | grep -c "^postgresql$" || :'
PASSWORD = 'docker exec "$1" cat /etc/pscheduler/database/database-password'


def scheduled() -> int:
    return int(under("n1", sh.text("tasks"), NAME).strip() or 0)


def lines(said: Said) -> str:
    """All that the steps have said."""
    return said.err + said.out


def test_the_database_goes_to_another_postgresql_comes_back_and_begins_anew_where_that_is_asked(
    cleared: None, tmp_path: Path
) -> None:
    done("perfsonar.up", "--host=n1")
    done("perfsonar.psconfig.add", f"--url={REMOTE}", "--host=n1")
    done("perfsonar.throughput", "--host=n1", "--dest=n1")

    # preflight says it before, and pulls nothing
    images = under("n1", "docker images -q | wc -l")
    publish("6.0.0", tag="6.0.0")
    publish("6.0.0")
    checks = {
        check["name"]: check
        for check in inv("perfsonar.preflight", "--host=n1", "--for=6.0.0", "--json").rows["n1"][
            "checks"
        ]
    }
    assert checks["image"]["found"].startswith("perfsonar/testpoint:6.0.0: one image, linux/amd64")
    assert checks["PostgreSQL"]["found"] == "16: the database will be dumped and loaded anew"
    assert (checks["image"]["ok"], checks["room"]["ok"]) == (True, True)
    nonesuch = inv("perfsonar.preflight", "--host=n1", "--for=7.0.0", "--json")
    assert (nonesuch.code, "not in the registry" in nonesuch.out) == (4, True)
    assert under("n1", "docker images -q | wc -l") == images

    # a version that is not healthy: the old one is back, with its files
    publish("6.1.0", broken=True)
    site = f"--site={site_with(tmp_path, perfsonar={'hosts': 'n1', 'patience': 8})}"
    assert inv("perfsonar.upgrade", site).code == 8
    assert (version("n1"), remotes("n1"), scheduled()) == ("5.0.0", REMOTE, 1)
    assert under("n1", MAJORS, STATE) == "14\n0\n"

    # without a dump nothing could be kept, and nothing is stopped
    publish("6.0.0")
    refused = inv("perfsonar.upgrade", site, "--skip-dump")
    assert (refused.code, "PostgreSQL 14 becomes 16, and there is no dump" in refused.out) == (
        1,
        True,
    )
    assert (version("n1"), scheduled()) == ("5.0.0", 1)

    # kept
    kept = done("perfsonar.upgrade", site)
    assert "PostgreSQL 14 becomes 16: its dump is loaded" in lines(kept)
    assert (version("n1"), remotes("n1"), scheduled()) == ("6.0.0", REMOTE, 1)
    assert under("n1", MAJORS, STATE) == "16\n0\n"
    assert under("n1", PASSWORD, NAME) == "made with 5.0.0\n"
    assert not done("perfsonar.up", site, "--json").json["changed"]
    done("perfsonar.rollback", site)
    assert (version("n1"), remotes("n1"), scheduled()) == ("5.0.0", REMOTE, 1)
    assert under("n1", MAJORS, STATE) == "14\n0\n"

    # begun anew
    section = {"hosts": "n1", "database": "fresh"}
    site = f"--site={site_with(tmp_path, perfsonar=section)}"
    fresh = done("perfsonar.upgrade", site)
    assert "results and scheduled tests are lost" in lines(fresh)
    assert (version("n1"), remotes("n1"), scheduled()) == ("6.0.0", REMOTE, 0)
    assert under("n1", PASSWORD, NAME) == "made with 6.0.0\n"
