"""Nothing of a container goes without a word when another takes its place, on a real engine: what
can be kept is kept, the rest is listed before and lies in an archive afterwards.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.operations.argv import docker as docker_
from fairlead.operations.container import adoption

from ..conftest import Failed, docker, flat
from .test_transaction import Host, host, listing, remote  # noqa: F401

pytestmark = pytest.mark.lab

OLD = (
    *("-e", "SITE=a b$c", "-e", "QUOTED=it's", "-e", "LINES=one\ntwo", "-e", "TZ=UTC"),
    *("--memory", "64m", "--ulimit", "nofile=512:1024", "--cap-add", "NET_ADMIN"),
    *("--label", "owner=ops", "--add-host", "far:192.0.2.7"),
)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the options of adopted containers are written down."""
    monkeypatch.setattr(adoption, "KEPT", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def by_hand(host: Host, kept: Path, tmp_path: Path) -> Iterator[str]:  # noqa: F811
    """A container with more than the five folders that fairlead knows of; its ID."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data/mine").write_text("data")
    volumes = ("-v", f"{tmp_path}/data:/srv/data:ro", "-v", "/srv/nameless")
    docker("run", "-d", "--name", "app", "--net=host", *OLD, *volumes, "stand/in:now")
    remote("https://by-hand/")
    inside(
        "mkdir -p /etc/owamp-server /root /run/x; echo limits >/etc/owamp-server/limits;"
        "echo key >'/root/a key'; echo more >>/version; echo v >/srv/nameless/v; echo t >/tmp/t;"
        "rm /etc/secret/database/password; echo x >/bin/new"
    )
    yield docker("ps", "-q", "--no-trunc")
    docker("rm", "-fv", *docker("ps", "-aq").split(), check=False)


def inside(words: str) -> str:
    return docker("exec", "app", "sh", "-c", words)


def inspected(name: str, template: str) -> Any:
    return json.loads(docker("inspect", "-f", f"{{{{json {template}}}}}", name))


def archives(host: Host) -> list[Path]:  # noqa: F811
    return sorted((host.root.parent / "backups/app").glob("app-inside-*.tar.gz"))


def packed(archive: Path) -> list[str]:
    done = subprocess.run(["tar", "-tzf", archive], capture_output=True, text=True, check=True)
    return sorted(name[2:] for name in done.stdout.splitlines() if not name.endswith("/"))


def differences(host: Host, verb: str, **changed: Any) -> str:  # noqa: F811
    return "".join(step.diff for step in flat(host.steps(verb, **changed)))


def test_what_an_adoption_keeps_and_what_it_archives_is_listed_before(
    host: Host,  # noqa: F811
    by_hand: str,
    tmp_path: Path,
) -> None:
    text = differences(host, "up", options=("--net=host", "-e", "TZ=Mars"))
    lines = text.splitlines()
    for line in (
        "-/etc/owamp-server/limits",
        "-/root/a key",
        "-/version (changed)",
        "-/bin/new",
        "+--memory=67108864",
        "+--ulimit=nofile=512:1024",
        f"+--volume={tmp_path}/data:/srv/data:ro",
        "+--label=owner=ops",
        "+--add-host=far:192.0.2.7",
        "+SITE=... (in the file of variables)",
        "+QUOTED=... (in the file of variables)",
        "---env=LINES (not kept)",
        "---env=TZ (not kept)",
    ):
        assert line in lines, text
    for absent in ("/tmp/t", "/run", "/etc/app", "a b$c", "/etc/secret"):
        assert absent not in text, text


def test_options_mounts_and_environment_are_kept_and_the_rest_is_archived(
    host: Host,  # noqa: F811
    by_hand: str,
    kept: Path,
) -> None:
    nameless = inspected("app", ".Mounts")
    host.do("up")
    assert inside("echo $SITE; echo $QUOTED; cat /srv/data/mine /srv/nameless/v").splitlines() == [
        "a b$c",
        "it's",
        "datav",
    ]
    assert inspected("app", ".HostConfig.Memory") == 64 << 20
    assert inspected("app", ".HostConfig.ExtraHosts") == ["far:192.0.2.7"]
    assert inspected("app", ".Config.Labels")["owner"] == "ops"
    assert {m["Name"] for m in nameless if m["Destination"] == "/srv/nameless"} == {
        m["Name"] for m in inspected("app", ".Mounts") if m["Destination"] == "/srv/nameless"
    }
    (archive,) = archives(host)
    assert [name for name in packed(archive) if name.startswith("files/")] == [
        "files/bin/new",
        "files/etc/owamp-server/limits",
        "files/root/a key",
        "files/version",
    ]
    assert (archive.stat().st_mode & 0o777, (kept / "app.env").stat().st_mode & 0o777) == (
        0o600,
        0o600,
    )
    assert "a b$c" not in (kept / "app").read_text() + docker("inspect", "-f", "{{.Args}}", "app")
    assert set(host.do("up").values()) == {"ok"}
    host.do("down")
    host.do("up")
    assert (inside("echo $SITE"), inspected("app", ".HostConfig.Memory")) == ("a b$c", 64 << 20)


def test_an_adoption_that_fails_leaves_no_options_behind(
    host: Host,  # noqa: F811
    by_hand: str,
    kept: Path,
) -> None:
    before = listing()
    with pytest.raises(Failed):
        host.do("up", "container")
    assert (listing(), kept.exists()) == (before, False)


def test_an_upgrade_lists_and_archives_what_lies_in_no_volume(host: Host, kept: Path) -> None:  # noqa: F811
    host.do("up")
    remote("https://a/")
    assert differences(host, "upgrade") == ""
    assert host.do("upgrade")["archive what is inside"] == "ok"
    inside("mkdir -p /root; echo notes >/root/notes; mkdir -p /srv; echo x >/srv/x")
    assert differences(host, "upgrade").splitlines()[2:] == ["-/root/notes", "-/srv/x"]
    docker("tag", "stand/in:2", "stand/in:now")
    host.do("upgrade")
    (archive,) = archives(host)
    assert packed(archive) == ["changes", "files/root/notes", "files/srv/x", "inspect.json"]
    assert (
        f"what no volume holds lies in {archive}"
        in host.carry_out.outputs["archive what is inside"]
    )


def test_volumes_of_ours_without_a_name_are_archived_too(host: Host, kept: Path) -> None:  # noqa: F811
    state = host.container(host.ask("up")).state[:2]  # /var/lib/db is a volume of the image alone
    changed = {"state": state, "dump": ()}
    host.do("up", **changed)
    inside("echo precious >/var/lib/db/16/data; echo https://a/ >>/etc/app/psconfig/remotes")
    assert differences(host, "upgrade", **changed).splitlines()[2:] == [
        "-/var/lib/db (a volume without a name)"
    ]
    docker("tag", "stand/in:2", "stand/in:now")
    host.do("upgrade", **changed)
    (archive,) = archives(host)
    assert "files/var/lib/db/16/data" in packed(archive)


def test_what_the_site_says_comes_before_what_is_kept() -> None:
    kept = ("--memory=1", "--volume=/a:/b", "--add-host=x:1.2.3.4", "--cap-add=NET_ADMIN")
    c = docker_.Container(name="app", image="i", kept=kept, options=("-m", "2g", "-v", "/c:/b"))
    assert docker_.kept(c) == ("--add-host=x:1.2.3.4", "--cap-add=NET_ADMIN")
