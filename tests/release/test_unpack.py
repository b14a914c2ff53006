"""A zipapp unpacks itself once, whole, into a folder that is ours; a small fairlead stands in."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from release import package

PROGRAM = """
import os, sys
def main():
    tool = os.path.join(os.path.dirname(__file__), "tool.sh")
    print(os.access(tool, os.X_OK), sys.path[0] == sys.argv[1], *sys.argv[2:])
"""


@pytest.fixture
def pyz(tmp_path: Path) -> Path:
    """One made of a fairlead that only tells how it was called."""
    source = tmp_path / "source"
    for name, text in {
        "fairlead/__init__.py": "",
        "fairlead/cli/__init__.py": "",
        "fairlead/cli/fast_import.py": "",
        "fairlead/cli/program.py": PROGRAM,
        "fairlead/cli/tool.sh": "#!/bin/sh\n",
        "bin/fairlead": "#!/somewhere/else/python\n",
    }.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (source / "fairlead/cli/tool.sh").chmod(0o755)
    path = tmp_path / "fairlead.pyz"
    path.write_bytes(package.SHEBANG + package._program(package._archive(source)))
    return path


def run(pyz: Path, *words: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    cache = pyz.parent / "cache"
    return subprocess.run(
        [python, str(pyz), *words],
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )


def unpacked(pyz: Path) -> list[Path]:
    return list((pyz.parent / "cache" / "fairlead").iterdir())


def test_it_runs_out_of_its_folder_with_the_modes_and_every_word(pyz):
    first = run(pyz, "?")
    (folder,) = unpacked(pyz)
    done = run(pyz, str(folder), "a b", "--", "")
    assert (first.returncode, first.stderr) == (0, "")
    assert (done.stdout, done.returncode) == ("True True a b -- \n", 0)
    assert sorted(os.listdir(folder)) == ["fairlead"]
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_called_by_its_name_it_takes_the_python_that_it_is_made_for(pyz):
    version = f"python3.{sys.version_info.minor}"
    (pyz.parent / version).symlink_to(sys.executable)
    pyz.chmod(0o755)
    env = {"HOME": str(pyz.parent), "PATH": f"{pyz.parent}:/usr/bin:/bin"}
    done = subprocess.run([str(pyz), "?"], env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert pyz.read_bytes().startswith(f"#!/usr/bin/env {version}\n".encode())


def test_a_second_call_unpacks_nothing(pyz):
    run(pyz, "?")
    (folder,) = unpacked(pyz)
    (folder / "fairlead/cli/program.py").write_text("def main():\n    print('kept')\n")
    assert run(pyz, "?").stdout == "kept\n"
    assert unpacked(pyz) == [folder]


def test_the_same_files_are_the_same_archive(pyz, tmp_path):
    source = tmp_path / "source"
    again = package.SHEBANG + package._program(package._archive(source))
    assert again == pyz.read_bytes()


def test_another_python_is_told_what_is_wanted(pyz):
    text = pyz.read_bytes().removeprefix(package.SHEBANG)
    with zipfile.ZipFile(io.BytesIO(text)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["made.py"] = b"FOR = 'cpython-399 linux vax'\nDIGEST = 'x'\n"
    with zipfile.ZipFile(pyz, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    done = run(pyz)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"fairlead: fairlead.pyz is made for cpython-399 linux vax, and this is "
        f"{package.made_for()}; run it with that Python, or make one for this: ./inv package in a "
        "checkout\n"
    )
    assert not (pyz.parent / "cache").exists()


def test_where_it_cannot_write_it_says_so_and_leaves_nothing(pyz):
    (pyz.parent / "cache").write_text("no folder")
    done = run(pyz)
    assert done.returncode == 1
    assert done.stderr.startswith("fairlead: fairlead.pyz cannot be unpacked into ")
    assert done.stderr.endswith("; name a folder of yours in XDG_CACHE_HOME\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_what_somebody_else_unpacked_is_not_run(pyz):
    run(pyz, "?")
    (folder,) = unpacked(pyz)
    os.chown(folder, 12345, -1)
    done = run(pyz, "?")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"will not run what somebody else unpacked, {folder};" in done.stderr
