"""TRIUMF's images as data: the lines of each method to the letter, when an image is made anew, what the registry tells, what signatures mean."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.model.plan import Phase, Secret, Status, Step, argvs
from fairlead.testing import BASE, HOSTS, ask_for, faults, plan_of, plugins_in

PLUGINS = Path(__file__).parents[3] / "plugins"
RECIPES = yaml.safe_load((PLUGINS / "triumf/cases/recipes.yml").read_text())
REGISTRY = {"hosts": "n1", "name": "n1", "users": {"t1user": "t1"}, "tls": {"ca_secret": "ca"}}
RECIPE = {"method": "debootstrap", "release": "bookworm", "mirror": "http://a/debian"}
SECRETS = {name: Secret(name) for name in ("ca", "t1", "image.gpg", "image.pub")}
WORK = "/data/docker/scratch/sl6"


def ask(
    plugins: Plugins,
    verb: str,
    recipe: Mapping[str, Any] = RECIPE,
    facts: Mapping[str, Any] = BASE,
    **more: Any,
) -> Any:
    image = {"hosts": "n1", "recipes": {"sl6": recipe}} | more.pop("image", {})
    section = {"hosts": "n1", "registry": REGISTRY, "image": image} | more.pop("section", {})
    return ask_for(
        plugins, "triumf.image", verb, section=section, facts=facts, secrets=SECRETS, **more
    )


def steps(
    plugins: Plugins, recipe: Mapping[str, Any] = RECIPE, verb: str = "build", **more: Any
) -> dict[str, Step]:
    return {
        step.name.removeprefix("sl6: "): step
        for step in plan_of(plugins, ask(plugins, verb, recipe, **more))
    }


# The tree


@pytest.mark.parametrize("case", RECIPES, ids=[case["name"] for case in RECIPES])
def test_each_stanza_is_a_line_behind_the_wall_and_then_its_size(
    plugins: Plugins, case: dict[str, Any]
) -> None:
    from fairlead_plugins.triumf.image import tree

    found = steps(plugins, case["recipe"])
    for name, line in case["lines"].items():
        first, *_, size = argvs(found[name].do)
        assert (first[:5], shlex.join(first[6:])) == (("sh", "-c", tree.WALL, "wall", WORK), line)
        assert size == ("sh", "-c", tree.SIZE, "size", WORK, name.removeprefix("stanza "))
        assert (found[name].show_output, found[name].progress) == (True, True)
    assert [name for name in found if name.startswith("stanza") or name == "base"] == list(
        case["lines"]
    )


def test_the_steps_are_in_the_documents_order(plugins: Plugins) -> None:
    wanted = {
        "passwd": ["a:x:1:1::/:/bin/sh"],
        "group": ["a:x:1:"],
        "files": [{"path": "/etc/profile.d/t1.sh", "content": "x"}],
    }
    recipe = {
        "method": "dnf",
        "release": "8",
        "mirror": "file:///srv",
        "stanzas": [{"name": "one", "packages": ["b"]}],
    } | wanted
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
    found = steps(
        plugins, RECIPE | {"stanzas": [{"name": "site", "packages": ["iproute2", "condor"]}]}
    )
    assert found["stanza site"].remedy == "its packages are iproute2, condor"
    assert found["tree"].undo == ("sh", "-c", 'rm -rf --one-file-system "$1"', "clear", WORK)


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


def test_without_a_registry_it_stays_on_the_host(plugins: Plugins) -> None:
    found = plugins.ask(ask(plugins, "build", section={"registry": None}))
    assert [phase.name for phase in found if isinstance(phase, Phase)] == ["build"]
    assert found[0].steps[-1].do[5] == "sl6:latest"
    tracked = plugins.ask(ask(plugins, "track", section={"registry": None}))
    assert tracked == Status(False, (("registry", "the site has none, so nothing is tracked"),))
    for verb in ("sign", "verify"):
        with pytest.raises(CommandLineError, match="the site has no key or no registry"):
            plugins.ask(
                ask(plugins, verb, section={"registry": None}, image={"sign_key": "image.gpg"})
            )


def test_one_image_is_named_and_another_is_refused(plugins: Plugins) -> None:
    with pytest.raises(
        CommandLineError, match="--image: the site has no recipe of sl7; it has sl6"
    ):
        plugins.ask(ask(plugins, "build", options={"image": "sl7"}))
    assert "tree" in steps(plugins, options={"image": "sl6"})


@pytest.mark.parametrize(
    ("verb", "names"),
    [
        ("up", ["ca", "t1", "image.gpg"]),
        ("sign", ["ca", "t1", "image.gpg"]),
        ("verify", ["ca", "t1", "image.pub"]),
        ("track", []),
        ("preflight", []),
    ],
)
def test_the_private_key_is_asked_for_only_to_sign(
    plugins: Plugins, verb: str, names: list[str]
) -> None:
    worker = {"names": {"n1": ["vn0317"]}, "signed": True, "signer": "image.pub"}
    given = ask(plugins, verb, section={"worker": worker}, image={"sign_key": "image.gpg"})
    assert [spec.name for spec in plugins.ask(given, "needs") or ()] == names


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


OPTIONS: Mapping[str, Any] = {"diff": {"old": "a", "new": "b:two"}}
IMAGE_VERBS = list(plugins_in(PLUGINS).component("triumf", "image").verbs)


@pytest.mark.parametrize("verb", IMAGE_VERBS)
@pytest.mark.parametrize("host", HOSTS, ids=[name.replace(" ", "-") for name in HOSTS])
def test_a_site_with_images_is_answered_with_data_or_one_sentence(
    plugins: Plugins, verb: str, host: str
) -> None:
    given = ask(
        plugins, verb, facts=HOSTS[host], options=OPTIONS.get(verb), image={"sign_key": "image.gpg"}
    )
    answer, said = None, ""
    try:
        answer = plugins.ask(given)
    except FairleadError as error:
        said = str(error)
    assert "\n" not in said
    assert list(faults(answer)) == []
    for fact in plugins.ask(given, "facts") or ():
        for code, text in ((127, "sh: not found\n"), (0, ""), (1, "a\tb\n"), (124, "\x00")):
            fact.parse(code, text)


def test_preflight_says_what_building_lacks(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.facts import Mount

    facts = BASE | {
        "packages": "apt",
        "lacking": ("debootstrap", "gpg"),
        "options": ("rw", "nodev"),
        "mount": Mount("/", 1024),
    }
    checks = {
        check.name: check
        for check in plugins.ask(
            ask(plugins, "preflight", facts=facts, image={"sign_key": "image.gpg"})
        )
    }
    assert {name: check.found for name, check in checks.items() if not check.ok} == {
        "tools": "no debootstrap, gpg",
        "scratch": "it is mounted nodev",
        "room": "1.0 GiB",
    }
    assert checks["tools"].fix[0].do == (
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "debootstrap",
        "gnupg",
    )


# What the registry tells

ROW = "sl6\tlatest\tsha256:abc\t2026-11-25T12:00:00\t104\tyes\tme@here\t{}\t{}\tbase=1MB slim=2MB\n"


def told(plugins: Plugins, verb: str, code: int, text: str) -> Status:
    options = OPTIONS.get(verb)
    (fact,) = plugins.ask(ask(plugins, verb, options=options), "facts")
    return plugins.ask(
        ask(plugins, verb, facts=BASE | {fact.name: fact.parse(code, text)}, options=options)
    )


def test_an_image_is_tracked_with_who_made_it_when_and_from_what(plugins: Plugins) -> None:
    found = told(
        plugins,
        "track",
        0,
        ROW.format("f" * 40, "r") + "other\tv1\tsha256:def\t-\t0\tno\t-\t-\t-\t-\nnoise\n",
    )
    first, second = dict(found.fields)["images"]
    assert first == {
        "image": "sl6:latest",
        "made": "2026-11-25T12:00:00",
        "by": "me@here",
        "revision": "f" * 12,
        "packages": "104",
        "sizes": "base=1MB slim=2MB",
        "signed": "yes",
        "digest": "sha256:abc",
    }
    assert (second["image"], second["by"]) == ("other:v1", "-")
    assert told(plugins, "track", 15, "n1:5000 cannot be reached\n") == Status(
        False, (("registry", "n1:5000 cannot be reached"),)
    )


def test_status_says_which_image_is_not_that_of_its_recipe(plugins: Plugins) -> None:
    recipe = steps(plugins)["tree"].unless[-1]
    right = told(plugins, "status", 0, ROW.format("f", recipe))
    assert right == Status(
        True, (("sl6", "as its recipe says, signed, made 2026-11-25T12:00:00, sha256:abc"),)
    )
    old = told(plugins, "status", 0, ROW.format("f", "old"))
    assert old == Status(
        False,
        (
            (
                "sl6",
                "made by another recipe (2026-11-25T12:00:00 by me@here): inv triumf.image.build",
            ),
        ),
    )
    assert told(plugins, "status", 15, "n1:5000 cannot be reached\n") == Status(
        False, (("registry", "n1:5000 cannot be reached"),)
    )
    assert told(plugins, "status", 0, "") == Status(
        False, (("sl6", "not in the registry: inv triumf.image.build"),)
    )


def test_two_images_differ_by_what_came_what_went_and_other_versions(plugins: Plugins) -> None:
    found = told(plugins, "diff", 0, "+bash=5.2\n-bash=5.1\n+less=590\n-nano=1:7\n")
    changed = [{"package": "bash", "old": "5.1", "new": "5.2"}]
    assert dict(found.fields) == {
        "added": ["less 590"],
        "removed": ["nano 1:7"],
        "changed": changed,
    }
    assert told(plugins, "diff", 19, "n1:5000 has no a:latest\n") == Status(
        False, (("registry", "n1:5000 has no a:latest"),)
    )


# Signatures


def test_a_worker_starts_only_from_what_is_signed_where_the_site_asks_for_it(
    plugins: Plugins,
) -> None:
    from fairlead_plugins.triumf.image import signing

    worker = {"names": {"n1": ["vn0317"]}, "signed": True, "signer": "image.pub"}
    given = ask(plugins, "up", section={"worker": worker})
    (step,) = signing.checked(given, "n1:5000/sl6:latest")
    assert (step.name, step.do[3:], step.read_only) == (
        "signature of n1:5000/sl6:latest",
        ("signature", "n1:5000/sl6", "latest"),
        True,
    )
    assert dict(step.exit_messages)[22] == "n1:5000/sl6:latest is not signed: inv triumf.image.sign"
    assert [spec.name for spec in signing.needs(given)] == ["image.pub"]
    assert (
        list(
            signing.checked(
                ask(plugins, "up", section={"worker": worker | {"signed": False}}),
                "n1:5000/sl6:latest",
            )
        )
        == []
    )


@pytest.mark.parametrize(
    ("reference", "pair"),
    [
        ("n1:5000/sl6:v1", ("n1:5000/sl6", "v1")),
        ("n1:5000/sl6", ("n1:5000/sl6", "latest")),
        ("a/b/c:d", ("a/b/c", "d")),
    ],
)
def test_a_port_is_no_tag(plugins: Plugins, reference: str, pair: tuple[str, str]) -> None:
    from fairlead_plugins.triumf.image import signing

    assert signing.split(reference) == pair


def test_keys_go_with_the_program_that_had_them(plugins: Plugins, tmp_path: Path) -> None:
    from fairlead_plugins.triumf.image import signing

    engine = tmp_path / "docker"
    engine.write_text(
        '#!/bin/sh\necho "$GNUPGHOME" >"$0.home"\n[ "$1" != image ] || echo n1:5000/sl6@sha256:abc\n[ "$1" != pull ] || sleep 20\n'
    )
    engine.chmod(0o755)
    home = subprocess.run(
        ["mktemp", "-d"], capture_output=True, text=True, check=True
    ).stdout.strip()
    gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "")
    subprocess.run(
        (*gpg, "--quick-generate-key", "a", "ed25519", "sign", "never"),
        check=True,
        capture_output=True,
    )
    key = subprocess.run((*gpg, "--export-secret-keys"), check=True, capture_output=True).stdout
    subprocess.run(("gpgconf", "--homedir", home, "--kill", "all"), check=True)
    subprocess.run(("rm", "-rf", home), check=True)
    words = ("sh", "-c", signing.CHECK, "signature", "n1:5000/sl6", "latest")
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,
        env=os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        start_new_session=True,
    ) as program:
        assert program.stdin
        program.stdin.write(key)
        program.stdin.close()
        noted = tmp_path / "docker.home"
        while not noted.exists() or not noted.read_text().strip():
            time.sleep(0.05)
        there = Path(noted.read_text().strip())
        assert (there.stat().st_mode & 0o777, any(there.rglob("*.key"))) == (0o700, True)
        os.killpg(program.pid, signal.SIGTERM)
    assert not there.exists()
