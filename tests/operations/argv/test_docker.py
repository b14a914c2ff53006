"""A container as data."""

import pytest
from msgspec import structs

from fairlead.operations.argv import docker


def test_a_site_that_is_renamed_replaces_no_container():
    c = docker.Container(name="board", image="busybox:1.36", labels=(("fairlead.site", "old"),))
    assert docker.spec(c) == docker.spec(structs.replace(c, labels=(("fairlead.site", "new"),)))
    assert docker.spec(c) != docker.spec(structs.replace(c, options=("--privileged",)))


@pytest.mark.parametrize(
    ("image", "whole"),
    [
        ("perfsonar/testpoint", "docker.io/perfsonar/testpoint"),
        ("perfsonar/testpoint:5.1.0", "docker.io/perfsonar/testpoint:5.1.0"),
        ("busybox:1.36", "docker.io/library/busybox:1.36"),
        ("quay.io/a/b", "quay.io/a/b"),
        ("registry:5000/b", "registry:5000/b"),
        ("localhost/b", "localhost/b"),
    ],
)
def test_an_image_without_a_registry_is_docker_hub_s(image, whole):
    assert docker.qualified(image) == whole
