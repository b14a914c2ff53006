"""What the registry tells of its images."""

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Status
from fairlead.testing import BASE
from tests.plugins.triumf.image.builder import ask, steps

ROW = (
    "sl6\tlatest\tsha256:abc\t2026-11-25T12:00:00\t104\tyes\tyes\tme@here\t{}\t{}\t"
    "base=1MB slim=2MB\n"
)


def status_of(plugins: Plugins, verb: str, code: int, text: str) -> Status:
    options = {"old": "a", "new": "b:two"} if verb == "diff" else None
    (fact,) = plugins.ask(ask(plugins, verb, options=options), "facts")
    return plugins.ask(
        ask(plugins, verb, facts=BASE | {fact.name: fact.parse(code, text)}, options=options)
    )


def test_an_image_is_tracked_with_who_made_it_when_and_from_what(plugins: Plugins) -> None:
    status = status_of(
        plugins,
        "track",
        0,
        ROW.format("f" * 40, "r") + "other\tv1\tsha256:def\t-\t0\tno\tno\t-\t-\t-\t-\nnoise\n",
    )
    first, second = dict(status.fields)["images"]
    assert first == {
        "image": "sl6:latest",
        "made": "2026-11-25T12:00:00",
        "by": "me@here",
        "revision": "f" * 12,
        "packages": "104",
        "sizes": "base=1MB slim=2MB",
        "signed": "yes",
        "built": "as it is",
        "digest": "sha256:abc",
    }
    assert (second["image"], second["by"], second["built"]) == (
        "other:v1",
        "-",
        "-",
    )
    assert status_of(plugins, "track", 15, "n1:5000 cannot be reached\n") == Status(
        False, (("registry", "n1:5000 cannot be reached"),)
    )


def test_status_says_which_image_is_not_that_of_its_recipe(plugins: Plugins) -> None:
    recipe = steps(plugins)["tree"].unless[-1]
    right = status_of(plugins, "status", 0, ROW.format("f", recipe))
    assert right == Status(
        True, (("sl6", "as its recipe says, signed, made 2026-11-25T12:00:00, sha256:abc"),)
    )
    old = status_of(plugins, "status", 0, ROW.format("f", "old"))
    assert old == Status(
        False,
        (
            (
                "sl6",
                "made by another recipe (2026-11-25T12:00:00 by me@here): inv triumf.image.build",
            ),
        ),
    )
    inherited = ROW.replace("\tyes\tme@", "\tno\tme@").format("f", recipe)
    assert status_of(plugins, "status", 0, inherited) == Status(
        False, (("sl6", "changed after it was built (sha256:abc): inv triumf.image.build"),)
    )
    assert status_of(plugins, "status", 15, "n1:5000 cannot be reached\n") == Status(
        False, (("registry", "n1:5000 cannot be reached"),)
    )
    assert status_of(plugins, "status", 0, "") == Status(
        False, (("sl6", "not in the registry: inv triumf.image.build"),)
    )


def test_two_images_differ_by_what_came_what_went_and_other_versions(plugins: Plugins) -> None:
    status = status_of(plugins, "diff", 0, "+bash=5.2\n-bash=5.1\n+less=590\n-nano=1:7\n")
    changed = [{"package": "bash", "old": "5.1", "new": "5.2"}]
    assert dict(status.fields) == {
        "added": ["less 590"],
        "removed": ["nano 1:7"],
        "changed": changed,
    }
    assert status_of(plugins, "diff", 19, "n1:5000 has no a:latest\n") == Status(
        False, (("registry", "n1:5000 has no a:latest"),)
    )
