"""An image for hosts without a registry: which host has it, and what proves that it has arrived."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.model.errors import CommandLineError
from fairlead.operations import script
from fairlead.operations.argv.docker import Container
from fairlead.operations.container import shipping, upgrade
from tests.shells import Shell

ID = "0123456789ab"
INDEX = f'{{"images": [{{"name": "app:1", "id": "{ID}"}}]}}'
C = Container(name="app", image="app:1", built_by="inv app.build")
ENGINE = script.beside(__file__).text("engine_of_images")


def asked(host: str, ship: str = "n1", to: str = "") -> Any:
    target = SimpleNamespace(host=host, system="app", component="app", peers=("n1", "n2"))
    return SimpleNamespace(target=target, facts={}, options=shipping.PullOptions(ship=ship, to=to))


def test_the_source_says_which_it_is_and_the_others_get_that_one() -> None:
    phases_of = {
        host: [(phase.name, [step.shipment for step in phase.steps]) for phase in phases]
        for host in ("n1", "n2")
        if (phases := upgrade.pull(C, asked(host)))
    }
    assert phases_of["n1"] == [("image", [None]), ("ship", [])]
    (_, none), (_, (shipment,)) = phases_of["n2"]
    assert (none, shipment.source, shipment.key) == ([], "n1", "image")
    assert (shipment.read, shipment.write) == (("docker", "save"), ("docker", "load"))


def test_a_source_that_is_none_of_the_hosts_is_refused() -> None:
    with pytest.raises(
        CommandLineError, match="n9 is none of the hosts here; name one of n1, n2, or a"
    ):
        upgrade.pull(C, asked("n2", "n9"))


def shape(host: str, ship: str, to: str = "", c: Container = C) -> list[Any]:
    """Each phase with the names of its steps."""
    phases = upgrade.pull(c, asked(host, ship, to))
    return [(phase.name, [step.name for step in phase.steps]) for phase in phases]


def test_a_folder_of_this_machine_gives_its_image_to_all_hosts(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(INDEX)
    for host in ("n1", "n2"):
        image, ship = upgrade.pull(C, asked(host, str(tmp_path)))
        assert (image.name, image.steps, ship.name) == ("image", (), "ship")
        (step,) = ship.steps
        assert step.unless == shipping.sh("is_image", "docker", "app:1", f"app:1 {ID}")
        assert (step.shipment.archive, step.shipment.source) == (
            f"{tmp_path}/{ID}.tar",
            str(tmp_path),
        )


def test_podman_finds_the_image_of_docker_by_its_own_name_for_it(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(INDEX)
    c = replace(C, image="docker.io/library/app:1", engine="podman")
    step = upgrade.pull(c, asked("n1", str(tmp_path)))[-1].steps[0]
    assert step.unless[-1] == f"docker.io/library/app:1 {ID}"
    with pytest.raises(CommandLineError, match="has no quay.io/app:1"):
        upgrade.pull(replace(C, image="quay.io/app:1"), asked("n1", str(tmp_path)))


REFUSED = {
    "": "has no app:1, but no image at all; inv bundle, and inv pull --to=DIR, make one",
    '{"images": [{"name": "app:2", "id": "0123456789ab"}]}': "has no app:1, but app:2; inv bundle",
    '{"images": [{"name": "app:1", "id": "../../etc"}]}': "index.json cannot be read",
    "{": "index.json cannot be read",
}


@pytest.mark.parametrize("index", REFUSED)
def test_a_folder_without_the_image_is_refused(tmp_path: Path, index: str) -> None:
    if index:
        (tmp_path / "index.json").write_text(index)
    with pytest.raises(CommandLineError, match=REFUSED[index]):
        upgrade.pull(C, asked("n1", str(tmp_path)))


def test_the_first_host_that_has_the_image_gives_a_copy(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert [shape(host, "n2", folder)[-1] for host in ("n1", "n2")] == [
        ("copy", []),
        ("copy", ["copy"]),
    ]
    assert [shape(host, "", folder)[-1] for host in ("n1", "n2")] == [
        ("copy", ["copy"]),
        ("copy", []),
    ]
    copy = upgrade.pull(C, asked("n1", "n1", folder))[-1].steps[0]
    assert (copy.fetch_to, copy.fetch_by, copy.read_only) == (folder, ("docker", "save"), True)


def test_a_copy_of_a_copy_or_of_a_digest_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text(INDEX)
    with pytest.raises(CommandLineError, match="leave one of --ship and --to out"):
        shape("n1", str(tmp_path), str(tmp_path))
    with pytest.raises(CommandLineError, match="give it a tag in the site"):
        shape("n1", "n1", str(tmp_path), replace(C, image="app@sha256:abc"))


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
