"""The same container, as a `docker run` line and as a compose file."""

import json

import msgspec
import pytest

from fairlead.model.errors import PluginError
from fairlead.operations.argv import compose, docker
from fairlead.operations.argv.docker import Container, Volume

APP = Container(
    name="app",
    image="some/app:1",
    detach="-td",
    options=(
        "--net=host",
        "--tmpfs",
        "/run",
        "--tmpfs",
        "/tmp",
        "-v",
        "/a:/b:rw",
        "--cgroupns",
        "host",
        "--cap-add",
        "CAP_NET_RAW",
        "-e",
        "PRICE=$5",
        "--label",
        "a=b=c",
    ),
    command=("serve", "--all"),
    root="/state",
    state=(Volume("/etc/app", "config"),),
    labels=(("fairlead.site", "s"),),
    service="web",
    compose=("/state/compose.json",),
)


def test_run_holds_the_container_s_own_flags_then_ours_the_image_and_the_command() -> None:
    assert docker.run(APP) == (
        *("docker", "run", "-td", "--name", "app", *APP.options),
        *(
            "-v",
            "/state/current/etc/app:/etc/app",
            "--restart",
            "unless-stopped",
            "--stop-timeout",
            "30",
        ),
        *("--label", "fairlead.site=s", "--label", f"fairlead.spec={docker.spec(APP)}"),
        *("some/app:1", "serve", "--all"),
    )


def test_the_file_says_the_same() -> None:
    step = compose.file(APP)
    assert isinstance(step.stdin, str)
    assert json.loads(step.stdin) == {
        "services": {
            "web": {
                "image": "some/app:1",
                "tty": True,
                "network_mode": "host",
                "tmpfs": ["/run", "/tmp"],
                "volumes": ["/a:/b:rw", "/state/current/etc/app:/etc/app"],
                "cgroup": "host",
                "cap_add": ["CAP_NET_RAW"],
                "environment": ["PRICE=$$5"],
                "command": ["serve", "--all"],
                "container_name": "app",
                "restart": "unless-stopped",
                "stop_grace_period": "30s",
                "labels": {"a": "b=c", "fairlead.site": "s", "fairlead.spec": docker.spec(APP)},
            }
        }
    }


def test_volumes_of_the_engine_s_that_it_keeps_are_no_project_s() -> None:
    kept = msgspec.structs.replace(APP, kept=("--volume=old:/old", "--volume=/srv/x:/x"))
    assert compose.whole(kept)["volumes"] == {"old": {"external": True}}
    assert "volumes" not in compose.whole(APP)


def test_a_flag_that_no_compose_key_says_is_refused() -> None:
    import msgspec

    with pytest.raises(
        PluginError,
        match="app: the flag --gpus has no key in a compose file here; launch it with `run`",
    ):
        compose.file(msgspec.structs.replace(APP, options=("--gpus=all",)))


@pytest.mark.parametrize(
    ("name", "project"), [("app", "app"), ("App.1", "app-1"), ("_x", "x"), ("a b", "a-b")]
)
def test_a_project_has_a_name_that_compose_takes(name: str, project: str) -> None:
    assert compose.project(name) == project


@pytest.mark.parametrize(
    ("image", "named"),
    [
        ("a/b", "a/b:latest"),
        ("r:5000/a", "r:5000/a:latest"),
        ("a:1", "a:1"),
        ("a@sha256:0", "a@sha256:0"),
    ],
)
def test_an_image_without_a_tag_is_the_latest(image: str, named: str) -> None:
    assert docker.with_tag(image) == named


def test_every_wish_changes_the_hash_and_nothing_else_does() -> None:
    import msgspec

    hashes = {
        docker.spec(msgspec.structs.replace(APP, **change))
        for change in (
            {},
            {"image": "b"},
            {"restart": "no"},
            {"command": ()},
            {"options": ()},
            {"state": ()},
        )
    }
    assert len(hashes) == 6
    assert docker.spec(
        msgspec.structs.replace(APP, patience=1, verify=("x",), dump=("y",))
    ) == docker.spec(APP)
