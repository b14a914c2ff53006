"""The programs that push and track images, in each shell that hosts have."""

import pytest

from fairlead.contract.loader import Plugins
from fairlead.operations import script
from tests.shells import Shell

pytestmark = pytest.mark.slow

sh = script.beside(__file__)


@pytest.fixture
def programs(plugins: Plugins) -> script.Shell:
    from fairlead_plugins.triumf.image import registry_client

    return registry_client.sh


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
