"""Each way to install gives a fairlead that works: pip, pipx, uv, a zipapp; and with each of them
`./inv` in a new ops repository. They fetch what they need from the package index.

One test goes all the ways: what they install from, and with, is made once. The checkout, and hosts:
tests/e2e/test_ways.py.
"""

import sys
from collections.abc import Iterator

import pytest

from release import package
from tests.release import ways
from tests.release.ways import Account, Installed, Source

pytestmark = pytest.mark.slow

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")
INDEPENDENT = ("pip", "pipx", "uv", "zipapp")  # of a checkout


def pythons() -> Iterator[str]:
    """Every Python that we support and that is on this machine, but our own."""
    others = (version for version in SUPPORTED if version != f"3.{sys.version_info.minor}")
    return filter(None, map(ways.python, others))


def assert_works(installed: Installed) -> None:
    """Its launcher finds it from below, and it has all systems there."""
    below = {"cwd": installed.launcher.parent / "sites"}
    listed = installed.inv("--list", **below).splitlines()
    assert {"  perfsonar", "  lab", "  example"} <= {line[:11].rstrip() for line in listed}
    validated = installed.inv("site.validate", **below)
    assert validated.endswith("here.yml: 1 host, 2 sections: ok\n")
    assert installed.inv("secrets.check", **below) == "no secret lies open here\n"
    explained = installed.inv("perfsonar.preflight", "--help", **below)
    assert explained.startswith("Usage: inv perfsonar.preflight")


@pytest.mark.timeout(900)
def test_each_way_gives_a_fairlead_that_works(tmp_path):
    try:
        tools = Account(tmp_path).venv("tools", "pipx", "uv")
    except AssertionError as error:
        pytest.skip(f"the package index does not answer: {str(error).splitlines()[-1]}")
    wheel, _ = package.build(tmp_path / "dist")
    sources = [(name, Source(wheel, tools)) for name in INDEPENDENT]
    sources += [("uv", Source(wheel, tools, python)) for python in pythons()]
    for number, (name, source) in enumerate(sources):
        account = Account(tmp_path / f"home{number}")
        account.home.mkdir()
        print(name, source.python)
        assert_works(ways.WAYS[name](account, source))
