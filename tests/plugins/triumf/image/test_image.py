"""The verbs of images: which images, which secrets, and what preflight says."""

from collections.abc import Mapping
from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import CommandLineError, FairleadError
from fairlead.model.plan import Phase, Status
from fairlead.testing import BASE, HOSTS, faults, plugins_in
from tests.plugins.triumf.image.builder import ask, steps
from tests.plugins.triumf.tier import PLUGINS


def test_without_a_registry_it_stays_on_the_host(plugins: Plugins) -> None:
    phases = plugins.ask(ask(plugins, "build", section={"registry": None}))
    assert [phase.name for phase in phases if isinstance(phase, Phase)] == ["build"]
    assert phases[0].steps[-1].do[6] == "sl6:latest"
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
    question = ask(plugins, verb, section={"worker": worker}, image={"sign_key": "image.gpg"})
    assert [spec.name for spec in plugins.ask(question, "needs") or ()] == names


OPTIONS: Mapping[str, Any] = {"diff": {"old": "a", "new": "b:two"}}
IMAGE_VERBS = list(plugins_in(PLUGINS).component("triumf", "image").verbs)


@pytest.mark.parametrize("verb", IMAGE_VERBS)
@pytest.mark.parametrize("host", HOSTS, ids=[name.replace(" ", "-") for name in HOSTS])
def test_a_site_with_images_is_answered_with_data_or_one_sentence(
    plugins: Plugins, verb: str, host: str
) -> None:
    question = ask(
        plugins, verb, facts=HOSTS[host], options=OPTIONS.get(verb), image={"sign_key": "image.gpg"}
    )
    answer, sentence = None, ""
    try:
        answer = plugins.ask(question)
    except FairleadError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert list(faults(answer)) == []
    for fact in plugins.ask(question, "facts") or ():
        for code, text in ((127, "sh: not found\n"), (0, ""), (1, "a\tb\n"), (124, "\x00")):
            fact.parse(code, text)


def test_preflight_says_what_building_lacks(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.common.facts import FileSystem

    facts = BASE | {
        "packages": "apt",
        "missing": ("debootstrap", "gpg"),
        "options": ("rw", "nodev"),
        "mount": FileSystem("/", 1024),
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
        "--no-remove",
        "debootstrap",
        "gnupg",
    )
