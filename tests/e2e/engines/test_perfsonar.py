"""A test point's whole way on each engine: up, new versions as a manifest and as an index, a
broken one, back, away, adopted."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.e2e.checkout import Checkout
from tests.e2e.engines.conftest import Boots
from tests.e2e.engines.matrix import ENGINES, LOSING, Engine, record
from tests.e2e.ground import NAME, REMOTE, STATE, publish, sh, site_with
from tests.e2e.inv import Said, inv

DOCUMENT = yaml.safe_load((Path(__file__).parents[1] / "cases/document.yml").read_text())
VERSION = '"$engine" exec "$1" pscheduler version | sed "s/^pscheduler-core *//; s/ .*//"'
REMOTES = '"$engine" exec "$1" psconfig remote list | grep -o "https*://[^\\"]*"'
ID = '"$engine" ps -aq --no-trunc --filter "name=^$1$"'


class TestPoint:
    """One on one engine, of the supervisord flavor; `way` notes what it does."""

    __test__ = False

    def __init__(self, engine: Engine, site: str):
        self.engine, self.site, self.way = engine, site, record(str(engine))

    def inv(self, verb: str, *words: str) -> Said:
        return inv(f"perfsonar.{verb}", f"--host={self.engine.host}", self.site, "--json", *words)

    def done(self, verb: str, *words: str) -> Said:
        said = self.inv(verb, *words)
        assert said.code == 0, f"{said.code}\n{said.err}\n{said.out}"
        return said

    def changed(self, stage: str, verb: str, *words: str) -> None:
        with self.way.stage(stage, "changed"):
            assert self.done(verb, *words).rows[self.engine.host]["state"] == "changed"

    def unchanged(self, stage: str, verb: str) -> None:
        """Neither a run nor a dry run has anything to do, and nothing is stopped."""
        before = self.identity
        with self.way.stage(stage, "ok"):
            assert self.done(verb).rows[self.engine.host]["state"] == "ok"
        assert self.done(verb, "--dry-run", "--fail-on=changed").code == 0
        assert self.identity == before

    @property
    def identity(self) -> str:
        return self.engine.run(ID, NAME)

    def is_at(self, release: str) -> None:
        """It answers, with the state that it had from the first."""
        assert self.engine.run(VERSION, NAME) == f"{release}\n"
        assert self.engine.run(REMOTES, NAME) == f"{REMOTE}\n"


def section_of(engine: Engine) -> dict[str, object]:
    section = {"engine": engine.name, "flavor": "supervisord", "hosts": engine.host, "patience": 15}
    # Podman ends where there is no controller of processes, as a host of the lab may have none
    return section | ({"pids": 0} if engine.name == "podman" else {})


@contextmanager
def clean(engine: Engine) -> Iterator[None]:
    """Nothing stands on the engine, before and after; the newest test point is 5.0.0."""
    engine.run(sh.text("engine_clear"), engine.name, STATE)
    publish("5.0.0")
    yield
    engine.run(sh.text("engine_clear"), engine.name, STATE)


@pytest.fixture(params=ENGINES, ids=str)
def point(facility: Boots, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestPoint]:
    engine: Engine = request.param
    facility(engine.machine)
    with clean(engine):
        site = site_with(tmp_path, perfsonar=section_of(engine))
        yield TestPoint(engine, f"--site={site}")


def test_a_test_point_goes_its_whole_way(point: TestPoint) -> None:
    point.changed("up", "up")
    point.done("psconfig.add", f"--url={REMOTE}")
    point.unchanged("up again", "up")
    publish("5.1.0")
    point.changed("upgrade", "upgrade")
    point.is_at("5.1.0")
    point.unchanged("upgrade again", "upgrade")
    publish("5.2.0", index=True)
    point.changed("index", "upgrade")
    point.is_at("5.2.0")
    point.unchanged("index again", "upgrade")
    publish("5.3.0", broken=True, index=True)
    before = point.identity
    with point.way.stage("broken", "rolled-back"):
        assert point.inv("upgrade").code == 8
    assert point.identity.startswith(before)
    point.is_at("5.2.0")
    with point.way.stage("rollback", "changed"):
        point.done("rollback")
    point.is_at("5.1.0")
    point.changed("down", "down", "--yes")
    assert point.engine.run('"$engine" ps -q') == ""


def test_one_started_by_hand_is_adopted(point: TestPoint) -> None:
    by_hand = DOCUMENT["supervisord"]["run"].partition(" ")[2]
    name = "docker.io/perfsonar/testpoint"  # Podman takes no short names where nobody says whose
    by_hand = by_hand.replace("perfsonar/testpoint", name)
    point.engine.run(f'"$engine" {by_hand}')
    point.engine.run(sh.text("test_point_answers"), point.engine.name, NAME, REMOTE)
    point.changed("adopt", "up")
    point.is_at("5.0.0")
    point.unchanged("adopt again", "up")


def test_what_a_checkout_builds_comes_back_where_the_engine_loses_an_image_with_its_name(
    facility: Boots, tmp_path: Path
) -> None:
    facility(LOSING.machine)
    with clean(LOSING):
        checkout = Checkout(LOSING.host, tmp_path)
        checkout.comes_back_from_a_build_that_ends_at_once()
        checkout.is_upgraded_and_returns()
        checkout.goes()
