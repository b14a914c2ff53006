"""One lab for all of these tests: n1 and n2 see what this machine sees, n3 sees cgroup v2.

Where FAIRLEAD_LAB_RELEASE names a Debian release, all three stand over its tree instead. The hosts
are cleaned between tests.
"""

import os
from collections.abc import Iterator

import pytest

from tests.e2e import turns
from tests.e2e.depot import Depot, serving
from tests.e2e.ground import all_run, clear, done, newest
from tests.e2e.hugepages import huge_pages
from tests.e2e.images import mirrored
from tests.e2e.inv import inv
from tests.e2e.rocky import repository

RELEASE = os.environ.get("FAIRLEAD_LAB_RELEASE", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these need a lab; the long files come first."""
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.lab)
    items.sort(key=lambda item: turns.turn(item.path.name))


@pytest.fixture(scope="session")
def lab() -> Iterator[None]:
    """Three hosts, up and reachable."""
    inv(
        "runs.recover", "--host=local", "--forward"
    )  # what tests that were killed left open on this machine; their lease ends within ten minutes
    keep = bool(os.environ.get("FAIRLEAD_LAB_KEEP"))  # for who tries one test again and again
    if not keep:
        inv(
            "lab.down", "--yes", "--wait=11m", timeout=840
        )  # what tests that were killed left of a lab
    kind = f"--release={RELEASE}" if RELEASE else "--v2=n3"
    made = inv("lab.up", "--count=3", kind, "--wait=11m", timeout=1500)
    assert made.code == 0, made.err + made.out
    yield
    if not keep:
        inv("lab.down", "--yes", timeout=120)


@pytest.fixture(scope="session")
def depot(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    """A folder that the lab's hosts can fetch from: depot.folder, depot.url."""
    with serving(tmp_path_factory.mktemp("depot")) as made:
        yield made


@pytest.fixture(scope="session")
def daos_repository(depot: Depot) -> dict[str, list[str]]:
    """Values of a site: where DAOS's packages are, and the key that signs them. rockylinux can be
    pulled.
    """
    return repository(depot)


@pytest.fixture(scope="module")
def mirror(depot: Depot) -> Iterator[str]:
    """Where n1 installs a Debian from."""
    with mirrored(depot) as found:
        yield found


@pytest.fixture(scope="module")
def pages() -> Iterator[None]:
    """The huge pages that a DAOS server wants."""
    with huge_pages(4096):
        yield


@pytest.fixture
def bare(lab: None) -> None:
    """Hosts on which nothing stands, and a registry whose newest test point is 5.0.0."""
    clear()
    newest("5.0.0")


@pytest.fixture
def running(lab: None) -> None:
    """Test points 5.0.0 on all three hosts, as the site says.

    Quick where they run already: for tests that change nothing.
    """
    newest("5.0.0")
    if not all_run("5.0.0"):
        done("perfsonar.up")


@pytest.fixture
def cleared(lab: None) -> None:
    """As `bare`, but n3, whose systemd takes a while, is left alone."""
    clear("n1", "n2")
    newest("5.0.0")


@pytest.fixture
def fresh(cleared: None) -> None:
    """Test points 5.0.0 on n1 and n2, just started from nothing."""
    done("perfsonar.up", "--host=n[1-2]")
