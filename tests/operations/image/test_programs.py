"""The programs that make a tree and its image, in each shell that hosts have."""

import gzip
import hashlib
import subprocess
from pathlib import Path

import pytest

from fairlead.operations.image.tree import sh
from tests.shells import Shell

# The tree


@pytest.fixture
def work(shell: Shell) -> Path:
    shell.tool("rm", 'exec /bin/rm "$@"')
    folder = shell.folder / "scratch/sl6"
    (folder / "tree").mkdir(parents=True)
    return folder


def test_a_tree_begins_empty(shell: Shell, work: Path) -> None:
    (work / "tree/old").write_text("")
    assert shell.run(sh("begin", str(work))) == (0, "")
    assert [path.name for path in work.rglob("*")] == ["tree"]
    assert (work.stat().st_mode & 0o777, (work / "tree").stat().st_mode & 0o777) == (0o700, 0o755)


def test_the_size_is_told_and_noted(shell: Shell, work: Path) -> None:
    shell.tool("du", "printf '1500000\\t%s\\n' \"$2\"")
    argv = sh("size", str(work), "core and development")
    assert shell.run(argv) == (0, "1536 MB so far\n")
    assert (work / "sizes").read_text() == "core_and_development=1536MB\n"


def test_accounts_are_appended_once(shell: Shell) -> None:
    passwd, shadow = shell.folder / "passwd", shell.folder / "shadow"
    passwd.write_text("root:x:0:0::/root:/bin/sh\n")
    shadow.write_text("root:*:1::::::\n")
    line = "atlas:x:4000:4000::/home:/bin/sh"
    files = (str(passwd), str(shadow), ":!!:::::::")
    for _ in range(2):
        assert shell.run(sh("accounts", *files, line)) == (0, "")
    assert passwd.read_text().splitlines()[1:] == [line]
    assert shadow.read_text().splitlines()[1:] == ["atlas:!!:::::::"]
    other = shell.done(sh("accounts", *files, line.replace("4000", "4001")))
    words = f"{passwd} has {line} already, and the site wants {line.replace('4000', '4001')}\n"
    assert (other.returncode, other.stderr) == (1, words)


def test_a_file_has_its_content_and_mode(shell: Shell) -> None:
    path = shell.folder / "etc/profile.d/t1.sh"
    assert shell.run(sh("file", str(path), "0750"), "content\n") == (0, "")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("content\n", 0o750)
    assert shell.run(sh("put", f"{shell.folder}/a/b"), "more\n") == (0, "")
    assert (shell.folder / "a/b").read_text() == "more\n"


def test_devices_are_made_once(shell: Shell, work: Path) -> None:
    shell.tool("mknod", 'echo "$*" >"$3"')
    argv = sh("devices", str(work / "tree"))
    assert shell.run(argv) == (0, "")
    made = {path.name: path.read_text() for path in (work / "tree/dev").iterdir()}
    assert (len(made), made["null"]) == (9, f"-m 666 {work}/tree/dev/null c 1 3\n")
    shell.tool("mknod", "exit 1")
    assert shell.run(argv) == (0, "")


def test_a_tarball_is_packed_with_what_it_holds(shell: Shell, work: Path) -> None:
    shell.tool("rpm", "printf 'b=1-1\\na=2-1\\ngpg-pubkey=1-1\\n'")
    shell.tool("tar", 'exec /usr/bin/tar "$@"')
    for name in ("proc/1", "etc/a"):
        (work / "tree" / name).parent.mkdir(parents=True)
        (work / "tree" / name).write_text("")
    assert shell.run(sh("pack", str(work), "dnf")) == (0, "0 MB, 2 packages\n")
    assert (work / "packages").read_text() == "a=2-1\nb=1-1\n"
    argv = ["tar", "-tzf", str(work / "image.tar.gz")]
    names = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    assert sorted(names) == ["./", "./etc/", "./etc/a", "./proc/"]


def test_a_tree_without_packages_is_refused(shell: Shell, work: Path) -> None:
    shell.tool("chroot", "exit 0")
    none = shell.done(sh("pack", str(work), "debootstrap"))
    assert (none.returncode, none.stderr) == (1, "the tree holds no package\n")


# The engine


def test_an_import_notes_what_is_known(shell: Shell, work: Path) -> None:
    (work / "sizes").write_text("base=1MB\nslim=2MB\n")
    (work / "packages").write_text("a=1\nb=2\n")
    (work / "image.tar.gz").write_bytes(gzip.compress(b"the tree"))
    layer = hashlib.sha256(b"the tree").hexdigest()
    notes = shell.folder / "notes"
    for name in ("fold", "split", "gzip", "sha256sum"):
        shell.tool(name, f'exec /usr/bin/{name} "$@"')
    shell.tool("docker", 'printf "%s\\n" "$@" >>"$NOTES"; [ "$1" != import ] || echo sha256:abc')
    labels = ("recipe", 'me"$\\@here', "revision", "site")
    changes = ('CMD ["a b"]', "ENV a=b")
    argv = sh("import", "docker", str(work), "r/sl6:latest", *labels, *changes)
    assert shell.run(argv, NOTES=str(notes)) == (0, "sha256:abc\n")
    lines = notes.read_text().splitlines()
    assert lines[:5] == ["import", "--change", 'CMD ["a b"]', "--change", "ENV a=b"]
    assert [line for line in lines if line.startswith("LABEL")] == [
        'LABEL "fairlead.image.recipe"="recipe"',
        'LABEL "fairlead.image.by"="me\\"\\$\\\\@here"',
        'LABEL "fairlead.image.revision"="revision"',
        'LABEL "fairlead.image.site"="site"',
        'LABEL "fairlead.image.sizes"="base=1MB slim=2MB"',
        f'LABEL "fairlead.image.layer"="sha256:{layer}"',
        'LABEL "fairlead.image.packages.1"="a=1 b=2"',
    ]
    assert lines[-4:] == [f"{work}/image.tar.gz", "tag", "sha256:abc", "r/sl6:latest"]
    assert not work.exists()


# The host


def test_tools_that_are_not_there_are_named(shell: Shell) -> None:
    assert shell.run(sh("tools", "sh", "no-such-tool", "neither")) == (
        0,
        "no-such-tool neither ",
    )


def test_options_are_those_of_the_nearest_folder(shell: Shell) -> None:
    shell.tool("findmnt", 'echo "rw,nodev $*"')
    argv = sh("options", f"{shell.folder}/a/b")
    assert shell.run(argv) == (0, f"rw,nodev -n -o OPTIONS -T {shell.folder}\n")
