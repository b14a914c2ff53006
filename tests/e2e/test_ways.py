"""The five ways to install, each into an account that has nothing else, by the oldest Python and a
newer one: with each the systems are listed, a site is valid, and a test point comes up on a host.
"""

import time
from pathlib import Path

import pytest

from release import package
from tests.e2e.ground import NAME, containers, version
from tests.e2e.inv import NETWORK, ROOT
from tests.release import ways
from tests.release.ways import Account, Source

pytestmark = pytest.mark.long

SITE = f"""\
hosts:
  n2: {{address: "{NETWORK}.2", user: root, identity: {ROOT}/key}}
ssh: {{known_hosts: {ROOT}/known_hosts}}
perfsonar: {{hosts: n2, image: perfsonar/testpoint, flavor: supervisord}}
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The wheel, and pipx and uv in an environment of their own."""
    folder = tmp_path_factory.mktemp("source")
    wheel, _ = package.build(folder / "dist")
    return Source(wheel, Account(folder).venv("tools", "pipx", "uv"))


@pytest.mark.parametrize("release", ["3.11", "3.13"])
@pytest.mark.parametrize("name", ways.WAYS)
def test_each_way_brings_a_test_point_up(
    name: str, release: str, source: Source, cleared: None, tmp_path: Path
) -> None:
    python = ways.python(release)
    if not python:
        pytest.skip(f"this machine has no Python {release}: pyenv install {release}")
    began = time.monotonic()
    installed = ways.WAYS[name](Account(tmp_path), Source(source.wheel, source.tools, python))
    (installed.launcher.parent / "sites" / "here.yml").write_text(SITE)
    here = {"FAIRLEAD_SITE": "here"}
    assert "  perfsonar  " in installed.inv("--list", **here)
    ready = time.monotonic()
    validated = installed.inv("site.validate", **here)
    assert validated.endswith("here.yml: 1 host, 1 section: ok\n")
    installed.inv("perfsonar.up", **here)
    assert (containers("n2"), version("n2")) == ({NAME: "running"}, "5.0.0")
    installed.inv("perfsonar.up", "--fail-on=changed", **here)
    print(f"{name}, Python {release}: {ready - began:.0f} s to --list, ", end="")
    print(f"{time.monotonic() - ready:.0f} s up, and up again")
