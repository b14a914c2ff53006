"""The registry's programs, in each shell that hosts have."""

import getpass
import json
from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.shells import Shell

sh = script.beside(__file__)

LINE = ("registry", "garbage-collect", "config.yml")


@pytest.fixture
def programs(plugins: Plugins) -> script.Shell:
    from fairlead_plugins.triumf.registry import sh

    return sh


# What lies in it


def store(root: Path, name: str, tag: str, digest: str, content: str) -> None:
    """A tag and its manifest, as Docker Distribution keeps them."""
    base = root / "docker/registry/v2"
    link = base / f"repositories/{name}/_manifests/tags/{tag}/current/link"
    link.parent.mkdir(parents=True)
    link.write_text(digest)
    blob(base, digest, content)


def blob(base: Path, digest: str, content: str) -> None:
    kind, hexes = digest.split(":")
    data = base / f"blobs/{kind}/{hexes[:2]}/{hexes}/data"
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_text(content)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry with an image, its signature, and another of which little is known."""
    root = tmp_path / "registry"
    manifest = {
        "config": {"mediaType": "a", "size": 1_000_000, "digest": "sha256:c0ffee"},
        "layers": [{"size": 2_500_000, "digest": "sha256:1"}],
    }
    store(root, "tier1/sl6", "latest", "sha256:aabb01", json.dumps(manifest, indent=3))
    store(root, "tier1/sl6", "sha256-aabb01.sig", "sha256:aabb02", "{}")
    store(root, "other", "v2", "sha256:aabb03", '{"config": {"digest": "sha256:none"}}')
    blob(root / "docker/registry/v2", "sha256:c0ffee", '{"created":"2026-01-01T00:00:00.123Z"}')
    return root


def test_images_are_searched_in_its_files(programs: script.Shell, shell: Shell, root: Path) -> None:
    shell.tool("date", 'exec /bin/date "$@"')
    code, output = shell.run(programs("search", str(root), ""))
    rows = [line.split() for line in output.splitlines()]
    assert code == 0
    assert rows[0] == ["REPOSITORY", "TAG", "SIZE", "AGE", "DIGEST"]
    assert rows[1] == ["other", "v2", "0.0", "MB", "?", "days", "sha256:aabb03"]
    assert (rows[2][:4], rows[2][5:]) == (
        ["tier1/sl6", "latest", "3.5", "MB"],
        ["days", "sha256:aabb01"],
    )
    assert int(rows[2][4]) > 300
    assert shell.run(programs("search", str(root), "sl6:l"))[1].count("\n") == 2


def test_a_search_that_finds_nothing_says_so(
    programs: script.Shell, shell: Shell, root: Path
) -> None:
    none = shell.done(programs("search", str(root), "nothing"))
    assert (none.returncode, none.stdout, none.stderr) == (1, "", "no image matches\n")
    absent = shell.done(programs("search", f"{root}/x", ""))
    assert (absent.returncode, absent.stderr) == (2, f"there is no {root}/x\n")


def test_what_it_holds_is_counted(programs: script.Shell, shell: Shell, root: Path) -> None:
    for name in ("tier1/sl6", "other"):
        assert (root / f"docker/registry/v2/repositories/{name}/_manifests").is_dir()
    code, output = shell.run(programs("sums", str(root)))
    words = output.split()
    assert (code, words[0], len(words), all(word.isdigit() for word in words)) == (0, "2", 3, True)


def test_a_tag_is_there_or_not(programs: script.Shell, shell: Shell, root: Path) -> None:
    for tag, code in (("latest", 1), ("none", 0)):
        assert shell.run(programs("no_tag", str(root), "tier1/sl6", tag)) == (code, "")


# Taking away


@pytest.mark.parametrize(
    ("status", "tag", "code", "deleted"),
    [
        ("202", "latest", 0, "sha256:ab.sig sha256:ab"),
        ("401", "latest", 14, "sha256:ab.sig"),
        ("405", "latest", 16, "sha256:ab.sig"),
        ("202", "none", 17, ""),
        ("202", "gone", 15, ""),
    ],
)
def test_an_image_goes_after_its_signatures(
    programs: script.Shell, shell: Shell, status: str, tag: str, code: int, deleted: str
) -> None:
    shell.tool("curl", sh.text("curl_delete"))
    notes = shell.folder / "notes"
    argv = programs("delete", "https://r", "sl6", tag, "")
    assert shell.run(argv, "user = x\n", STATUS=status, NOTES=str(notes))[0] == code
    assert (notes.read_text().split() if notes.exists() else []) == deleted.split()


@pytest.mark.parametrize(
    ("output", "rc", "code"),
    [
        ("5 blobs marked, 0 blobs and 0 manifests eligible for deletion", "0", 0),
        ("5 blobs marked, 0 blobs eligible for deletion", "0", 0),
        ("5 blobs marked, 10 blobs eligible for deletion", "0", 1),
        ("cannot read its configuration", "1", 2),
    ],
)
def test_it_is_asked_whether_all_is_swept(
    programs: script.Shell, shell: Shell, root: Path, output: str, rc: str, code: int
) -> None:
    shell.tool("registry", 'echo "$*" >"$NOTES"; echo "$OUTPUT"; exit "$RC"')
    notes = shell.folder / "notes"
    argv = programs("swept", str(root), "", *LINE)
    assert shell.run(argv, OUTPUT=output, RC=rc, NOTES=str(notes))[0] == code
    assert notes.read_text() == "garbage-collect config.yml --dry-run\n"
    assert shell.run(programs("swept", f"{root}/x", "", *LINE))[0] == 0


@pytest.mark.parametrize("active", ["0", "1"])
def test_it_is_stopped_while_it_is_swept(programs: script.Shell, shell: Shell, active: str) -> None:
    notes = shell.folder / "notes"
    shell.tool("systemctl", 'case $1 in is-*) exit "$ACTIVE" ;; esac\necho "$1 $2" >>"$NOTES"')
    shell.tool("registry", 'echo "$*" >>"$NOTES"; exit 3')
    root = shell.folder / "root"
    (root / "docker/registry/v2/blobs").mkdir(parents=True)
    argv = programs("sweep", "docker-registry", str(root), "", *LINE)
    assert shell.run(argv, ACTIVE=active, NOTES=str(notes))[0] == 3
    around = ("stop docker-registry\n", "start docker-registry\n") if active == "0" else ("", "")
    assert notes.read_text() == f"{around[0]}garbage-collect config.yml\n{around[1]}"


@pytest.mark.parametrize(
    ("running", "words"),
    [
        ("true", "stop triumf-registry\ngarbage-collect config.yml\nstart triumf-registry\n"),
        ("false", "garbage-collect config.yml\n"),
    ],
)
def test_a_container_is_stopped_while_it_is_swept(
    programs: script.Shell, shell: Shell, running: str, words: str
) -> None:
    notes = shell.folder / "notes"
    shell.tool("podman", sh.text("engine"))
    shell.tool("registry", 'echo "$*" >>"$NOTES"')
    root = shell.folder / "root"
    (root / "docker/registry/v2/blobs").mkdir(parents=True)
    argv = programs("sweep", "podman:triumf-registry", str(root), "", *LINE)
    assert shell.run(argv, RUNNING=running, NOTES=str(notes))[0] == 0
    assert notes.read_text() == words


@pytest.mark.parametrize(
    ("running", "words"), [("true", "restart triumf-registry\n"), ("false", ""), ("", "")]
)
def test_a_container_that_runs_takes_new_files_over(
    programs: script.Shell, shell: Shell, running: str, words: str
) -> None:
    notes = shell.folder / "notes"
    notes.touch()
    shell.tool("docker", sh.text("engine"))
    argv = programs("take_over", "docker:triumf-registry")
    assert shell.run(argv, RUNNING=running, NOTES=str(notes))[0] == 0
    assert notes.read_text() == words


def test_its_unit_and_its_user_are_known_where_they_are(
    programs: script.Shell, shell: Shell
) -> None:
    shell.tool("systemctl", '[ "$2" = docker-registry.service ]')
    shell.tool("getent", 'echo "$2:x:105:110::/var/lib:/bin/sh"')
    assert shell.run(programs("unit")) == (0, "docker-registry\n")
    assert shell.run(programs("account", "docker-registry")) == (0, "105:110\n")
    shell.tool("systemctl", "exit 1")
    shell.tool("getent", "exit 2")
    assert shell.run(programs("unit")) == (0, "")
    assert shell.run(programs("account", "docker-registry")) == (0, "")


# The service


@pytest.mark.parametrize(
    ("enabled", "active", "is_up", "is_down"),
    [("0", "0", 0, 1), ("0", "3", 1, 1), ("1", "0", 1, 1), ("1", "3", 1, 0)],
)
def test_it_is_up_or_down_or_neither(
    programs: script.Shell, shell: Shell, enabled: str, active: str, is_up: int, is_down: int
) -> None:
    shell.tool("systemctl", 'case $1 in is-enabled) exit "$ENABLED" ;; *) exit "$ACTIVE" ;; esac')
    states = {"ENABLED": enabled, "ACTIVE": active}
    assert shell.run(programs("is_up", "docker-registry"), **states)[0] == is_up
    assert shell.run(programs("is_down", "docker-registry"), **states)[0] == is_down


def test_its_folder_is_the_users_own(programs: script.Shell, shell: Shell) -> None:
    shell.tool("setpriv", 'while [ "$1" != --init-groups ]; do shift; done; shift; "$@"')
    folder, user = str(shell.folder / "a/b"), getpass.getuser()
    assert shell.run(programs("owned", folder, user))[0] == 1
    assert shell.run(programs("own", folder, user)) == (0, "")
    assert shell.run(programs("owned", folder, user))[0] == 0
    shell.tool("setpriv", "exit 1")
    refused = shell.done(programs("own", folder, user))
    words = f"{user} cannot write {folder}: may it pass through the folders above it?\n"
    assert (refused.returncode, refused.stderr) == (1, words)


def test_its_key_is_readable_or_not(programs: script.Shell, shell: Shell) -> None:
    key = shell.folder / "key"
    argv = programs("readable", str(key), "docker-registry")
    assert shell.run(argv) == (0, "none\n")
    key.write_text("")
    shell.tool("id", "exit 1")
    assert shell.run(argv) == (0, "yes\n")
    shell.tool("id", "exit 0")
    for code, word in (("0", "yes\n"), ("1", "no\n")):
        shell.tool("setpriv", f"exit {code}")
        assert shell.run(argv) == (0, word)


def test_its_address_is_none_of_the_loopbacks(programs: script.Shell, shell: Shell) -> None:
    shell.tool("getent", 'echo "127.0.1.1 STREAM n1"; echo "192.0.2.1 STREAM n1"')
    assert shell.run(programs("address", "n1")) == (0, "192.0.2.1\n")


@pytest.mark.parametrize(
    ("six", "printed"), [("2001:db8::1 STREAM n1", "2001:db8::1\n"), ("fe80::1 STREAM n1", "")]
)
def test_where_it_has_ipv6_alone_its_address_is_that(
    programs: script.Shell, shell: Shell, six: str, printed: str
) -> None:
    shell.tool("getent", f"[ $1 = ahostsv4 ] && echo '127.0.1.1 STREAM n1' || echo '{six}'")
    assert shell.run(programs("address", "n1")) == (0, printed)


# Access


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("Login Succeeded", 0),
        ("x509: certificate signed by unknown authority", 11),
        ("x509: certificate has expired or is not yet valid", 12),
        ("x509: certificate is valid for n9, not n1", 13),
        ("x509: cannot validate certificate for 192.0.2.1", 13),
        ("unauthorized: authentication required", 14),
        ("dial tcp 192.0.2.1:5000: connect: connection refused", 15),
        ("what is that", 16),
    ],
)
def test_a_login_that_fails_says_why(
    programs: script.Shell, shell: Shell, output: str, code: int
) -> None:
    shell.tool("docker", 'echo "$OUTPUT" >&2; case $OUTPUT in *Succeeded) ;; *) exit 1 ;; esac')
    assert shell.run(programs("login", "docker", "t1user", "n1:5000"), "pw", OUTPUT=output) == (
        code,
        "",
    )


def test_a_login_is_known_and_undone(programs: script.Shell, shell: Shell) -> None:
    config = shell.folder / ".docker/config.json"
    known = programs("known", "t1user", "n1:5000")
    assert shell.run(known, "secret")[0] == 1
    config.parent.mkdir()
    config.write_text('{\n\t"auths": {"n1:5000": {"auth": "dDF1c2VyOnNlY3JldA=="}}}\n')
    assert [shell.run(known, word)[0] for word in ("secret", "other")] == [0, 1]
    shell.tool("docker", 'echo "{}" >"$HOME/.docker/config.json"; echo "$*" >>"$HOME/notes"')
    before = config.read_text()
    assert shell.run(programs("login", "docker", "t1user", "n1:5000"), "new")[0] == 0
    assert config.read_text() == "{}\n"
    assert shell.run(programs("logout", "docker", "n1:5000")) == (0, "")
    assert config.read_text() == before
    assert shell.run(programs("logout", "docker", "n1:5000")) == (0, "")
    assert (shell.folder / "notes").read_text().splitlines()[-1] == "logout n1:5000"


def test_an_authority_is_the_same_or_not(programs: script.Shell, shell: Shell) -> None:
    authority, place = shell.folder / "ca.pem", shell.folder / "ca.crt"
    argv = programs("same", str(authority), str(place))
    absent = shell.done(argv)
    assert (absent.returncode, absent.stderr) == (2, f"there is no {authority}\n")
    authority.write_text("a")
    assert shell.run(argv)[0] == 1
    place.write_text("a")
    assert shell.run(argv)[0] == 0


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("401", "200", 0),
        ("200", "200", 16),
        ("401", "401", 14),
        ("401", "500", 16),
        ("curl: (60) SSL certificate problem: certificate has expired", "", 12),
        ("curl: (60) SSL: no alternative certificate subject name matches", "", 13),
        ("curl: (60) unable to get local issuer certificate", "", 11),
        ("curl: (7) Failed to connect", "", 15),
    ],
)
def test_it_is_proved_as_its_clients_see_it(
    programs: script.Shell, shell: Shell, first: str, second: str, code: int
) -> None:
    shell.tool("curl", sh.text("curl_prove"))
    shell.tool("sleep", "exit 0")
    argv = programs("prove", "https://n1:5000/v2/", "")
    assert shell.run(argv, "user = x\n", FIRST=first, SECOND=second) == (code, "")


def test_users_of_files_that_are_there_are_listed(programs: script.Shell, shell: Shell) -> None:
    file = shell.folder / "registry_passwd"
    file.write_text("t1user:$2b$10$x\natlas:$2b$10$y\n")
    argv = programs("users", str(shell.folder / "none"), str(file))
    assert shell.run(argv) == (0, "t1user\natlas\n")
