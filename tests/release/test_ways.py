"""Each way to install gives a fairlead that works: pip, pipx, uv, a zipapp; and with each of them
`./inv` in a new ops repository. They fetch what they need from the package index.

One test goes all the ways: what they install from, and with, is made once.
"""

import functools
import os
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairlead import __version__
from release import package

pytestmark = pytest.mark.slow

VERSIONS = Path.home() / ".pyenv" / "versions"
SUPPORTED = ("3.11", "3.12", "3.13", "3.14")


def run(
    *words: object, home: Path, cwd: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run a command with a home of its own, and nothing of the checkout in its environment."""
    settings = ("PIP_", "UV_", "SSL_", "https_", "HTTPS_")
    env = {name: value for name, value in os.environ.items() if name.startswith(settings)}
    env |= {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", **more}
    command = [str(word) for word in words]
    done = subprocess.run(
        command, cwd=cwd or home, env=env, capture_output=True, text=True, check=False, timeout=600
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
    return done


def environment(folder: Path, home: Path, *packages: object) -> Path:
    """A virtual environment with these packages, by pip; the folder of its programs."""
    venv.create(folder, with_pip=True)
    run(folder / "bin" / "python", "-m", "pip", "install", "-q", *packages, home=home)
    return folder / "bin"


def pythons() -> Iterator[str]:
    """Every Python that we support and that is on this machine, but our own."""
    for version in SUPPORTED:
        folders = sorted(VERSIONS.glob(f"{version}.*/bin/python"))
        if folders and version != f"3.{sys.version_info.minor}":
            yield str(folders[-1])


def by_pip(wheel: Path, home: Path, tools: Path) -> Path:
    return environment(home / "venv", home, wheel) / "fairlead"


def by_pipx(wheel: Path, home: Path, tools: Path) -> Path:
    run(tools / "pipx", "install", "--python", sys.executable, wheel, home=home)
    return home / ".local" / "bin" / "fairlead"


def by_uv(wheel: Path, home: Path, tools: Path, python: str = sys.executable) -> Path:
    run(tools / "uv", "tool", "install", "-q", "--python", python, wheel, home=home)
    return home / ".local" / "bin" / "fairlead"


def by_zipapp(wheel: Path, home: Path, tools: Path) -> Path:
    return package.zipapp(wheel)


def assert_works(program: Path, home: Path) -> None:
    """It makes a repository, whose launcher finds it, and has all systems there."""
    path = f"{program.parent}:/usr/local/bin:/usr/bin:/bin"
    repository = home / "ops"
    repository.mkdir()
    named = {"FAIRLEAD_PROGRAM": str(program)} if program.suffix == ".pyz" else {}
    words = ("init", "--site=here", "--systems=perfsonar,daos", "--yes")
    assert run(program, "--version", home=home).stdout == f"fairlead {__version__}\n"
    run(program, *words, home=home, cwd=repository)
    deep = repository / "sites"
    inv = {"home": home, "cwd": deep, "PATH": path, **named}
    listed = run("../inv", "--list", **inv).stdout
    assert {"  perfsonar", "  lab", "  example"} <= {
        line[:11].rstrip() for line in listed.splitlines()
    }
    assert run("../inv", "site.validate", **inv).stdout.endswith(
        "here.yml: 1 host, 2 sections: ok\n"
    )
    assert run("../inv", "secrets.check", **inv).stdout == "no secret lies open here\n"
    explained = run("../inv", "perfsonar.preflight", "--help", **inv).stdout
    assert explained.startswith("Usage: inv perfsonar.preflight")


@pytest.mark.timeout(900)
def test_each_way_gives_a_fairlead_that_works(tmp_path):
    try:
        tools = environment(tmp_path / "tools", tmp_path, "pipx", "uv")
    except AssertionError as error:
        pytest.skip(f"the package index does not answer: {str(error).splitlines()[-1]}")
    wheel, _ = package.build(tmp_path / "dist")
    ways = {way.__name__: way for way in (by_pip, by_pipx, by_uv, by_zipapp)}
    ways |= {python: functools.partial(by_uv, python=python) for python in pythons()}
    for number, (name, way) in enumerate(ways.items()):
        home = tmp_path / f"home{number}"
        home.mkdir()
        print(name)
        assert_works(way(wheel, home, tools), home)
