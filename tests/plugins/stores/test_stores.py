"""Stores of secrets besides the age store: the two that fairlead brings, and what a store of one's
own has to be."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

from fairlead.contract.hookspecs import hookimpl
from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import PluginError, SecretError, SiteError
from fairlead.model.plan import Secret, StoreAccess
from fairlead.runner.context import _no_program, _program

PASS = Path(__file__).parent / "shell/pass.sh"


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A store with two secrets."""
    program = tmp_path / "pass"
    program.write_bytes(PASS.read_bytes())
    program.chmod(0o755)
    (tmp_path / "pass.d" / "fairlead").mkdir(parents=True)
    (tmp_path / "pass.d" / "fairlead" / "daos.ca").write_text("a line\n")
    (tmp_path / "pass.d" / "fairlead" / "pem").write_text("two\nlines\n")
    return program


def read(
    plugins: Plugins, store: str, name: str, settings: Any = None, **environment: str
) -> Secret | None:
    """What a store answers, by the means that the core gives it."""
    value = msgspec.convert(settings or {}, plugins.settings()[store])
    access = StoreAccess(
        value,
        lambda variable: Secret(environment[variable]) if environment.get(variable) else None,
        _program,
    )
    return plugins.read_secret(store, name, access)


def test_a_variable_is_a_secret(plugins):
    environment = {"FAIRLEAD_SECRET_DAOS_CA": "one\n", "FAIRLEAD_SECRET_EMPTY": ""}
    value = [
        read(plugins, "environment", name, **environment)
        for name in ("daos.ca", "daos-ca", "empty", "other")
    ]
    assert value == [Secret("one\n"), Secret("one\n"), None, None]


def test_a_command_prints_a_secret(plugins, command):
    settings = {"argv": [str(command), "show", "fairlead/%"]}
    value = [read(plugins, "command", name, settings) for name in ("daos.ca", "pem", "other")]
    assert value == [Secret("a line"), Secret("two\nlines\n"), None]


REFUSED = {
    "locked": (
        "secrets/locked: PASS show fairlead/locked ended with 2: "
        "gpg: decryption failed: No secret key; run it by hand to see why"
    ),
    "slow": (
        "secrets/slow: PASS show fairlead/slow ended with 124: it was ended after 0.3 s; "
        "run it by hand to see why"
    ),
    "daos.ca": (
        "secrets/daos.ca: /nowhere/pass ended with 127: /nowhere/pass: No such file or directory; "
        "run it by hand to see why"
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_command_that_fails_is_one_sentence(plugins, command, name):
    argv = ["/nowhere/pass"] if name == "daos.ca" else [str(command), "show", "fairlead/%"]
    with pytest.raises(SecretError) as refused:
        read(plugins, "command", name, {"argv": argv, "timeout": 0.3})
    assert str(refused.value).replace(str(command), "PASS") == REFUSED[name]


def test_no_shell_reads_the_words(plugins):
    assert read(plugins, "command", "x", {"argv": ["echo", "$HOME; id", "`id`", "a %"]}) == Secret(
        "$HOME; id `id` a x"
    )


def test_quietly_no_program_is_run():
    with pytest.raises(SecretError, match="pass: is not run for this"):
        _no_program(("pass",), 1)


def test_a_site_switches_them_on_in_its_order(plugins, tmp_path):
    (tmp_path / "s.yml").write_text(
        "hosts: {n1: {}}\nsecrets:\n  command: {argv: [vault, kv, get, fairlead/%], "
        "timeout: 5}\n  environment:\n"
    )
    value = site.load(tmp_path / "s.yml", plugins.systems, plugins.settings()).stores
    assert (list(value), value["command"].argv, value["command"].absent) == (
        ["command", "environment"],
        ("vault", "kv", "get", "fairlead/%"),
        (1,),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "secrets: {comand: {}}",
            (
                "s.yml:2: secrets.comand: no such store; did you mean command? known: "
                "environment, command"
            ),
        ),
        (
            "secrets: {environment: {x: 1}}",
            "s.yml:2: secrets.environment: no such key 'x'; known: none",
        ),
        (
            "secrets: {command: {argv: pass}}",
            "s.yml:2: secrets.command.argv: wanted a list, found the text 'pass'",
        ),
        (
            "secrets: [environment]",
            "s.yml:2: secrets: wanted a map, found a list; "
            "write {KEY: VALUE}, or below it lines `KEY: VALUE` that begin further right",
        ),
    ],
)
def test_a_wrong_store_is_one_sentence(plugins, tmp_path, monkeypatch, text, says):
    monkeypatch.chdir(tmp_path)
    Path("s.yml").write_text(f"hosts: {{n1: {{}}}}\n{text}\n")
    with pytest.raises(SiteError) as refused:
        site.load(Path("s.yml"), plugins.systems, plugins.settings())
    assert str(refused.value).startswith(says)


# Stores of one's own


def package(monkeypatch: pytest.MonkeyPatch, **own: Any) -> ModuleType:
    """A plugin package with one store, `vault`, of these functions and types."""
    made, vault = ModuleType("vaults"), ModuleType("vaults.vault")
    made.stores = ("vault",)
    for name, value in own.items():
        setattr(vault, name, value)
    monkeypatch.setitem(sys.modules, "vaults.vault", vault)
    return made


class Settings(msgspec.Struct):
    """Nothing."""


def test_a_package_brings_a_store(monkeypatch):
    plugins = Plugins()
    plugins.add(
        package(
            monkeypatch,
            Settings=Settings,
            read_secret=hookimpl(lambda name: Secret(name.upper()) if name == "a" else None),
        )
    )
    assert [read(plugins, "vault", name) for name in "ab"] == [Secret("A"), None]


def test_a_store_that_is_none_is_refused(monkeypatch):
    with pytest.raises(
        PluginError, match=r"a store has a read_secret\(\) and its Settings; see docs/secrets.md"
    ):
        Plugins().add(package(monkeypatch, Settings=Settings))
    plugins = Plugins()
    plugins.add(package(monkeypatch, Settings=Settings, read_secret=hookimpl(lambda name: name)))
    with pytest.raises(
        PluginError, match=r"store vault: read_secret\(\) returned a str; return a Secret, or None"
    ):
        read(plugins, "vault", "a")
