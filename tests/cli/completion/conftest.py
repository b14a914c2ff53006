"""An ops repository with two sites, secrets and a task of its own."""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TASKS = '''"""Tasks."""
from invoke import task
from fairlead.cli.tasks import namespace

ns = namespace(globals())


@task(help={"depth": "How deep."})
def sweep(c, depth=1):
    """Sweep the pier."""
'''
SITES = {
    "pier": "hosts: {'n[1-2]': {}, bastion: {}}\n"
    "groups: {cranes: n1, quays: 'n[1-2]', both: '@racks:r1'}\n"
    "sources: {racks: {from: clustershell, file: racks.groups}}\n",
    "quay": "hosts: {bollard: {}, buoy: {}}\ngroups: {posts: bollard}\n",
}


NAMES = (
    "n\tpier\tdaos.pools\tscratch tank\n"
    "n\tpier\tperfsonar.remotes\thttps://mesh.example.org/a.json\n"
    "n\tquay\tdaos.pools\tlake\n"
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ops") / "an ops repository"
    for name in ("sites", "secrets"):
        (folder / name).mkdir(parents=True)
    (folder / "plugins").symlink_to(ROOT / "plugins")
    (folder / "tasks.py").write_text(TASKS)
    (folder / "inv").write_text("never run by TAB")
    (folder / "invoke.yaml").write_text("fairlead: {site: pier}\n")
    for name, text in SITES.items():
        (folder / "sites" / f"{name}.yml").write_text(text)
    (folder / "sites" / "racks.groups").write_text("r1: n[1-2]\n")
    for name in ("ps1.key", "daos.ca"):
        (folder / "secrets" / f"{name}.age").touch()
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory, repository) -> dict[str, str]:
    """That of an operator: a home of its own, this fairlead on its PATH. Pools are known of both
    sites.
    """
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    home = str(tmp_path_factory.mktemp("home"))
    names = Path(home, ".cache/fairlead/completion", *repository.resolve().parts[1:], "=", "names")
    names.parent.mkdir(parents=True)
    names.write_text(NAMES)
    return {"HOME": home, "PATH": path, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
