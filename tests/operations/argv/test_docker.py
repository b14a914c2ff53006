"""A container as data."""

import os
from pathlib import Path

import pytest
from msgspec import structs

from fairlead.operations.argv import docker

from ..conftest import ask

LISTING = Path(__file__).parent.parent / "shell/listing.sh"


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


@pytest.mark.parametrize(
    ("state", "at_rest"),
    [
        ("running", False),
        ("restarting", False),  # it crashes again and again: no engine removes it so
        ("paused", False),
        ("exited", True),
        ("created", True),
    ],
)
def test_a_container_is_stopped_only_where_nothing_starts_it_again(
    tmp_path, monkeypatch, state, at_rest
):
    program = tmp_path / "docker"
    program.write_text(f"#!/bin/sh\n{LISTING.read_text()}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("STATE", state)
    c = docker.Container(name="app", image="busybox:1.36")
    assert (ask(docker.is_stopped(c)).returncode == 0) is at_rest
