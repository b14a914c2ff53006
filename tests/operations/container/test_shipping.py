"""An image for hosts without a registry: which host has it, and what proves that it has arrived."""

from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.model.errors import CommandLineError
from fairlead.operations import script
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import shipping, upgrade
from tests.shells import Shell

C = Container(name="app", image="app:1", built_by="inv app.build")
ENGINE = script.beside(__file__).text("engine_of_images")


def asked(host: str, ship: str = "n1") -> Any:
    target = SimpleNamespace(host=host, system="app", component="app", peers=("n1", "n2"))
    return SimpleNamespace(target=target, facts={}, options=shipping.ShipOptions(ship=ship))


def test_the_source_says_which_it_is_and_the_others_get_that_one() -> None:
    shape = {
        host: [(phase.name, [step.shipment for step in phase.steps]) for phase in phases]
        for host in ("n1", "n2")
        if (phases := upgrade.pull(C, asked(host)))
    }
    assert shape["n1"] == [("image", [None]), ("ship", [])]
    (_, none), (_, (shipment,)) = shape["n2"]
    assert (none, shipment.source, shipment.key) == ([], "n1", "image")
    assert (shipment.read, shipment.write) == (("docker", "save"), ("docker", "load"))


def test_a_source_that_is_none_of_the_hosts_is_refused() -> None:
    with pytest.raises(CommandLineError, match="n9 is none of the hosts here; name one of n1, n2"):
        upgrade.pull(C, asked("n2", "n9"))


@pytest.mark.parametrize(
    ("other", "here", "code"),
    [
        ("app:1 id", "app:1", 0),
        ("app:1 other", "app:1", 1),
        ("app:1 id", "none", 1),
        ("<n1:image>", "app:1", 1),  # of a dry run
        ("app:2 id", "app:1", 3),
    ],
)
def test_the_same_image_is_so_by_its_id(shell: Shell, other: str, here: str, code: int) -> None:
    shell.tool("docker", ENGINE)
    assert shell.run(shipping.sh("is_image", "docker", "app:1", other), HERE=here)[0] == code


def test_an_engine_that_does_not_answer_has_not_no_image(shell: Shell) -> None:
    shell.tool("docker", ENGINE)
    question = shipping.sh("is_image", "docker", "app:1", "app:1 id")
    assert shell.run(question, HERE="none", DOWN="yes")[0] == 2


def test_what_has_arrived_gets_its_name_by_its_id_alone(shell: Shell) -> None:
    shell.tool("docker", ENGINE)
    for id_, answer in (("id", (0, "tag id app:1\n")), ("other", (1, ""))):
        words = shipping.sh("name_shipped", "docker", "app:1", f"app:1 {id_}")
        assert shell.run(words, HERE="id") == answer


STORES = {
    "overlay2": '["Backing Filesystem","extfs"]',
    "containerd": '["driver-type","io.containerd.snapshotter.v1"]',
}


@pytest.mark.parametrize(
    ("engine", "store", "layers"),
    [
        ("docker", "overlay2", '["sha256:a"]\n'),
        ("docker", "containerd", ""),
        ("podman", "overlay2", ""),
    ],
)
def test_layers_are_left_out_only_where_the_engine_can_do_without(
    shell: Shell, engine: str, store: str, layers: str
) -> None:
    shell.tool(engine, ENGINE)
    assert shell.run(shipping.sh("layers", engine), STORE=STORES[store]) == (0, layers)
