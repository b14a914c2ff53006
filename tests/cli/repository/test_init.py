"""`fairlead init`: an ops repository in an empty folder, or beside what a repository has."""

import io
import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from fairlead import __version__
from fairlead.cli.program import Executor, Program
from fairlead.inventory import yamlfile

ROOT = Path(__file__).resolve().parents[3]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN me@here"
WRITTEN = [
    "tasks.py",
    "invoke.yaml",
    "inv",
    ".gitignore",
    "requirements.txt",
    "README.md",
    "tests/test_site.py",
    ".gitlab-ci.yml",
    ".github/workflows/fairlead.yml",
    "secrets/.gitignore",
]
EXAMPLE = ["plugins/example/__init__.py", "plugins/example/server.py", "tests/test_example.py"]


def fairlead(*words: str) -> int:
    program = Program(name="fairlead", binary="inv", binary_names=["inv"], executor_class=Executor)
    return program.exit_code(["inv", *words])


@pytest.fixture
def folder(ops: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder; nobody has a key, and the toy system is not there."""
    empty = tmp_path / "our ops"
    empty.mkdir()
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FAIRLEAD_IDENTITY", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.chdir(empty)
    return empty


@pytest.fixture
def existing(folder: Path, ops: Path) -> Path:
    """A repository with plugins of its own and a tasks.py that knows no fairlead."""
    shutil.copytree(ops / "plugins", folder / "plugins")
    (folder / "tasks.py").write_text("import no_such_module_here\n")
    (folder / "README.md").write_text("ours\n")
    (folder / ".gitlab-ci.yml").write_text("build: {script: [make]}\n")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    ours = [path for path in paths if "__pycache__" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in ours}


def test_in_an_empty_folder_it_writes_all_and_a_second_time_nothing(folder, capsys):
    assert fairlead("init", "--systems=none", "--site=here", "--json") == 0
    first = json.loads(capsys.readouterr().out)
    before = contents(folder)
    assert first["written"] == [*WRITTEN, "sites/here.yml", *EXAMPLE]
    assert sorted(before) == sorted(first["written"])
    assert (first["folder"], first["site"], first["kept"]) == (str(folder), "here", [])
    assert fairlead("init", "--json") == 0
    second = json.loads(capsys.readouterr().out)
    assert (second["written"], second["kept"]) == ([], [*WRITTEN, "sites/here.yml"])
    assert contents(folder) == before


def test_it_says_what_it_wrote_and_what_comes_next(folder, capsys):
    assert fairlead("init", "--yes", "--site=here") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [f"an ops repository in {folder}:", "  wrote  tasks.py"]
    remedy = (
        "make one with ssh-keygen -t ed25519, or name a --recipient; after that: inv secrets.init"
    )
    assert lines[-3:] == [
        "inv, as pages and messages have it, is ./inv here, and fairlead in any folder below",
        f"nobody can read secrets here yet: you have no key of your own that age knows; {remedy}",
        "next: ./inv site.import --from=ansible --file=hosts.ini (--help names other sources), "
        "or write the hosts into sites/ yourself; ./inv hosts.check",
    ]


def test_with_hosts_it_says_that_the_site_is_to_be_written(existing, capsys):
    assert fairlead("init", "--systems=toy", "--site=here", "--host=n[1-2]") == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "next: say in sites/ what is where; ./inv site.validate; ./inv hosts.check"
    )


def test_what_is_there_is_never_written_to(existing, capsys):
    before = contents(existing)
    assert fairlead("init", "--systems=toy", "--site=here", "--host=n[1-2]") == 0
    after = contents(existing)
    assert {path: after[path] for path in before} == before
    out = capsys.readouterr().out
    assert "  kept   README.md, which was there\n" in out
    assert "tasks.py knows no fairlead: put its two lines into it: from fairlead.cli.tasks" in out
    assert (
        ".gitlab-ci.yml is yours: let it do ./inv site.validate, ./inv secrets.check and python -m "
        "pytest tests\n"
    ) in out
    assert ".github/workflows/fairlead.yml is yours" not in out
    assert not (existing / "plugins" / "example").exists()
    assert b'\n  hosts: "n[1-2]"' in after["sites/here.yml"].partition(b"\ntoy: ")[2]


@pytest.mark.parametrize("flags", [(), ("--site=mine",)])
def test_a_site_that_is_there_is_not_asked_for_and_told_how_to_grow(flags, existing, capsys):
    (existing / "sites").mkdir()
    (existing / "sites" / "mine.yml").write_text("hosts: {n1: {}}\n")
    assert fairlead("init", "--systems=toy,none", *flags) == 0
    out = capsys.readouterr().out
    assert "  kept   sites/mine.yml, which was there\n" in out
    assert "sites/mine.yml is yours: inv site.draft --system=toy prints what to add\n" in out
    assert [path.name for path in (existing / "sites").iterdir()] == ["mine.yml"]
    settings = (existing / "invoke.yaml").read_text()
    assert "neither --site nor FAIRLEAD_SITE says.\nfairlead: {site: mine}\n" in settings


def test_what_is_said_where_there_is_no_repository_is_so(folder, capsys):
    assert fairlead("--list") == 2
    remedy = capsys.readouterr().err.rpartition("make one: ")[2].split()
    assert remedy == ["fairlead", "init"]
    assert fairlead(*remedy[1:], "--yes") == 0
    capsys.readouterr()
    assert fairlead("--list") == 0
    assert "  example  a web page that says hello" in capsys.readouterr().out


def test_a_dry_run_writes_nothing(folder, capsys):
    assert fairlead("init", "--yes", "--site=here", "--dry-run") == 0
    assert "  wrote  tasks.py\n" in capsys.readouterr().out
    assert contents(folder) == {}


def test_a_link_is_not_followed(folder, tmp_path):
    (folder / "tasks.py").symlink_to(tmp_path / "elsewhere.py")
    assert fairlead("init", "--yes", "--site=here") == 0
    assert not (tmp_path / "elsewhere.py").exists()


def test_where_it_cannot_write_it_says_where(folder, capsys):
    (folder / "sites").write_text("no folder\n")
    assert fairlead("init", "--yes", "--site=here") == 2
    sentence = f"fairlead: {folder}/sites/here.yml: cannot be written ("
    assert sentence in capsys.readouterr().err


def test_what_has_no_room_is_not_there_in_part_and_written_by_the_next_call(
    folder, capsys, monkeypatch
):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        assert fairlead("init", "--yes", "--site=here") == 2
    assert "cannot be written (No space left on device); mend that" in capsys.readouterr().err
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert fairlead("init", "--yes", "--site=here") == 0
    assert (folder / "tasks.py").stat().st_size


def test_without_a_terminal_it_wants_flags(existing, capsys):
    assert fairlead("init") == 2
    assert capsys.readouterr().err == (
        "fairlead: inv init: there is no terminal to ask which systems run here; say "
        "--systems=NAME,NAME (toy), or --systems=none\n"
    )
    assert not (existing / "sites").exists()


def test_yes_takes_what_is_proposed(folder):
    assert fairlead("init", "--yes") == 0
    text = (folder / "sites" / "our.yml").read_text()
    assert text.startswith("# What is where at our. ")
    assert yamlfile.read(text, "our.yml").plain() == {"hosts": {}}


def test_a_site_of_no_hosts_takes_those_of_an_inventory(folder, capsys):
    assert fairlead("init", "--yes") == 0
    assert fairlead("site.validate") == 0
    assert capsys.readouterr().out.endswith("sites/our.yml: 0 hosts, 0 sections: ok\n")
    shutil.copytree(ROOT / "plugins" / "sources", folder / "plugins" / "sources")
    (folder / "hosts.ini").write_text("[points]\nps1 ansible_host=10.0.0.1\n")
    assert fairlead("site.import", "--from=ansible", "--file=hosts.ini", "--write") == 0
    site = yamlfile.read((folder / "sites" / "our.yml").read_text(), "our.yml").plain()
    assert site == {"hosts": {"ps1": {"address": "10.0.0.1"}}, "groups": {"points": "ps1"}}


def test_a_section_has_a_host_where_none_is_named(existing):
    assert fairlead("init", "--systems=toy", "--site=here") == 0
    assert "\n  n1:  " in (existing / "sites" / "here.yml").read_text()


def test_at_a_terminal_it_asks(existing, monkeypatch, capsys):
    terminal = io.StringIO("lab-7\nps[1-2]\ntoy\n")
    terminal.isatty = lambda: True
    monkeypatch.setattr("sys.stdin", terminal)
    assert fairlead("init") == 0
    assert capsys.readouterr().err == (
        "What is the site called? [our] Its hosts, for instance n[1-3] (none: inv site.import "
        "brings those of an inventory)? [none] "
        "Which systems run there (toy)? [none] "
    )
    text = (existing / "sites" / "lab-7.yml").read_text()
    assert '\n  "ps[1-2]":  ' in text
    assert "\ntoy: " in text


REFUSED = {
    "--systems=toi": "--systems: no such system 'toi'; did you mean toy? known: toy",
    "--systems=none --site=a/b": (
        "--site: 'a/b' is no name of a site; letters, digits and . _ -, such as nord"
    ),
    "--systems=none --host=n[": "--host: ",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_cannot_be_is_refused_before_anything_is_written(line, existing, capsys):
    before = contents(existing)
    assert fairlead("init", *line.split()) == 2
    assert f"fairlead: {REFUSED[line]}" in capsys.readouterr().err
    assert contents(existing) == before


def test_the_first_recipient_is_ones_own_ssh_key(folder, tmp_path, capsys):
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir()
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "me@here", "-f"]
    subprocess.run([*make, str(ssh / "id_ed25519")], check=True)
    assert fairlead("init", "--yes", "--site=here") == 0
    assert fairlead("secrets.who", "--site=here") == 0
    assert "ssh-ed25519  me@here" in capsys.readouterr().out
    recipients = (folder / "secrets" / "recipients").read_text().splitlines()
    assert recipients[1] == (ssh / "id_ed25519.pub").read_text().strip()


def test_recipients_that_are_there_stay_as_they_are(folder):
    (folder / "secrets").mkdir()
    (folder / "secrets" / "recipients").write_text(f"{KEY}\n")
    assert fairlead("init", "--yes", "--site=here") == 0
    assert (folder / "secrets" / "recipients").read_text() == f"{KEY}\n"


def test_it_asks_for_the_version_that_wrote_it(folder):
    assert fairlead("init", "--yes", "--site=here") == 0
    major, minor, _ = __version__.split(".")
    bounds = f"fairlead-ops>={__version__},<{major}.{int(minor) + 1}"
    assert bounds in (folder / "requirements.txt").read_text().splitlines()


def test_in_a_subfolder_of_an_ops_repository_it_completes_that_one(ops, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    (ops / "deep").mkdir()
    monkeypatch.chdir(ops / "deep")
    assert fairlead("init", "--systems=toy", "--site=here") == 0
    assert capsys.readouterr().out.startswith(f"an ops repository in {ops}:\n  wrote  inv\n")
    assert list((ops / "deep").iterdir()) == []


def test_its_help_needs_no_repository(folder, capsys):
    assert fairlead("init", "--help") == 0
    assert "--systems" in capsys.readouterr().out


def test_a_task_of_ones_own_with_its_name_comes_first(ops, capsys):
    with (ops / "tasks.py").open("a") as tasks:
        tasks.write("\n\n@task\ndef init(c):\n    print('mine')\n")
    assert fairlead("init") == 0
    assert capsys.readouterr().out == "mine\n"


class Launched:
    """The launcher of a new repository, and programs that stand in for fairlead."""

    def __init__(self, folder: Path):
        fairlead("init", "--yes", "--site=here")
        self.folder, self.inv = folder, folder / "inv"
        self.path = folder.parent / "bin"
        self.path.mkdir()

    def stand_in(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / "shell" / "stand-in.sh", path)
        path.chmod(0o755)

    def __call__(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": f"{self.path}:/usr/bin:/bin", **more}
        return subprocess.run(
            [str(self.inv), *words], cwd="/", env=env, capture_output=True, text=True, check=False
        )


@pytest.fixture
def launched(folder: Path) -> Launched:
    return Launched(folder)


def test_its_launcher_is_executable_and_takes_the_nearest_fairlead(launched):
    assert launched.inv.stat().st_mode & stat.S_IXUSR
    launched.stand_in(launched.path / "fairlead")
    words = ("exec", "a b", "--", "")
    rest = f"<{launched.folder}><exec><a b><--><>"
    assert launched(*words).stdout == f"<bin>{rest}"
    launched.stand_in(launched.folder / ".venv" / "bin" / "fairlead")
    (launched.path / "fairlead").unlink()
    assert launched(*words).stdout == f"<bin>{rest}"
    named = launched.folder.parent / "named" / "any.pyz"
    launched.stand_in(named)
    assert launched(*words, FAIRLEAD_PROGRAM=str(named)).stdout == f"<named>{rest}"


def test_its_launcher_may_be_called_through_a_link(launched):
    launched.stand_in(launched.path / "fairlead")
    link = launched.path / "ops"
    link.symlink_to(launched.inv)
    launched.inv = link
    assert launched("x").stdout == f"<bin><{launched.folder}><x>"


def test_its_launcher_says_how_to_install_what_is_not_there(launched):
    done = launched("--list")
    assert (done.returncode, done.stdout) == (127, "")
    assert done.stderr == (
        f"inv: fairlead is not installed; pipx install fairlead-ops, or in {launched.folder}: "
        "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt\n"
    )


@pytest.mark.parametrize("path", [".gitlab-ci.yml", ".github/workflows/fairlead.yml"])
def test_what_ci_reads_is_yaml(path, folder):
    assert fairlead("init", "--yes", "--site=here") == 0
    document = yamlfile.read((folder / path).read_text(), path).plain()
    (job,) = (document.get("jobs") or {"fairlead": document["fairlead"]}).values()
    assert job.keys() >= {"steps"} or job.keys() >= {"script"}


@pytest.mark.slow
def test_all_that_ci_does_passes_in_a_new_repository(existing):
    """But the installation: what the two CI files say, in order."""
    (existing / "tasks.py").unlink()
    (existing / ".gitlab-ci.yml").unlink()
    assert fairlead("init", "--systems=toy", "--site=here") == 0
    github = (existing / ".github/workflows/fairlead.yml").read_text()
    commands = [line.split("run: ")[1] for line in github.splitlines() if "run: " in line]
    gitlab = (existing / ".gitlab-ci.yml").read_text()
    assert [line[6:] for line in gitlab.splitlines() if line.startswith("    - ")] == commands
    assert commands[0] == "python -m pip install -q -r requirements.txt"
    stand_in = existing.parent / "fairlead"
    stand_in.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m fairlead "$@"\n')
    stand_in.chmod(0o755)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    env = os.environ | {"FAIRLEAD_PROGRAM": str(stand_in), "PATH": path}
    for command in commands[1:]:
        done = subprocess.run(
            command.split(), cwd=existing, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert " passed" in done.stdout
