"""Secrets on their way to hosts that are real shells.

Nothing is done without them, and they stand nowhere but where they belong.
"""

import base64
import getpass
import grp
import json
import os
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from fairlead.model.errors import SecretError
from fairlead.model.plan import Check, Secret, SecretSpec, Session, Step
from fairlead.operations.files import SecretFile, secrets
from fairlead.output import journal
from tests.driver import Driver
from tests.machine import tree

pytestmark = pytest.mark.slow

MARKER = "Xw5-a-marker-that-nothing-else-says"
OWNER = f"{getpass.getuser()}:{grp.getgrgid(os.getegid()).gr_name}"


class Store:
    """A store that knows one secret."""

    def __init__(self, **known: str):
        self.known, self.read_ = known, []

    def __contains__(self, name: str) -> bool:
        return name in self.known

    def read(self, name: str, quietly: bool = False) -> Secret:
        self.read_.append((name, quietly))
        if name not in self.known:
            raise SecretError(
                f"secrets/{name}", "there is no such secret", f"inv secrets.set --name={name}"
            )
        return Secret(self.known[name])


@pytest.fixture
def driver(driver: Driver) -> Driver:
    """It has a store of secrets with one secret; a test may put another store in `kept`."""
    driver.store = lambda: driver.kept
    driver.kept = Store(pw=MARKER)
    return driver


def needs(ask):
    return [SecretSpec(name="pw", path="/pw")] if ask.verb in ("up", "secrets") else []


def put(folder: Path):
    """A verb that puts the secret into a file of each host's own; `more` are steps behind it."""

    def verb(ask, *more):
        return [
            secrets(
                [SecretFile(f"{folder}/{ask.target.host}/pw", ask.secrets["pw"], owner=OWNER)],
                name="pw",
            ),
            *more,
        ]

    return verb


def states(result):
    return {row.host: row.state for row in result.hosts}


def test_a_secret_is_put_once_and_again_when_it_has_changed(driver, tmp_path):
    driver.system(one={"needs": needs, "up": put(tmp_path)})
    assert states(driver.perform("up")) == dict.fromkeys(("n1", "n2", "n3"), "changed")
    assert (tmp_path / "n2/pw").read_text() == MARKER
    assert states(driver.perform("up", dry_run=True)) == dict.fromkeys(("n1", "n2", "n3"), "ok")
    assert states(driver.perform("up")) == dict.fromkeys(("n1", "n2", "n3"), "ok")
    driver.kept = Store(pw="another-one")
    assert states(driver.perform("up", dry_run=True)) == dict.fromkeys(
        ("n1", "n2", "n3"), "would-change"
    )
    assert (tmp_path / "n2/pw").read_text() == MARKER
    assert states(driver.perform("up")) == dict.fromkeys(("n1", "n2", "n3"), "changed")
    assert (tmp_path / "n2/pw").read_text() == "another-one"


def test_one_that_can_be_made_says_so_where_it_is_missing(driver, tmp_path):
    driver.kept = Store()
    driver.system(
        one={
            "needs": lambda ask: [
                SecretSpec(name="pw", path="/pw", make=lambda parts: Secret("x"))
            ],
            "up": put(tmp_path),
        }
    )
    with pytest.raises(
        SecretError, match="secrets/pw: there is no such secret; inv toy.secrets --generate"
    ):
        driver.perform("up")


def test_a_missing_secret_ends_everything_before_the_first_connection(driver, tmp_path):
    driver.kept = Store()
    driver.system(
        "first", one={"up": lambda ask: [Step(name="a", do=("touch", f"{tmp_path}/touched"))]}
    )
    driver.system("second", one={"needs": needs, "up": put(tmp_path)})
    with pytest.raises(SecretError) as refused:
        driver.perform("up", "")
    assert (str(refused.value), refused.value.code) == (
        "secrets/pw: there is no such secret; inv secrets.set --name=pw",
        7,
    )
    assert (driver.programs(""), (tmp_path / "touched").exists()) == ({}, False)


def test_for_a_verb_that_needs_none_what_opens_unasked_is_read_to_be_cut(driver, tmp_path):
    driver.system(
        one={
            "needs": needs,
            "up": put(tmp_path),
            "down": lambda ask: [],
            "logs": lambda ask: Session(("echo", f"it said {MARKER}")),
        }
    )
    for verb in ("down", "logs"):
        driver.perform(verb)
    assert {quietly for _, quietly in driver.kept.read_} == {True}
    assert pieces(repr(driver.watcher.events)) == []
    assert repr(driver.watcher.events).count("it said ***") == 3


def test_what_does_not_open_unasked_stops_no_verb_that_needs_none(driver):
    driver.kept = Store()
    driver.system(one={"needs": needs, "logs": lambda ask: Session(("echo", "well"))})
    assert states(driver.perform("logs")) == dict.fromkeys(("n1", "n2", "n3"), "ok")


def test_those_that_land_nowhere_are_not_read_to_be_delivered(driver, tmp_path):
    def both(ask):
        return [SecretSpec(name="pw", path="/pw"), SecretSpec(name="ca.key")]

    driver.system(one={"needs": both, "secrets": put(tmp_path)}, hosts="n1")
    assert states(driver.perform("secrets")) == {"n1": "changed"}
    assert (tmp_path / "n1/pw").read_text() == MARKER
    assert {name for name, quietly in driver.kept.read_ if not quietly} == {"pw"}


def test_preflight_says_which_secrets_up_would_not_get(driver, tmp_path):
    driver.system(
        one={
            "needs": needs,
            "up": put(tmp_path),
            "preflight": lambda ask: [
                Check(name="held", ok="pw" in ask.secrets, wanted="pw", found="")
            ],
        }
    )
    assert [
        (check["name"], check["ok"]) for check in driver.perform("preflight").hosts[0].checks
    ] == [("held", True)]
    driver.kept = Store()
    result = driver.perform("preflight")
    assert [(check["name"], check["ok"], check["found"]) for check in result.hosts[0].checks] == [
        ("secrets/pw", False, "there is no such secret"),
        ("held", False, ""),
    ]
    assert {row.code for row in result.hosts} == {4}


def test_one_that_can_be_made_blocks_no_preflight(driver, tmp_path):
    """It may be made after it, in one chain; until then `up` ends before any host is asked."""
    driver.kept = Store()
    made = [SecretSpec(name="pw", path="/pw", make=lambda parts: Secret("x"))]
    driver.system(one={"needs": lambda ask: made, "up": put(tmp_path), "preflight": lambda ask: []})
    result = driver.perform("preflight")
    (check,) = result.hosts[0].checks
    assert (result.code, check["ok"], check["blocks"], check["remedy"]) == (
        0,
        False,
        False,
        "inv toy.secrets --generate",
    )


def test_a_fix_that_reads_a_secret_is_done_though_another_is_missing(driver, tmp_path):
    specs = [SecretSpec(name="pw", path="/pw"), SecretSpec(name="other", path="/other")]
    write = ("sh", "-c", 'cat >"$1"', "write", f"{tmp_path}/pw")

    def preflight(ask):
        step = Step(name="write", do=write, stdin=ask.secrets["pw"], sensitive=True)
        yield Check(name="pw", ok=False, wanted="it", found="none", remedy="write it", fix=(step,))

    driver.system(one={"needs": lambda ask: specs, "preflight": preflight}, hosts="n1")
    driver.perform("preflight", fix=("safe",))
    assert (tmp_path / "pw").read_text() == MARKER


def test_it_stands_nowhere_but_where_it_belongs(driver, tmp_path, monkeypatch):
    """A marker is planted, programs print it in every way they can, and a run fails over it.

    Then everything that was shown or written is searched.
    """
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "here"))
    chatty = Step(
        name="says it",
        do=(
            "sh",
            "-c",
            'cat "$1/pw"; base64 <"$1/pw"; tail -c 20 "$1/pw"; exit 1',
            "say",
            f"{tmp_path}/n1",
        ),
        sensitive=False,
    )
    base = put(tmp_path)
    driver.system(
        one={"needs": needs, "up": base, "secrets": lambda ask: base(ask, chatty)}, hosts="n1"
    )
    watched = [driver.watcher, journal.Journal(tmp_path / "journal")]
    monkeypatch.setattr(driver, "watcher", driver.watcher)
    context = driver.context
    monkeypatch.setattr(driver, "context", lambda: with_observers(context(), watched))
    results = [
        driver.perform("up"),
        driver.perform("up", dry_run=True),
        driver.perform("up", explain=True),
        driver.perform("secrets"),
    ]
    assert [result.code for result in results] == [0, 0, 0, 1]
    assert "***" in results[-1].hosts[0].error
    shown = (
        repr(driver.watcher.events)
        + repr(results)
        + json.dumps(msgspec.to_builtins(results))
        + repr(driver.watcher.printed)
    )
    assert pieces(shown) == []
    assert pieces((tmp_path / "journal").read_text()) == []


def test_on_the_host_it_lies_in_its_file_alone(driver, tmp_path):
    driver.system(one={"needs": needs, "up": put(tmp_path / "etc")}, hosts="n1")
    for _ in range(2):
        driver.perform("up")
    files = {
        name: data.decode("utf-8", "replace")
        for name, data in tree(driver["n1"].folder).items()
        if data
    }
    assert len(files) > 5
    assert {name: pieces(text) for name, text in files.items() if pieces(text)} == {}
    assert (tmp_path / "etc/n1/pw").read_text() == MARKER
    assert not [
        path
        for path in Path("/dev/shm").glob("tmp.*")
        if any("stdin" in file.name for file in path.iterdir())
    ]


def pieces(text: str) -> list[str]:
    """The marker, whole, in part and in base64, as far as it stands in a text."""
    parts = [MARKER[at : at + 12] for at in range(len(MARKER) - 11)]
    parts += [
        base64.b64encode(f"{lead}{MARKER}".encode()).decode()[4:20] for lead in ("", "x", "xy")
    ]
    return [part for part in parts if part in text]


def with_observers(context, observers):
    context.observers = tuple(observers)
    return context


def test_without_a_store_it_is_said_in_words(driver, tmp_path):
    driver.store = None
    driver.system(one={"needs": needs, "up": put(tmp_path)})
    with pytest.raises(
        SecretError, match="secrets/pw: there is no secret store here; run inv in an ops repository"
    ):
        driver.perform("up")


def test_an_ask_shows_no_secret():
    assert MARKER not in repr(SimpleNamespace(secrets={"pw": Secret(MARKER)}))


def test_a_secret_that_no_host_could_use_ends_all_before_the_first_component_changes(
    driver, tmp_path
):
    """Both bad ones are told, with what they have to fit at hand; preflight and down go on."""

    def need(name, *fits):
        def check(secrets, now):
            if now < 1e9 or len(secrets) < len(fits):
                raise AssertionError("a time and all values are there")
            if secrets[name].reveal() != b"fine":
                raise SecretError(f"secrets/{name}", "is no tarball", "inv toy.secrets --rotate")

        spec = SecretSpec(name=name, path=f"/{name}", check=check, fits=fits)
        return lambda ask: [spec, *(SecretSpec(name=other, path="/ca") for other in fits)]

    driver.kept = Store(server="fine", agent="bad", admin="bad", ca="ca")
    touch = [Step(name="touch", do=("touch", f"{tmp_path}/touched"))]
    for name, fits in (("server", ()), ("agent", ("ca",)), ("admin", ())):
        driver.system(name, one={"needs": need(name, *fits), "up": lambda ask: touch})
    for dry_run in (True, False):
        with pytest.raises(SecretError) as refused:
            driver.perform("up", "", dry_run=dry_run)
        assert (str(refused.value), refused.value.code) == (
            "secrets/agent: is no tarball; secrets/admin: is no tarball; inv toy.secrets --rotate",
            7,
        )
    assert (driver.programs(""), (tmp_path / "touched").exists()) == ({}, False)
    driver.kept = Store(server="fine", agent="fine", admin="fine", ca="ca")
    assert driver.perform("up", "").code == 0
