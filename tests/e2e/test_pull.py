"""An image ahead of time: nothing is stopped by it, and the upgrade after it fetches nothing."""

import pytest

from tests.e2e.ground import container, done, publish, version

pytestmark = pytest.mark.long


def test_a_pulled_image_waits_for_the_upgrade(fresh) -> None:
    publish("5.1.0")
    before = {host: container(host) for host in ("n1", "n2")}
    dry = done("perfsonar.pull", "--host=n[1-2]", "--dry-run", "--json")
    assert dry.rows["n1"]["state"] == "would-change"
    done("perfsonar.pull", "--host=n[1-2]")
    assert {host: (container(host), version(host)) for host in before} == {
        host: (id_, "5.0.0") for host, id_ in before.items()
    }
    done("perfsonar.pull", "--host=n[1-2]", "--fail-on=changed")
    done("perfsonar.up", "--host=n[1-2]", "--fail-on=changed")
    upgraded = done("perfsonar.upgrade", "--host=n[1-2]", "--json")
    assert {upgraded.steps(host)["pull"] for host in before} == {"ok"}
    assert {version(host) for host in before} == {"5.1.0"}
    done("perfsonar.rollback", "--host=n[1-2]")
    assert {version(host) for host in before} == {"5.0.0"}
