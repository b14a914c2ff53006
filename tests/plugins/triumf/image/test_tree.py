"""The tree of an image as data: the lines of each method to the letter, in which order."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import SiteError
from fairlead.model.plan import argvs
from fairlead.operations.image import tree
from tests.plugins.triumf.image.builder import RECIPE, WORK, steps
from tests.plugins.triumf.tier import cases

RECIPES = cases("recipes")


@pytest.mark.parametrize("case", RECIPES, ids=[case["name"] for case in RECIPES])
def test_each_stanza_is_a_line_behind_the_wall_and_then_its_size(
    plugins: Plugins, case: dict[str, Any]
) -> None:
    named = steps(plugins, case["recipe"])
    wall = tree.walled(WORK)
    for name, line in case["lines"].items():
        first, *_, size = argvs(named[name].do)
        assert (first[:9], shlex.join(first[10:])) == (wall[:9], line)
        assert size == tree.sh("size", WORK, name.removeprefix("stanza "))
        assert (named[name].show_output, named[name].progress) == (True, True)
    assert [name for name in named if name.startswith("stanza") or name == "base"] == list(
        case["lines"]
    )


def test_the_steps_are_in_the_documents_order(plugins: Plugins) -> None:
    parts = {
        "passwd": ["a:x:1:1::/:/bin/sh"],
        "group": ["a:x:1:"],
        "files": [{"path": "/etc/profile.d/t1.sh", "content": "x"}],
    }
    recipe = {
        "method": "dnf",
        "release": "8",
        "mirror": "file:///srv",
        "stanzas": [{"name": "one", "packages": ["b"]}],
    } | parts
    assert list(steps(plugins, recipe, image={"sign_key": "image.gpg"})) == [
        *("registry's authority", "registry login", "registry lets it in"),
        *("tree", "devices", "mirror", "stanza one", "stanza dumb-init", "slim", "groups", "users"),
        *(
            "file /root/init",
            "file /etc/profile.d/t1.sh",
            "tarball",
            "import",
            "push",
            "digest",
            "pull n1:5000/sl6:latest",
            "sign n1:5000/sl6:latest",
        ),
    ]


def test_a_stanza_that_fails_names_its_packages_and_takes_the_tree_with_it(
    plugins: Plugins,
) -> None:
    named = steps(
        plugins, RECIPE | {"stanzas": [{"name": "site", "packages": ["iproute2", "condor"]}]}
    )
    assert named["stanza site"].remedy == "its packages are iproute2, condor"
    assert named["tree"].undo == ("rm", "-rf", "--one-file-system", WORK)


def test_init_gets_its_name_from_dns_and_keeps_condor_in_the_foreground(plugins: Plugins) -> None:
    content = steps(plugins, RECIPE | {"init": "tini"})["file /root/init"].stdin
    assert content.splitlines()[0] == "#!/usr/bin/tini /bin/bash"
    assert content.endswith("\nexec /usr/sbin/condor_master -f\n")
    assert subprocess.run(["bash", "-n"], input=content, text=True, check=False).returncode == 0
    own = RECIPE | {"files": [{"path": "/root/init", "content": "#!/bin/sh\n", "mode": "0700"}]}
    assert steps(plugins, own)["file /root/init"].stdin == "#!/bin/sh\n"


def test_a_mirror_is_as_strict_as_its_keyring_or_as_the_host(plugins: Plugins) -> None:
    recipe = {"method": "yum", "release": "6", "mirror": "http://a/sl6"}
    plain = "[mirror]\nname=packages of the image\nbaseurl=http://a/sl6\nenabled=1\n"
    assert steps(plugins, recipe)["mirror"].stdin == plain
    assert (
        steps(plugins, recipe | {"keyring": "/etc/key"})["mirror"].stdin
        == plain + "gpgcheck=1\ngpgkey=file:///etc/key\n"
    )
    assert "mirror" not in steps(plugins, {"method": "yum", "release": "6"})


def test_another_recipe_is_another_image_and_the_same_is_none(plugins: Plugins) -> None:
    def recipe(**changes: Any) -> str:
        return steps(plugins, RECIPE | changes)["tree"].unless[-1]

    changes: list[dict[str, Any]] = [
        {"expunge": ["/x"]},
        {"release": "trixie"},
        {"stanzas": [{"name": "a", "packages": ["b"]}]},
        {"init": "tini"},
    ]
    assert recipe() == recipe()
    assert len({recipe(), *(recipe(**change) for change in changes)}) == 1 + len(changes)
    anew = steps(plugins, options={"bust_cache": True})
    assert {
        step.unless for name, step in anew.items() if name in ("tree", "base", "import", "push")
    } == {None}


CLASHES = (
    (
        "stanzas: [{name: a}]",
        "stanzas[0]: has neither packages nor groups; name some, or leave it out",
    ),
    (
        "stanzas: [{name: a, packages: [b]}, {name: a, packages: [c]}]",
        "stanzas[1]: has the name of another; give each a name of its own",
    ),
    (
        "stanzas: [{name: a, groups: [b]}]",
        "stanzas[0]: has groups or enablerepo, which are dnf's and yum's; name the packages",
    ),
)


@pytest.mark.parametrize(("more", "says"), CLASHES, ids=[says.split(":")[1] for _, says in CLASHES])
def test_a_recipe_that_does_not_fit_is_refused_with_its_place(
    plugins: Plugins, more: str, says: str, tmp_path: Path
) -> None:
    path, recipe = tmp_path / "s.yml", "{method: debootstrap, release: a, mirror: 'http://a/b', %s}"
    path.write_text(
        "hosts: {n1: {}}\ntriumf:\n  hosts: n1\n  image:\n    hosts: n1\n    recipes:\n      sl6: "
        + recipe % more
        + "\n"
    )
    with pytest.raises(SiteError) as caught:
        site.load(path, plugins.systems)
    assert str(caught.value).endswith(f"triumf.image.recipes.sl6.{says}")
