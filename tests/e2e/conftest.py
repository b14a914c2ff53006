"""One lab for all of these tests: n1 and n2 see what this machine sees, n3 sees cgroup v2. Its hosts are cleaned between tests."""

from collections.abc import Iterator

import pytest

from tests.e2e.inv import inv


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.lab)


@pytest.fixture(scope="session")
def lab() -> Iterator[None]:
    """Three hosts, up and reachable."""
    made = inv("lab.up", "--count=3", "--v2=n3", timeout=300)
    assert made.code == 0, made.err + made.out
    yield
    inv("lab.down", "--yes", timeout=120)
