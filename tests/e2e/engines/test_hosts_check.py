"""inv hosts.check on each engine: its name and version, and no sentence that a host is not well."""

import re

import pytest

from tests.e2e.engines.matrix import ENGINES, Engine
from tests.e2e.ground import done

DOCKERS = [engine for engine in ENGINES if engine.name == "docker"]


@pytest.mark.parametrize("engine", DOCKERS, ids=str)
def test_a_host_is_well_and_its_engine_has_this_version(facility, engine: Engine) -> None:
    facility(engine.machine)
    head, row = done("hosts.check", f"--host={engine.host}").out.splitlines()
    assert head.split() == ["host", "reach", "key", "user", "sudo", "engine", "clock"]
    version = re.escape(engine.version)
    pattern = rf"{engine.host} +yes +known +root +- +docker {version}\.\S+ +ok"
    assert re.fullmatch(pattern, row)
