"""The programs that make, push and track images, in each shell that hosts have."""

import gzip
import hashlib
import subprocess
from pathlib import Path

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.plugins.triumf.shells import Shell

pytestmark = pytest.mark.slow

sh = script.beside(__file__)


@pytest.fixture
def programs(plugins: Plugins) -> script.Shell:
    from fairlead_plugins.triumf.image import tree

    return tree.sh


# The tree


@pytest.fixture
def work(shell: Shell) -> Path:
    shell.tool("rm", 'exec /bin/rm "$@"')
    folder = shell.folder / "scratch/sl6"
    (folder / "tree").mkdir(parents=True)
    return folder


def test_a_tree_begins_empty(programs: script.Shell, shell: Shell, work: Path) -> None:
    (work / "tree/old").write_text("")
    assert shell.run(programs("begin", str(work))) == (0, "")
    assert [path.name for path in work.rglob("*")] == ["tree"]
    assert (work.stat().st_mode & 0o777, (work / "tree").stat().st_mode & 0o777) == (0o700, 0o755)


def test_the_size_is_told_and_noted(programs: script.Shell, shell: Shell, work: Path) -> None:
    shell.tool("du", "printf '1500000\\t%s\\n' \"$2\"")
    argv = programs("size", str(work), "core and development")
    assert shell.run(argv) == (0, "1536 MB so far\n")
    assert (work / "sizes").read_text() == "core_and_development=1536MB\n"


def test_accounts_are_appended_once(programs: script.Shell, shell: Shell) -> None:
    passwd, shadow = shell.folder / "passwd", shell.folder / "shadow"
    passwd.write_text("root:x:0:0::/root:/bin/sh\n")
    shadow.write_text("root:*:1::::::\n")
    line = "atlas:x:4000:4000::/home:/bin/sh"
    files = (str(passwd), str(shadow), ":!!:::::::")
    for _ in range(2):
        assert shell.run(programs("accounts", *files, line)) == (0, "")
    assert passwd.read_text().splitlines()[1:] == [line]
    assert shadow.read_text().splitlines()[1:] == ["atlas:!!:::::::"]
    other = shell.done(programs("accounts", *files, line.replace("4000", "4001")))
    words = f"{passwd} has {line} already, and the site wants {line.replace('4000', '4001')}\n"
    assert (other.returncode, other.stderr) == (1, words)


def test_a_file_has_its_content_and_mode(programs: script.Shell, shell: Shell) -> None:
    path = shell.folder / "etc/profile.d/t1.sh"
    assert shell.run(programs("file", str(path), "0750"), "content\n") == (0, "")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("content\n", 0o750)
    assert shell.run(programs("put", f"{shell.folder}/a/b"), "more\n") == (0, "")
    assert (shell.folder / "a/b").read_text() == "more\n"


def test_devices_are_made_once(programs: script.Shell, shell: Shell, work: Path) -> None:
    shell.tool("mknod", 'echo "$*" >"$3"')
    argv = programs("devices", str(work / "tree"))
    assert shell.run(argv) == (0, "")
    made = {path.name: path.read_text() for path in (work / "tree/dev").iterdir()}
    assert (len(made), made["null"]) == (9, f"-m 666 {work}/tree/dev/null c 1 3\n")
    shell.tool("mknod", "exit 1")
    assert shell.run(argv) == (0, "")


def test_a_tarball_is_packed_with_what_it_holds(
    programs: script.Shell, shell: Shell, work: Path
) -> None:
    shell.tool("rpm", "printf 'b=1-1\\na=2-1\\ngpg-pubkey=1-1\\n'")
    shell.tool("tar", 'exec /usr/bin/tar "$@"')
    for name in ("proc/1", "etc/a"):
        (work / "tree" / name).parent.mkdir(parents=True)
        (work / "tree" / name).write_text("")
    assert shell.run(programs("pack", str(work), "dnf")) == (0, "0 MB, 2 packages\n")
    assert (work / "packages").read_text() == "a=2-1\nb=1-1\n"
    argv = ["tar", "-tzf", str(work / "image.tar.gz")]
    names = subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split()
    assert sorted(names) == ["./", "./etc/", "./etc/a", "./proc/"]


def test_a_tree_without_packages_is_refused(
    programs: script.Shell, shell: Shell, work: Path
) -> None:
    shell.tool("chroot", "exit 0")
    none = shell.done(programs("pack", str(work), "debootstrap"))
    assert (none.returncode, none.stderr) == (1, "the tree holds no package\n")


# The engine


def test_an_import_notes_what_is_known(programs: script.Shell, shell: Shell, work: Path) -> None:
    (work / "sizes").write_text("base=1MB\nslim=2MB\n")
    (work / "packages").write_text("a=1\nb=2\n")
    (work / "image.tar.gz").write_bytes(gzip.compress(b"the tree"))
    layer = hashlib.sha256(b"the tree").hexdigest()
    notes = shell.folder / "notes"
    for name in ("fold", "split", "gzip", "sha256sum"):
        shell.tool(name, f'exec /usr/bin/{name} "$@"')
    shell.tool("docker", 'printf "%s\\n" "$@" >>"$NOTES"; [ "$1" != import ] || echo sha256:abc')
    labels = ("recipe", 'me"$\\@here', "revision", "site")
    argv = programs("import", str(work), "r/sl6:latest", *labels)
    assert shell.run(argv, NOTES=str(notes)) == (0, "sha256:abc\n")
    lines = notes.read_text().splitlines()
    assert lines[:3] == ["import", "--change", 'CMD ["/root/init"]']
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


@pytest.mark.parametrize(
    ("output", "code"),
    [
        ("latest: digest: sha256:abc", 0),
        ("denied: requested access to the resource is denied", 14),
        ("received unexpected HTTP status: 500 Internal Server Error", 17),
        ("dial tcp: connection refused", 15),
        ("what is that", 16),
    ],
)
def test_a_push_that_fails_says_why(
    programs: script.Shell, shell: Shell, output: str, code: int
) -> None:
    shell.tool("docker", 'echo "$OUTPUT"; case $OUTPUT in latest*) ;; *) exit 1 ;; esac')
    assert shell.run(programs("push", "r/sl6"), OUTPUT=output) == (code, f"{output}\n")


# The registry, by its API

REGISTRY = ("r:5000", "/none", "sl6", "latest", "r:5000/sl6:latest", "the-recipe")
CONFIGURATION = (
    '{"created":"2026-01-01T00:00:00Z","config":{"Labels":{"fairlead.image.recipe":"the-recipe",'
    '"fairlead.image.by":"me@here","fairlead.image.sizes":"base=1MB slim=2MB",'
    '"fairlead.image.packages.1":"a=1 b=2","fairlead.image.packages.2":"c=3",'
    '"fairlead.image.layer":"sha256:11"}},"history":[{"created":"2026-01-01T00:00:00Z",'
    '"comment":"Imported from -"}],"rootfs":{"type":"layers","diff_ids":["sha256:11"]}}'
)
# What inherits its labels: by `docker commit` of a container, with a changed file and without one,
# and a tree that was imported with the labels of another.
COMMITTED = CONFIGURATION.replace('["sha256:11"]', '["sha256:11", "sha256:22"]')
CONFIGURED = CONFIGURATION.replace(
    '"Imported from -"}', '"Imported from -"},{"created":"2026-02-01T00:00:00Z"}'
)
IMPORTED = CONFIGURATION.replace('["sha256:11"]', '["sha256:33"]')
INHERITED = (COMMITTED, CONFIGURED, IMPORTED)
BEFORE_LAYERS = CONFIGURATION.replace(',"fairlead.image.layer":"sha256:11"', "")


@pytest.fixture
def registry(shell: Shell) -> dict[str, str]:
    """A registry that has sl6:latest of the-recipe, signed; and an engine that has nothing."""
    config = shell.folder / ".docker/config.json"
    config.parent.mkdir()
    config.write_text('{"auths": {"r:5000": {"auth": "me"}}}')
    shell.tool("curl", sh.text("curl"))
    shell.tool("docker", sh.text("engine"))
    return {"CONFIGURATION": CONFIGURATION, "STATUS": "200", "IDS": "", "DIGEST": "sha256:aa"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, 0),
        ({"CONFIGURATION": CONFIGURATION.replace("the-recipe", "another")}, 1),
        ({"CONFIGURATION": CONFIGURATION.replace("the-recipe", "another"), "IDS": "sha256:1"}, 0),
        *(({"CONFIGURATION": configuration}, 1) for configuration in INHERITED),
        ({"CONFIGURATION": BEFORE_LAYERS}, 0),
        ({"CONFIGURATION": COMMITTED, "IDS": "sha256:1"}, 0),
        ({"CONFIGURATION": COMMITTED, "IDS": "sha256:1", "LAYERS": "sha256:1,sha256:2 "}, 1),
        ({"CONFIGURATION": COMMITTED, "IDS": "sha256:1", "LAYERS": "sha256:1 sha256:3"}, 1),
        ({"CONFIGURATION": COMMITTED, "IDS": "sha256:1", "HISTORY": "sha256:1 sha256:2"}, 1),
        ({"STATUS": "401"}, 14),
        ({"STATUS": "000"}, 15),
    ],
)
def test_an_image_is_made_here_or_there(
    programs: script.Shell,
    shell: Shell,
    registry: dict[str, str],
    change: dict[str, str],
    code: int,
) -> None:
    assert shell.run(programs("made", *REGISTRY), **registry | change)[0] == code


def test_without_a_registry_only_the_engine_is_asked(
    programs: script.Shell, shell: Shell, registry: dict[str, str]
) -> None:
    argv = programs("made", "", "", *REGISTRY[2:])
    assert shell.run(argv, **registry)[0] == 1
    assert shell.run(argv, **registry | {"IDS": "sha256:1"})[0] == 0


@pytest.mark.parametrize(
    ("change", "pushed", "proved"),
    [
        ({}, 0, 0),
        ({"IDS": "sha256:1"}, 0, 0),
        ({"IDS": "sha256:1", "DIGEST": "sha256:bb"}, 1, 18),
        ({"CONFIGURATION": CONFIGURATION.replace("the-recipe", "another")}, 1, 0),
        *(({"CONFIGURATION": configuration}, 1, 0) for configuration in INHERITED),
        ({"STATUS": "401"}, 1, 14),
    ],
)
def test_an_image_is_pushed_when_the_registry_has_the_very_one(
    programs: script.Shell,
    shell: Shell,
    registry: dict[str, str],
    change: dict[str, str],
    pushed: int,
    proved: int,
) -> None:
    assert shell.run(programs("pushed", *REGISTRY), **registry | change)[0] == pushed
    code, output = shell.run(programs("proved", *REGISTRY), **registry | change)
    assert (code, output) == (proved, "" if proved else "sha256:aa\n")


def test_images_are_tracked_by_their_labels(
    programs: script.Shell, shell: Shell, registry: dict[str, str]
) -> None:
    from fairlead_plugins.triumf.image import tracking

    error, images = tracking.tracked(*shell.run(programs("track", *REGISTRY[:2]), **registry))
    assert error == ""
    assert images == (
        tracking.TrackedImage(
            name="sl6",
            tag="latest",
            digest="sha256:aa",
            made="2026-01-01T00:00:00",
            packages="3",
            signed="yes",
            built="yes",
            by="me@here",
            revision="-",
            recipe="the-recipe",
            sizes="base=1MB slim=2MB",
        ),
    )
    assert shell.run(programs("track", "", ""), **registry) == (0, "")


@pytest.mark.parametrize(
    ("configuration", "built"),
    [(CONFIGURATION, "yes"), (BEFORE_LAYERS, "yes"), *((other, "no") for other in INHERITED)],
)
def test_an_image_that_has_inherited_its_labels_is_not_what_was_built(
    programs: script.Shell,
    shell: Shell,
    registry: dict[str, str],
    configuration: str,
    built: str,
) -> None:
    from fairlead_plugins.triumf.image import tracking

    said = shell.run(
        programs("track", *REGISTRY[:2]), **registry | {"CONFIGURATION": configuration}
    )
    ((image,),) = (tracking.tracked(*said)[1],)
    assert image.built == built


def test_two_images_differ_by_their_packages(
    programs: script.Shell, shell: Shell, registry: dict[str, str]
) -> None:
    images = ("sl6", "latest", "sl6", "other")
    argv = programs("diff", *REGISTRY[:2], *images)
    other = CONFIGURATION.replace("a=1 b=2", "a=2 d=1")
    assert shell.run(argv, **registry | {"OTHER": other}) == (0, "-a=1\n+a=2\n-b=2\n+d=1\n")
    changed = shell.done(argv, **registry | {"CONFIGURATION": COMMITTED, "OTHER": other})
    words = "was changed after it was built, and what it says of its packages is of before\n"
    assert (changed.returncode, changed.stderr.endswith(words)) == (20, True)
    plain = shell.done(argv, **registry | {"OTHER": '{"created":"x"}'})
    words = "sl6:other says nothing of its packages: it was not built by fairlead\n"
    assert (plain.returncode, plain.stderr) == (20, words)
    absent = shell.done(programs("diff", *REGISTRY[:2], *images[:3], "none"), **registry)
    assert (absent.returncode, absent.stderr) == (19, "r:5000 has no sl6:none\n")


# The host


def test_tools_that_are_not_there_are_named(programs: script.Shell, shell: Shell) -> None:
    assert shell.run(programs("tools", "sh", "no-such-tool", "neither")) == (
        0,
        "no-such-tool neither ",
    )


def test_options_are_those_of_the_nearest_folder(programs: script.Shell, shell: Shell) -> None:
    shell.tool("findmnt", 'echo "rw,nodev $*"')
    argv = programs("options", f"{shell.folder}/a/b")
    assert shell.run(argv) == (0, f"rw,nodev -n -o OPTIONS -T {shell.folder}\n")
