"""What is installed is what stands in the repository; plugins/ beside a tasks.py stays its own.

Wheel and sdist are built once for this module, without the network.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

from fairlead import __version__
from release import package

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SYSTEMS = {"confluent", "daos", "lab", "opensvc", "perfsonar", "triumf", "xcat"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist."""
    return package.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the wheel alone is installed into: what it needs is that of our .venv."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(folder), str(built[0])], check=True)
    return folder


def files_of(folder: str) -> dict[str, Path]:
    """Those of a folder of the repository that are to be installed: name -> path."""
    paths = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    data = [path for path in paths if not {"__pycache__", "cases"} & set(path.parts)]
    return {path.relative_to(ROOT / folder).as_posix(): path for path in data}


def fairlead(*words: str, cwd: Path, installed: Path) -> subprocess.CompletedProcess[str]:
    """Run what was installed; it has to lie before the checkout, which .venv knows."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    environment.pop("FAIRLEAD_HOME", None)
    return subprocess.run(
        [sys.executable, "-P", "-m", "fairlead", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("folder", "module"), [("fairlead", "fairlead"), ("plugins", "fairlead_plugins")]
)
def test_every_file_is_installed_as_it_is(installed, folder, module):
    for name, path in files_of(folder).items():
        copy = installed / module / name
        assert copy.read_bytes() == path.read_bytes(), name
        assert os.access(copy, os.X_OK) == os.access(path, os.X_OK), name


def test_the_wheel_has_nothing_else(built):
    names = zipfile.ZipFile(built[0]).namelist()
    stem = f"fairlead_ops-{__version__}"
    tops = {name.split("/")[0] for name in names}
    assert tops == {"fairlead", "fairlead_plugins", f"{stem}.data", f"{stem}.dist-info"}
    ours = {f"fairlead/{name}" for name in files_of("fairlead")}
    theirs = {f"fairlead_plugins/{name}" for name in files_of("plugins")}
    assert {name for name in names if not name.startswith(stem)} == ours | theirs


def test_it_says_what_it_is(built):
    text = zipfile.ZipFile(built[0]).read(f"fairlead_ops-{__version__}.dist-info/METADATA")
    facts: Message = HeaderParser().parsestr(text.decode())
    keys = ("Name", "Version", "License-Expression", "License-File", "Author", "Requires-Python")
    assert [facts[key] for key in keys] == [
        "fairlead-ops",
        __version__,
        "Apache-2.0",
        "LICENSE",
        "the fairlead authors",
        ">=3.11",
    ]
    pythons = [line[-4:] for line in facts.get_all("Classifier") if ":: 3.1" in line]
    assert pythons == ["3.11", "3.12", "3.13", "3.14"]


def test_the_pages_that_messages_name_come_with_it(installed):
    share = installed / "share" / "doc" / "fairlead"
    assert (share / "docs" / "exit-codes.md").read_bytes() == (
        ROOT / "docs" / "exit-codes.md"
    ).read_bytes()
    assert (share / "sites" / "example.yml").is_file()


def test_the_sdist_gives_the_same_wheel(built, tmp_path):
    wheel, sdist = built
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()
    assert {"LICENSE", "tests", "docs", "release", "inv"} <= set(os.listdir(source))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An ops repository with a plugin of its own, toy."""
    folder = tmp_path / "ops"
    shutil.copytree(ROOT / "tests" / "ops", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "sites").mkdir(exist_ok=True)
    (folder / "deep" / "down").mkdir(parents=True)
    return folder


@pytest.mark.parametrize("below", [".", "deep/down"])
def test_all_systems_are_there_beside_ones_own(repository, installed, below):
    done = fairlead("--list", cwd=repository / below, installed=installed)
    systems = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert done.returncode == 0
    assert SYSTEMS | {"toy"} <= systems


@pytest.mark.parametrize("below", [".", "deep/down"])
def test_a_task_of_ones_own_and_a_plugin_that_is_a_package_are_there_too(
    repository, installed, below, tmp_path
):
    package = tmp_path / "more" / "fairlead_chrony"
    shutil.copytree(repository / "plugins" / "toy", package)
    text = (package / "__init__.py").read_text()
    (package / "__init__.py").write_text(text.replace('name="toy"', 'name="chrony"'))
    (tmp_path / "more" / "chrony-1.0.dist-info").mkdir()
    entry = "[fairlead]\nchrony = fairlead_chrony\n"
    (tmp_path / "more" / "chrony-1.0.dist-info" / "entry_points.txt").write_text(entry)
    both = Path(f"{installed}:{tmp_path / 'more'}")  # as PYTHONPATH has it
    listed = fairlead("--list", cwd=repository / below, installed=both)
    assert {"  chrony", "  toy"} <= {line[:8].rstrip() for line in listed.stdout.splitlines()}
    helped = fairlead("chrony.server.up", "--help", cwd=repository / below, installed=both)
    assert (helped.returncode, helped.stderr) == (0, "")
    greeted = fairlead("greet", cwd=repository / below, installed=both)
    assert greeted.stdout == "hello you 1\n"


def test_a_plugin_of_ones_own_comes_before_ours(repository, installed):
    (repository / "plugins" / "toy").rename(repository / "plugins" / "xcat")
    done = fairlead("--list", cwd=repository, installed=installed)
    assert "  toy" in done.stdout
    assert "  xcat" not in done.stdout


def test_the_installed_stores_and_systems_serve_a_site(repository, installed):
    (repository / "sites" / "here.yml").write_text(
        "hosts: {n1: {}}\nsecrets: {environment: }\nperfsonar: {hosts: n1}\nlab: {hosts: n1}\n"
    )
    done = fairlead("site.validate", "--site=here", cwd=repository / "deep", installed=installed)
    text = f"{repository}/sites/here.yml: 1 host, 2 sections: ok\n"
    assert (done.stdout, done.returncode) == (text, 0)
