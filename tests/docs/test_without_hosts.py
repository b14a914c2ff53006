"""Commands of the pages that need no host, in a new ops repository: it does as they say."""

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from fairlead.cli.program import Executor, Program
from tests.docs.command_lines import ROOT

pytestmark = pytest.mark.slow  # it makes keys

HOSTS_INI = "[core]\nps[1:3].example.org ansible_user=root\n"
Type = Callable[[str], str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of somebody with an SSH key."""
    home = tmp_path_factory.mktemp("home")
    (home / ".ssh").mkdir()
    for name in ("id_ed25519", "bob"):
        key = ("-t", "ed25519", "-N", "", "-C", f"{name}@desk", "-f", home / ".ssh" / name)
        subprocess.run(("ssh-keygen", "-q", *key), check=True, stdin=subprocess.DEVNULL)
    return home


@pytest.fixture(scope="module")
def folder(home: Path) -> Path:
    """An empty one, but for fairlead's own systems, which a wheel would bring."""
    folder = home / "ops"
    folder.mkdir()
    (folder / "plugins").mkdir()
    for plugin in (ROOT / "plugins").iterdir():
        (folder / "plugins" / plugin.name).symlink_to(plugin)
    (folder / "hosts.ini").write_text(HOSTS_INI)
    (folder / "bob.pub").write_text((home / ".ssh" / "bob.pub").read_text())
    return folder


@pytest.fixture
def inv(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> Type:
    """A line of a page -> what it prints; it has to end well. In the repository that init makes."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "path", [str(folder), str(ROOT), *sys.path])
    for name, value in {"HOME": home, "XDG_STATE_HOME": home, "XDG_CACHE_HOME": home}.items():
        monkeypatch.setenv(name, str(value))
    for name in ("FAIRLEAD_HOME", "FAIRLEAD_SITE", "FAIRLEAD_IDENTITY"):
        monkeypatch.delenv(name, raising=False)

    def typed(line: str) -> str:
        program = Program(
            name="fairlead", binary="inv", binary_names=["inv"], executor_class=Executor
        )
        code = program.exit_code(["inv", *shlex.split(line)])
        out, err = capsys.readouterr()
        assert code == 0, err
        return out

    if not (folder / "tasks.py").exists():
        assert "wrote  sites/nord.yml" in typed("init --site=nord --host=n1 --systems=daos --yes")
    return typed


def test_hosts_are_imported(inv: Type, folder: Path) -> None:
    shown = inv("site.import --from=ansible --file=hosts.ini")
    assert '"ps[1-3].example.org": {user: root}' in shown
    assert "3 hosts and 1 group added" in inv("site.import --from=ansible --file=hosts.ini --write")
    assert "4 hosts, 1 section: ok" in inv("site.validate")
    assert "@core" in inv("site.groups")
    assert "n1  daos.base" in inv("site.map")
    inv("site.map --svg=site.svg")
    assert (folder / "site.svg").read_text().startswith("<svg")


def test_secrets_are_made_and_made_anew_for_who_may_read_them(inv: Type) -> None:
    assert "made: daos-ca.key" in inv("secrets --generate")
    inv("secrets.init --recipient=bob.pub")
    assert inv("secrets.who").count("@desk") == 2
    assert "5 secrets are encrypted for" in inv("secrets.rekey")
    assert "daos-ca.key, " not in inv("secrets --rotate").splitlines()[-1]
    assert "made: daos-ca.key" in inv("secrets --rotate --name=daos-ca.key")
    assert "daos-ca.crt" in inv("daos.secrets --rotate --name=daos-ca.crt").splitlines()[-1]


def test_what_was_done_from_here_is_listed(inv: Type) -> None:
    assert inv("runs.history --since=2d") == "nothing was changed from here within 2d\n"


def test_a_watch_is_written_down(inv: Type) -> None:
    assert "OnUnitActiveSec=900" in inv("watch.install --every=15m --dry-run")
    mail = "--mail=ops@example.org"
    assert "inv watch" in inv(f"watch.install --cron {mail}")


def test_the_scripts_of_the_shells_are_printed(inv: Type) -> None:
    assert "complete -F" in inv("completion.bash")
