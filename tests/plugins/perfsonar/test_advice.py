"""preflight --for=VERSION: what is in the way of another version, from the registry's own words."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.operations.container.published import Published
from fairlead.testing import BASE
from tests.plugins.perfsonar.test_perfsonar import ask

TAGS = yaml.safe_load((Path(__file__).parent / "cases/tags.yml").read_text())
GHCR = "ghcr.io/perfsonar/testpoint"
IMAGE = Published(
    reference=f"{GHCR}:v5.2.5-systemd",
    is_index=True,
    platforms=("linux/amd64", "linux/arm64"),
    fits=True,
    size=700 << 20,
    variables={"PG_VERSION": "14"},
)


@pytest.fixture(scope="module")
def advice(plugins: Plugins) -> Any:
    """The plugin's module of preflight --for."""
    from fairlead_plugins.perfsonar import advice

    return advice


@pytest.fixture
def checks(plugins: Plugins, advice: Any) -> Any:
    """The checks for a version, by their names."""
    has = advice.Database("14", 200, 900, 20000)

    def of(version: str, image: Any = IMAGE, host: Any = has, room: int = 9000, **section: Any):
        facts = dict(BASE) | {"database": host, "room": room, "container": {}}
        options = {"for": version}
        asked = ask(plugins, "preflight", section=section, facts=facts, options=options)
        names = [getattr(image, "reference", name) for name in advice.references(asked)]
        facts["published"] = {name: image for name in names if image}
        asked = ask(plugins, "preflight", section=section, facts=facts, options=options)
        return {check.name: check for check in plugins.ask(asked)}

    return of


def test_the_image_is_asked_for_by_the_names_of_versions_and_of_branches(plugins, advice):
    def references(version: str, **section: Any) -> tuple[str, ...]:
        asked = ask(plugins, "preflight", section=section, facts=BASE, options={"for": version})
        return tuple(name.removeprefix(f"{GHCR}:") for name in advice.references(asked))

    assert references("5.2.5") == ("5.2.5-systemd", "v5.2.5-systemd")
    assert references("v5.2.5", flavor="supervisord") == ("v5.2.5", "5.2.5")
    assert references("v5.2.5-systemd") == ("v5.2.5-systemd",)
    assert references("latest") == ("latest",)
    assert references("5.2.5", image="perfsonar/testpoint", engine="podman")[0] == (
        "docker.io/perfsonar/testpoint:5.2.5-systemd"
    )


def test_nothing_is_in_the_way_of_a_version_that_fits(checks):
    well = checks("5.2.5")
    assert [check.name for check in well.values() if not check.ok] == []
    assert well["image"].found == f"{GHCR}:v5.2.5-systemd: an index of linux/amd64, linux/arm64"
    assert well["room"].wanted.startswith("2800 MiB")
    assert well["room for the state"].wanted == "1100 MiB free"


@pytest.mark.parametrize(
    ("image", "said", "blocks"),
    [
        ("not in the registry", "not in the registry", True),
        (None, "not known", False),
        (msgspec.structs.replace(IMAGE, fits=False), f"{IMAGE.reference}: an index of", True),
    ],
)
def test_an_image_that_is_not_there_blocks_and_one_that_is_not_known_is_not_well(
    checks, image, said, blocks
):
    check = checks("5.2.5", image)["image"]
    assert (check.ok, check.blocks, check.found.startswith(said)) == (False, blocks, True)


def test_another_postgresql_warns_and_one_that_is_not_known_is_not_well(checks, advice):
    other = msgspec.structs.replace(IMAGE, variables={"PG_VERSION": "16"})
    check = checks("5.2.5", other)["PostgreSQL"]
    assert (check.ok, check.blocks) == (False, False)
    assert (check.found, check.wanted) == (
        "16: the database will be dumped and loaded anew",
        "14, as the host's",
    )
    for image, host in ((None, advice.Database("14")), (IMAGE, advice.Database())):
        assert checks("5.2.5", image, host)["PostgreSQL"].ok is False
    assert checks("5.2.5", None)["PostgreSQL"].found == "not known"


def test_a_copy_of_the_state_and_a_dump_need_room(checks, advice):
    check = checks("5.2.5", host=advice.Database("14", 200, 900, 1099))["room for the state"]
    assert (check.ok, check.blocks, check.found) == (False, True, "1099 MiB free")
    assert checks("5.2.5", room=2799)["room"].ok is False


def test_a_tag_of_the_other_flavor_blocks(checks):
    check = checks("v5.2.5-systemd", flavor="supervisord")["flavor"]
    assert (check.ok, check.blocks, check.found) == (False, True, "systemd")
    image = msgspec.structs.replace(IMAGE, reference=f"{GHCR}:latest")
    assert checks("latest", image)["flavor"].blocks
    assert checks("latest", image, flavor="supervisord")["flavor"].ok


@pytest.mark.parametrize(("tag", "where"), TAGS.items())
def test_what_is_not_of_a_release_is_warned_of(plugins, tag, where):
    from fairlead_plugins.perfsonar import releases

    assert releases.source(tag) == where


def test_the_warning_names_the_repository(checks):
    image = msgspec.structs.replace(IMAGE, reference=f"{GHCR}:v5.2.0-systemd")
    check = checks("5.2.0", image)["packages"]
    assert (check.ok, check.blocks) == (False, False)
    assert check.found == "v5.2.0-systemd is made of the staging repository"


def test_the_database_of_a_host_is_looked_at_by_its_files(advice, sh, tmp_path):
    main = tmp_path / "state/current/var/lib/postgresql/14/main"
    main.mkdir(parents=True)
    (main / "PG_VERSION").write_text("14\n")
    (main / "base").write_bytes(bytes(3 << 20))
    (tmp_path / "state/current/etc").write_bytes(bytes(4 << 20))
    text = f"exec >{tmp_path}/out; {advice.sh.text('postgres')}"
    assert sh(text, "engine", "ps", str(tmp_path / "state"))[0] == 0
    has = advice.database(0, (tmp_path / "out").read_text())
    assert has.major == "14"
    assert (3 <= has.size < 6 < has.state < 12, has.room > 0) == (True, True)


def test_one_that_holds_its_state_inside_is_asked_there(advice, sh, program, tmp_path):
    program("engine", 'case $* in *du*) echo "150\t/var/lib/postgresql" ;; *) echo 14 ;; esac')
    text = f"exec >{tmp_path}/out; {advice.sh.text('postgres')}"
    sh(text, "engine", "ps", str(tmp_path / "none"))
    has = advice.database(0, (tmp_path / "out").read_text())
    assert (has.major, has.size, has.state) == ("14", 150, 0)
    program("engine", "exit 125")
    sh(text, "engine", "ps", str(tmp_path / "none"))
    assert advice.database(0, (tmp_path / "out").read_text()).major == ""
