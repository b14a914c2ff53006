"""What versions leave on a host, what of it goes, and that the way back stays."""

import pytest

from tests.e2e.ground import done, publish, under, version

pytestmark = pytest.mark.long


def images() -> set[str]:
    """The images of the test point on n1."""
    lines = under("n1", "docker image ls --no-trunc --format '{{.Repository}} {{.ID}}'")
    return {line.split()[1] for line in lines.splitlines() if line.startswith("perfsonar/")}


def test_what_nobody_needs_goes_and_the_way_back_stays(fresh) -> None:
    for release in ("5.1.0", "5.2.0"):
        publish(release)
        done("perfsonar.upgrade", "--host=n1")
    before = done("perfsonar.du", "--host=n1", "--json").rows["n1"]["fields"]
    uses = sorted(row["for"] for row in before["images"])
    assert uses == ["", "rollback", "the name in use"]
    assert len(before["backups"]) == 4  # a dump and an archive of each of the two old ones
    assert len(images()) == 3

    words = ("perfsonar.prune", "--host=n1", "--days=0", "--keep=0")
    dry = done(*words, "--dry-run")
    assert "remove image perfsonar/testpoint:<none>" in dry.out
    assert "spared: state /var/lib/perfsonar-testpoint/previous" in dry.out
    assert len(images()) == 3
    assert done("perfsonar.prune", "--host=n1", "--fail-on=changed").code == 0

    done(*words)
    after = done("perfsonar.du", "--host=n1", "--json").rows["n1"]["fields"]
    assert sorted(row["for"] for row in after["images"]) == ["rollback", "the name in use"]
    assert ("backups" in after, after["nobody needs"], len(images())) == (False, "0 B", 2)
    assert done(*words, "--fail-on=changed").code == 0
    done("perfsonar.rollback", "--host=n1")
    assert version("n1") == "5.1.0"
