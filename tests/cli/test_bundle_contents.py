"""A bundle has one site and what it needs of the repository; secrets and links are refused."""

from pathlib import Path

import pytest

from fairlead.cli import bundle_contents
from fairlead.model.errors import CommandLineError, SecretError

FILES = {
    "tasks.py": "two lines",
    "invoke.yaml": "",
    "chores.py": "",
    "Makefile": "not ours",
    "sites/nord.yml": "extends: base.yml\n",
    "sites/base.yml": "hosts: {}\n",
    "sites/known_hosts": "n1 ssh-ed25519 AAAA\n",
    "sites/sued.yml": "hosts: {}\n",
    "sites/example.yml": "hosts: {}\n",
    "secrets/door.age": "sealed",
    "plugins/own/__init__.py": "",
    "plugins/own/shell/a.sh": "true\n",
    "plugins/own/__pycache__/x.pyc": "",
    ".git/config": "",
}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "ops"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def copy(repository: Path, site: str = "sites/nord.yml") -> set[str]:
    to = repository.parent / "to"
    paths = bundle_contents.copy(repository, repository / site, to)
    there = {str(path.relative_to(to)) for path in to.rglob("*") if path.is_file()}
    assert there == set(paths)
    return there


def test_it_has_the_site_with_what_it_extends_and_all_plugins(repository: Path) -> None:
    assert copy(repository) == {
        *(
            "tasks.py",
            "chores.py",
            "invoke.yaml",
            "plugins/own/__init__.py",
            "plugins/own/shell/a.sh",
        ),
        *("sites/nord.yml", "sites/base.yml", "sites/known_hosts", "sites/example.yml"),
    }


def test_a_site_that_lies_elsewhere_goes_alone(repository: Path) -> None:
    (repository / "lab.yml").write_text("hosts: {}\n")
    assert {path for path in copy(repository, "lab.yml") if "sites" in path} == {"sites/lab.yml"}


EXPOSED = {
    "sites/nord.yml": ("a:\n  password: hunter2\n", "sites/nord.yml:2: a password in a site file"),
    "sites/key": ("-----BEGIN OPENSSH PRIVATE KEY-----\n", "sites/key:1: a private key"),
    "plugins/own/id.py": (f"AGE-SECRET-KEY-1{'A' * 58}", "plugins/own/id.py:1: an age identity"),
}


@pytest.mark.parametrize("path", EXPOSED)
def test_a_secret_that_lies_open_is_refused(repository: Path, path: str) -> None:
    text, words = EXPOSED[path]
    (repository / path).write_text(text)
    with pytest.raises(SecretError) as error:
        copy(repository)
    assert str(error.value).startswith(f"{words} would be in the bundle; take it out first")


@pytest.mark.parametrize("path", ["plugins/own/link.py", "plugins/folder", "sites/link", "inv"])
def test_a_link_is_refused(repository: Path, path: str) -> None:
    (repository / path).symlink_to(repository / "secrets")
    with pytest.raises(CommandLineError, match=f"{path}: is no plain file"):
        copy(repository)
