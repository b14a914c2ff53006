"""A state becomes one file and comes back of it; what does not fit is refused before anything
is done.
"""

import io
import stat
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Target
from fairlead.operations import script
from fairlead.operations.argv.docker import SPEC, Container, Volume
from fairlead.operations.container import backups
from fairlead.operations.container.state import ContainerState
from tests.shells import Shell

ENGINE = script.beside(__file__).text("engine_of_backups")
CREATED = "2024-05-01T10:00:00.5Z"
NEWER, OLDER = "2024-06-01T10:00:00Z", "2024-04-01 10:00:00.1 +0000 UTC"


@dataclass
class Host:
    """A host with a container `point` and its state, on a stand-in of an engine."""

    shell: Shell
    folder: Path

    def __post_init__(self) -> None:
        self.shell.tool("docker", ENGINE)
        self.root, self.work = self.folder / "state", self.folder / "backups/.point-backup"
        self.place, self.log = self.folder / "backups", self.folder / "log"
        etc = self.root / "current/etc/point"
        etc.mkdir(parents=True)
        (etc / "remotes").write_text("today")
        (etc / "remotes").chmod(0o640)
        (etc / "link").symlink_to("/etc/hosts")

    def run(
        self, name: str, *words: Any, image: str = "aaa", created: str = CREATED
    ) -> tuple[int, str]:
        named = {"LOG": str(self.log), "STILL": str(self.folder / "paused")}
        argv = backups.sh(name, "docker", "c1", *map(str, words))
        done = self.shell.done(argv, IMAGE=image, CREATED=created, **named)
        return done.returncode, done.stdout + done.stderr

    def backup(self) -> Path:
        assert self.run("copy_frozen", self.root, self.work) == (0, "")
        owner = ("ps", "testpoint", "n1")
        code, text = self.run("backup", self.work, self.place, "point", *owner)
        assert code == 0, text
        return Path(text.strip())

    def open(self, file: str = "", component: str = "testpoint", **more: str) -> tuple[int, str]:
        words = (file, self.place, self.root, "point", "ps", component)
        return self.run("open_backup", *words, **more)

    def plain(self, name: str, *words: Any) -> tuple[int, str]:
        return self.shell.run(backups.sh(name, *map(str, words)))


@pytest.fixture
def host(shell: Shell, tmp_path: Path) -> Host:
    return Host(shell, tmp_path)


def tree(folder: Path) -> dict[str, tuple[int, str]]:
    return {
        str(path.relative_to(folder)): (
            stat.S_IMODE(path.lstat().st_mode),
            str(path.readlink())
            if path.is_symlink()
            else path.read_text()
            if path.is_file()
            else "",
        )
        for path in folder.rglob("*")
    }


def test_a_state_comes_back_with_its_modes_and_links(host: Host) -> None:
    before = tree(host.root / "current")
    file = host.backup()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not host.work.exists()
    (host.root / "current/etc/point/remotes").write_text("later")
    code, text = host.open()
    assert (code, text.startswith(f"{file}, of n1, ")) == (0, True)
    assert tree(host.root / "restoring") == before
    assert host.plain("swap_state", host.root, "/etc/point") == (0, "")
    assert tree(host.root / "current") == before
    assert (host.root / "newer/etc/point/remotes").read_text() == "later"
    assert host.plain("swap_back", host.root) == (0, "")
    assert (host.root / "current/etc/point/remotes").read_text() == "later"
    assert sorted(path.name for path in host.root.iterdir()) == ["current"]


def test_the_container_stands_still_only_while_its_state_is_copied(host: Host) -> None:
    host.backup()
    assert host.log.read_text().split() == ["pause", "unpause"]


def test_a_copy_that_fails_leaves_nothing_and_the_container_goes_on(host: Host) -> None:
    code, _ = host.run("copy_frozen", host.folder / "none", host.work)
    assert code
    assert (host.folder / "paused").exists()
    assert host.run("copy_undone", host.work) == (0, "")
    assert not (host.folder / "paused").exists()
    assert not host.work.exists()


def test_a_container_that_stands_still_for_others_is_left_so(host: Host) -> None:
    (host.folder / "paused").touch()
    host.backup()
    assert (host.folder / "paused").exists()
    assert host.run("copy_undone", host.work) == (0, "")
    assert (host.folder / "paused").exists()
    assert not host.log.exists()


def test_what_the_backup_does_not_hold_stays_as_it_is(host: Host) -> None:
    host.backup()
    (host.root / "current/etc/apache2").mkdir()
    (host.root / "current/etc/apache2/site").write_text("kept")
    assert host.open()[0] == 0
    assert host.plain("swap_state", host.root, "/etc/point", "/etc/apache2") == (0, "")
    assert (host.root / "current/etc/apache2/site").read_text() == "kept"


def test_an_older_version_and_the_same_one_are_taken(host: Host) -> None:
    host.backup()
    assert host.open(image="bbb", created=NEWER)[0] == 0
    assert host.open(image="aaa", created=OLDER)[0] == 0


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "another component": (
        {"component": "exporter"},
        "is a backup of ps.testpoint, not of ps.exporter",
    ),
    "a newer version": (
        {"image": "bbb", "created": OLDER},
        "is of a newer version (ps/point:latest of 2024-05-01T10:00:00; here runs one of"
        " 2024-04-01T10:00:00): upgrade first",
    ),
    "an unknown version": (
        {"image": "bbb", "created": "0001-01-01T00:00:00Z"},
        "is of another image, and which of the two is newer is not known",
    ),
    "another version of the same time": (
        {"image": "bbb"},
        "is of another image, and which of the two is newer is not known",
    ),
    "none": ({"file": "point-backup-1.tar"}, "there is no such backup"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_fit_is_refused(host: Host, case: str) -> None:
    host.backup()
    words, sentence = REFUSED[case]
    code, text = host.open(**words)
    assert code == 1
    assert text.strip().endswith(sentence)
    assert not (host.root / "restoring").exists()


def test_the_newest_backup_is_one_of_this_very_container(host: Host) -> None:
    file = host.backup()
    (host.place / "point-backup-backup-29990101T000000Z.tar").write_text("of point-backup")
    assert host.open()[1].startswith(f"{file}, of n1, ")


def test_where_there_is_none_that_is_said(host: Host) -> None:
    assert host.open() == (
        1,
        f"{host.place}/point-backup-*.tar: there is no such backup\n",
    )


def _changed(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """The archive anew, each part as `change` gives it back."""
    with tarfile.open(file) as archive:
        names = archive.getnames()
        parts = {name: archive.extractfile(name).read() for name in names}  # type: ignore[union-attr]
    with tarfile.open(file, "w") as archive:
        for name in names:
            content = change(name, parts[name])
            if content is not None:
                member = tarfile.TarInfo(name)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))


def test_a_part_that_is_not_as_it_was_written_is_refused(host: Host) -> None:
    file = host.backup()
    _changed(file, lambda name, data: data + b"x" if name == "state.tar.gz" else data)
    assert host.open() == (1, f"{file}: state.tar.gz is not as it was written\n")


def test_a_part_that_is_missing_is_refused(host: Host) -> None:
    file = host.backup()
    _changed(file, lambda name, data: data if name == "manifest" else None)
    assert host.open() == (1, f"{file}: is no backup of fairlead's, or not whole\n")


HOSTILE = {
    "a path that leads out of it": ("../outside", tarfile.REGTYPE),
    "a device": ("disk", tarfile.BLKTYPE),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_state_that_would_leave_its_folder_is_refused(host: Host, what: str) -> None:
    import gzip
    import hashlib

    file = host.backup()
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w") as archive:
        member = tarfile.TarInfo(HOSTILE[what][0])
        member.type = HOSTILE[what][1]
        archive.addfile(member)
    state = gzip.compress(inner.getvalue())

    def change(name: str, data: bytes) -> bytes:
        if name != "manifest":
            return state
        lines = [line for line in data.decode().splitlines() if not line.startswith("sha256")]
        digest = hashlib.sha256(state).hexdigest()
        return "\n".join([*lines, f"sha256 {digest}  state.tar.gz", ""]).encode()

    _changed(file, change)
    assert host.open() == (1, f"{file}: holds {what}\n")
    assert not (host.root / "restoring").exists()


# The steps


@pytest.fixture
def asked() -> Callable[..., tuple[Container, Any]]:
    """A container with a database, and the ask of a verb that has seen it so."""

    def made(state: str = "running", spec: str = "x", **more: Any) -> Any:
        labels = {SPEC: spec} if spec else {}
        c = Container(
            name="point",
            image="ps/point:latest",
            root="/s",
            state=(Volume("/etc/point", "config"),),
            dump=("dump",),
        )
        there = ContainerState("point", "c1", "aaa", "ps/point:latest", state, "", "always", labels)
        facts = {"container": {"point": there}, "state": ("current",)} | more.pop("facts", {})
        target = Target("s", "n1", "ps", "testpoint", None, ())
        options = more.get("options", backups.DumpAndBackupOptions())
        return c, SimpleNamespace(target=target, facts=facts, options=options)

    return made


def test_a_backup_has_the_dump_and_asks_after_it_whether_all_is_well(asked) -> None:
    names = [step.name for step in backups.backup(*asked())]
    assert names == ["dump", "copy the state", "backup", "healthy"]
    names = [
        step.name
        for step in backups.backup(*asked(options=backups.DumpAndBackupOptions(skip_dump=True)))
    ]
    assert names == ["copy the state", "backup", "healthy"]
    names = [step.name for step in backups.backup(*asked(state="exited"))]
    assert names == ["copy the state", "backup"]


def test_a_restore_reads_before_it_stops_and_has_a_way_back_from_each_step(asked) -> None:
    steps = list(backups.restore(*asked(options=backups.RestoreOptions())))
    assert [(step.name, step.undo is not None) for step in steps] == [
        ("read the backup", True),
        ("no restart", True),
        ("stop", True),
        ("state of the backup", True),
        ("container", True),
        ("healthy", False),
        ("restart policy", True),
        ("shelve the newer state", True),
    ]
    assert [step.name for step in steps if step.gate] == ["healthy"]


NONE_TO_TAKE: dict[str, dict[str, Any]] = {
    "there is no container point": {"facts": {"container": {}}},
    "point was not started by fairlead": {"spec": ""},
    "a change of point was cut short": {"facts": {"state": ("current", "kept")}},
}


@pytest.mark.parametrize("sentence", NONE_TO_TAKE)
def test_where_there_is_nothing_whole_that_is_said(asked, sentence: str) -> None:
    for verb in (backups.backup, backups.restore):
        with pytest.raises(FairleadError, match=sentence):
            list(verb(*asked(**NONE_TO_TAKE[sentence])))
