"""An image for hosts that reach no registry, over the link from one that has it."""

import pytest

from tests.e2e.ground import container, done, publish, under, version

pytestmark = pytest.mark.long


def identity(host: str) -> str:
    return under(host, "docker image inspect --format '{{.Id}}' perfsonar/testpoint:latest").strip()


def test_a_host_gets_the_missing_layers_of_an_image_and_is_upgraded_without_a_registry(
    fresh,
) -> None:
    publish("5.1.0")
    done("perfsonar.pull", "--host=n1")
    before = {host: container(host) for host in ("n1", "n2")}
    assert identity("n1") != identity("n2")
    dry = done("perfsonar.pull", "--host=n[1-2]", "--ship=n1", "--dry-run", "--json")
    assert dry.rows["n2"]["state"] == "would-change"
    shipped = done("perfsonar.pull", "--host=n[1-2]", "--ship=n1", "--json")
    assert (shipped.steps("n1")["image"], shipped.steps("n2")["image"]) == ("ok", "changed")
    assert "came from n1" in shipped.out + shipped.err
    assert identity("n1") == identity("n2")
    assert {host: container(host) for host in before} == before
    done("perfsonar.pull", "--host=n[1-2]", "--ship=n1", "--fail-on=changed")

    publish("5.2.0")  # which nobody asks for
    done("perfsonar.upgrade", "--host=n[1-2]", "--ship=n1")
    assert {version(host) for host in before} == {"5.1.0"}
