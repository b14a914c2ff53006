"""What `up` keeps of a container of DAOS that somebody started by hand, and what it refuses."""

from collections.abc import Mapping
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.operations.container import adoption, options
from fairlead.operations.container.state import ContainerState
from fairlead.testing import BASE, ask_for, plan_of

IN_MEMORY = {"engines": [{"storage": [{"class": "ram", "scm_mount": "/mnt/daos0"}]}]}
LASTING = IN_MEMORY | {"control_metadata": {"path": "/var/db/daos"}}


def ask(
    plugins: Plugins, component: str, *mounts: tuple[str, str], config: Any = LASTING, **more: Any
) -> Any:
    """Of `up` where a container with these mounts stands; `labels` are its own."""
    name = f"daos-{component}"
    described = [{"Type": "bind", "Source": a, "Destination": b} for a, b in mounts]
    state = ContainerState(
        *(name, "0a", "1b", "x", "running", "2026-01-01", "always"), more.get("labels", {})
    )
    inspected = options.Inspected({"host": {}, "mounts": described}, {})
    facts: Mapping[str, Any] = dict(BASE) | {
        "container": {name: state},
        "details": {name: adoption.Details(inspected, (), ())},
        "state": (),
    }
    section = {"client": {"hosts": "n1"}, "server": {"hosts": "n1", "config": config}}
    whole = section | {"insecure": True}
    return ask_for(plugins, f"daos.{component}", "up", section=whole, facts=facts)


def kept(plugins: Plugins, component: str, *mounts: tuple[str, str]) -> tuple[str, ...]:
    from fairlead_plugins.daos.common import containers

    asked = ask(plugins, component, *mounts)
    return adoption.adopted(containers.container(asked, component), asked).kept


def test_what_images_and_compose_files_fill_is_not_kept_and_all_else_is(plugins: Plugins) -> None:
    mounts = (
        ("/srv/server.yml", "/etc/daos/daos_server.yml"),
        ("/srv/certs", "/etc/daos/certs"),
        ("/srv/certs.txz", "/run/secrets/daos_server-certs.txz"),
        ("/srv/metadata", "/var/db/daos"),  # its content becomes state
        ("/srv/dumps", "/var/daos/dumps"),
    )
    assert kept(plugins, "server", *mounts) == ("--volume=/srv/dumps:/var/daos/dumps",)


@pytest.mark.parametrize("place", ["/run/daos_agent", "/var/run/daos_agent"])
def test_the_socket_of_an_agent_lies_where_its_clients_have_it(
    plugins: Plugins, place: str
) -> None:
    assert kept(plugins, "agent", ("/srv/run", place)) == ()
    assert kept(plugins, "server", ("/srv/run", place)) == (f"--volume=/srv/run:{place}",)


def test_a_plan_says_what_is_not_kept(plugins: Plugins) -> None:
    asked = ask(plugins, "server", ("/srv/server.yml", "/etc/daos/daos_server.yml"))
    (step,) = (step for step in plan_of(plugins, asked) if step.name == "keep its options")
    assert "---volume=/srv/server.yml:/etc/daos/daos_server.yml (not kept)\n" in step.diff


def test_pools_that_would_go_with_a_server_started_by_hand_are_a_refusal(plugins: Plugins) -> None:
    with pytest.raises(FairleadError) as refused:
        plan_of(plugins, ask(plugins, "server", config=IN_MEMORY))
    assert str(refused.value) == (
        "n1: daos-server was started by hand: it has no control_metadata, and what it has in "
        "/mnt/daos0 goes with its container: another in its place would have to be formatted, and "
        "its pools would be gone; bring its data elsewhere, then docker rm -f daos-server; what "
        "inv daos.server.up starts then is to be formatted"
    )


def test_pools_that_lie_outside_of_it_and_servers_of_ours_are_none(plugins: Plugins) -> None:
    mounted = ask(plugins, "server", ("/srv/scm", "/mnt/daos0"), config=IN_MEMORY)
    ours = ask(plugins, "server", config=IN_MEMORY, labels={"fairlead.spec": "0"})
    for asked in (mounted, ours, ask(plugins, "server")):
        assert "healthy" in [step.name for step in plan_of(plugins, asked)]
