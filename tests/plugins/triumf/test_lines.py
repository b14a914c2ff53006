"""TRIUMF's engines and registry as data: lines to the letter, what is refused, and that every host
is
answered."""

import re
import shlex
from base64 import b64decode
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError
from fairlead.model.plan import Secret, Session, argvs
from fairlead.testing import HOSTS, faults, plan_of, plugins_in
from tests.plugins.triumf.tier import OPTIONS, PLUGINS, ask, cases

ARGV = cases("argv")
REFUSED = cases("refused")


@pytest.mark.parametrize("case", ARGV, ids=[case["name"] for case in ARGV])
def test_a_line(plugins: Plugins, case: dict[str, Any]) -> None:
    absent = {"engine": None} if case["component"] == "engine" else {}
    facts = {"packages": case.get("manager", "apt")} | absent | case.get("facts", {})
    question = ask(
        plugins,
        case["component"],
        case["verb"],
        case.get("section", {}),
        facts,
        options=case.get("options"),
    )
    answer = plugins.ask(question)
    argv = (
        answer.argv
        if isinstance(answer, Session)
        else next(step.do for step in plan_of(plugins, question) if step.name == case["step"])
    )
    line = re.sub(r"spec=\w+", "spec=SPEC", shlex.join([*argvs(argv)][-1]))
    assert line[-len(case["ends"]) :] == case["ends"] if "ends" in case else line == case["is"]


@pytest.mark.parametrize(
    "case", REFUSED, ids=[str(case.get("section") or case.get("options")) for case in REFUSED]
)
def test_what_is_no_such_thing_is_refused(plugins: Plugins, case: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        ask(
            plugins,
            case.get("component", "engine"),
            case.get("verb", "up"),
            case.get("section", {}),
            options=case.get("options"),
        )


VERBS = [
    (name, verb)
    for name in ("engine", "registry", "trust", "users")
    for verb in plugins_in(PLUGINS).component("triumf", name).verbs
]


@pytest.mark.parametrize(("component", "verb"), VERBS, ids=[".".join(pair) for pair in VERBS])
@pytest.mark.parametrize("host", HOSTS, ids=[name.replace(" ", "-") for name in HOSTS])
def test_a_site_with_a_registry_is_answered_with_data_or_one_sentence(
    plugins: Plugins, component: str, verb: str, host: str
) -> None:
    question = ask(plugins, component, verb, facts=HOSTS[host], options=OPTIONS.get(verb))
    answer, sentence = None, ""
    try:
        answer = plugins.ask(question)
    except FairleadError as error:
        sentence = str(error)
    assert "\n" not in sentence
    assert list(faults(answer)) == []


def test_which_secrets_are_needed_for_what(plugins: Plugins) -> None:
    named = {
        verb: [
            spec.name
            for spec in plugins.ask(
                ask(plugins, component, name, options=OPTIONS.get(name)), "needs"
            )
            or ()
        ]
        for component, name in (
            ("registry", "up"),
            ("registry", "delete"),
            ("registry", "gc"),
            ("trust", "up"),
            ("users", "add"),
            ("users", "remove"),
        )
        for verb in (f"{component}.{name}",)
    }
    assert named == {
        "registry.up": ["pem", "key", "ca", "t1"],
        "registry.delete": ["t1"],
        "registry.gc": [],
        "trust.up": ["ca", "t1"],
        "users.add": ["t1"],
        "users.remove": [],
    }


@pytest.mark.parametrize("user", ["robot$puller", "gitlab+deploy-token-12", "jdoe@example.org"])
def test_users_of_a_registry_may_be_named_as_registries_name_them(
    plugins: Plugins, user: str
) -> None:
    section = {"registry": {"users": {user: "t1"}, "login": user}}
    steps = {step.name: step for step in plan_of(plugins, ask(plugins, "trust", "up", section))}
    assert user in steps["registry login"].do
    users = {step.name: step for step in plan_of(plugins, ask(plugins, "registry", "up", section))}
    stdin = users["users"].stdin
    assert isinstance(stdin, Secret)
    assert b64decode(stdin.reveal()).startswith(f"{user}:$2b$".encode())
    options = {"user": user}
    assert list(faults(plugins.ask(ask(plugins, "users", "remove", options=options)))) == []
