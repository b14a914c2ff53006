"""What to type where a container would be gone once it stops: what is said of it leads to one that
`up` takes over."""

from typing import Any

import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Noun, Target
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import adoption, lifecycle
from fairlead.operations.container.options import Inspected
from fairlead.operations.container.state import ContainerState
from fairlead.operations.container.units import Unit

GONE = (
    "n1: app was started with --rm: once it stops, it is gone with what it holds inside; copy out "
    "what is to stay of that ({engine} cp), then type, on its host: "
)
UNTIL_GONE = "while {engine} container inspect app >/dev/null 2>&1; do sleep 1; done"
QUADLET = Unit("app.service", "generated", "active")


def refusal(
    engine: str,
    *starters: Unit,
    variables: tuple[str, ...] = (),
    host: dict[str, Any] | None = None,
    **inspected: Any,
) -> str:
    """What `up` says of a container that was started with --rm, before anything is done."""
    target = Target(site="s", host="n1", system="toy", component="app", section=None, peers=("n1",))
    container = {"host": {"AutoRemove": True, **(host or {})}, **inspected}
    image = {"cmd": ["serve"], "entrypoint": ["/entry"]}
    known = adoption.Details(Inspected(container, image), variables, (), starters)
    old = ContainerState("app", "1a", "sha256:1", "app:1", "running", "", "no", {})
    facts = {"container": {"app": old}, "details": {"app": known}, "state": ()}
    ask: Ask[Any] = Ask(verb="up", target=target, facts=facts, options=Noun())
    with pytest.raises(FairleadError) as refused:
        lifecycle.up(Container(name="app", image="app:2", engine=engine), ask)
    start = GONE.format(engine=engine)
    said = str(refused.value)
    assert said.startswith(start)
    return said.removeprefix(start)


def test_one_that_nothing_starts_is_stopped_and_started_to_stay() -> None:
    assert refusal("docker", cmd=["serve"]) == (
        f"docker stop app; {UNTIL_GONE.format(engine='docker')}; "
        "docker run -d --name app --restart=always app:1; inv toy.up --host=n1"
    )


def test_a_quadlet_goes_before_the_same_is_started_with_its_variables_and_volumes() -> None:
    mounts = [
        {"Type": "volume", "Name": "0a" * 32, "Destination": "/data", "RW": True},
        {"Type": "bind", "Source": "/srv/a b", "Destination": "/conf", "RW": False},
    ]
    said = refusal(
        *("podman", QUADLET),
        variables=("N PASSWORD",),
        host={
            "NetworkMode": "host",
            "CapAdd": ["CAP_NET_RAW"],
            "LogConfig": {"Type": "passthrough"},
        },
        mounts=mounts,
        cmd=["serve", "--all"],
        entrypoint="/entry",
    )
    assert said.split("; ") == [
        "podman volume create app-1",
        f"podman volume export {'0a' * 32} | podman volume import app-1 -",
        "(umask 077",
        "podman inspect --format '{{range .Config.Env}}{{println .}}{{end}}' app >/root/app.env)",
        "systemctl stop app.service",
        "mv /etc/containers/systemd/app.container /root/",
        "systemctl daemon-reload",
        *UNTIL_GONE.format(engine="podman").split("; "),
        "podman run -d --name app --restart=always --network=host --cap-add=CAP_NET_RAW "
        "--volume=app-1:/data '--volume=/srv/a b:/conf:ro' --env-file=/root/app.env app:1 serve "
        "--all",
        "inv toy.up --host=n1",
    ]


def test_a_unit_is_disabled_and_an_entry_point_of_its_own_keeps_its_words() -> None:
    mounts = [{"Type": "volume", "Name": "0a" * 32, "Destination": "/data", "RW": True}]
    said = refusal(
        "docker",
        Unit("app.service", "enabled", "active"),
        mounts=mounts,
        cmd=["serve"],
        entrypoint=["/bin/sh", "-c"],
        user="7",
    )
    place = "docker volume inspect -f '{{.Mountpoint}}'"
    assert said.split("; ") == [
        "docker volume create app-1",
        f'cp -a "$({place} {"0a" * 32})/." "$({place} app-1)/"',
        "systemctl disable --now app.service",
        "docker stop app",
        *UNTIL_GONE.format(engine="docker").split("; "),
        "docker run -d --name app --restart=always --volume=app-1:/data --user=7 "
        "--entrypoint=/bin/sh app:1 -c serve",
        "inv toy.up --host=n1",
    ]
