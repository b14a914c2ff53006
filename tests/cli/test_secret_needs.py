"""What is needed that is secret: how it stands, and what is made of what. No host is asked."""

import os
import re
import time
from pathlib import Path
from typing import Any

import pytest

from fairlead.cli.secret_needs.verb import look
from fairlead.model.errors import CommandLineError, PluginError, SecretError
from fairlead.model.plan import Secret, SecretSpec
from fairlead.runner.request import Common, Request
from fairlead.secrets.store import Store
from tests.driver import Driver
from tests.keys import made  # noqa: F401

DAY = 86400


def ends(value: Secret) -> float:
    """Of a value like `ca 3 90`: the number of days after today on which it ends."""
    try:
        return time.time() + int(value.reveal().split()[-1]) * DAY + 60
    except ValueError:
        raise ValueError("is no certificate") from None


class Smithy:
    """Two components that share a CA, and how often each of its things was made."""

    def __init__(self, tmp_path: Path, keys: Path, modules: Any):
        self.driver, self.numbers, self.fails = Driver(tmp_path, modules), {}, ""
        self.store = Store(
            tmp_path / "secrets", {"FAIRLEAD_IDENTITY": str(keys / "age")}, lambda where: Secret("")
        )
        self.folder = tmp_path / "secrets"
        self.folder.mkdir()
        (self.folder / "recipients").write_text((keys / "age.pub").read_text())
        self.driver.store = lambda: self.store
        ca = SecretSpec(name="ca.key", about="signs", make=self.makes("ca"))
        self.driver.system(
            "smith",
            hosts="n[1-2]",
            server={"needs": lambda ask: self.server(ask, ca)},
            client={"needs": lambda ask: self.client(ca)},
        )

    def makes(self, what: str, days: int = 90) -> Any:
        def make(parts):
            if self.fails == what:
                raise SecretError(what, "cannot be made", "")
            self.numbers[what] = self.numbers.get(what, 0) + 1
            of = [value.reveal().decode().replace(" ", "-") for value in parts.values()]
            return Secret(" ".join([what, str(self.numbers[what]), *of, str(days)]))

        return make

    def server(self, ask, ca):
        yield ca
        name = f"{ask.target.host}.crt"
        yield SecretSpec(
            name=name,
            about="shown",
            path=f"/etc/{name}",
            mode=0o644,
            make=self.makes(name, 20),
            of=("ca.key",),
            ends=ends,
        )
        yield SecretSpec(name="token", path="/etc/token")

    def client(self, ca):
        yield ca
        yield SecretSpec(
            name="client.crt",
            path="/etc/client.crt",
            make=self.makes("client"),
            of=("ca.key",),
            ends=ends,
        )

    def look(self, system: str = "", component: str = "", *hosts: str, **own: Any) -> Any:
        common = {
            name: own.pop(name) for name in ("dry_run", "explain", "fail_on_changed") if name in own
        }
        return look(
            Request(verb="secrets", system=system, component=component),
            self.driver.context(),
            Common(hosts=hosts, **common),
            **own,
        )

    def states(self, *words: str, **own: Any) -> dict[str, str]:
        return {row["name"]: row["state"] for row in self.look(*words, **own).data["secrets"]}

    def value(self, name: str) -> str:
        return self.store.read(name).reveal().decode()


@pytest.fixture
def smithy(tmp_path, made, monkeypatch) -> Smithy:  # noqa: F811
    import sys

    return Smithy(
        tmp_path, made, lambda name, module: monkeypatch.setitem(sys.modules, name, module)
    )


ALL = ("ca.key", "n1.crt", "token", "n2.crt", "client.crt")


def test_what_is_missing_is_told_with_what_to_type_and_ends_with_7(smithy):
    answer = smithy.look()
    assert (answer.code, answer.text.split("\n")) == (
        7,
        [
            "missing: ca.key, n1.crt, n2.crt, client.crt; inv smith.secrets --generate",
            "missing: token; inv secrets.set --name=token",
        ],
    )
    assert [row[:3] for row in answer.listing.rows] == [
        ("ca.key", "smith.server", "missing"),
        ("n1.crt", "smith.server", "missing"),
        ("token", "smith.server", "missing"),
        ("n2.crt", "smith.server", "missing"),
        ("ca.key", "smith.client", "missing"),
        ("client.crt", "smith.client", "missing"),
    ]
    assert smithy.driver.programs("") == {}


def test_those_that_can_be_made_are_made_in_order_and_nothing_that_is_there_is_touched(smithy):
    smithy.store.write("ca.key", Secret("ours 7"))
    answer = smithy.look(generate=True)
    assert answer.text.split("\n") == [
        "missing: token; inv secrets.set --name=token",
        "made: n1.crt, n2.crt, client.crt; commit secrets/, then inv secrets --deliver puts them on the hosts (inv up does too)",
    ]
    assert {name: smithy.value(name) for name in ("ca.key", "n1.crt", "client.crt")} == {
        "ca.key": "ours 7",
        "n1.crt": "n1.crt 1 ours-7 20",
        "client.crt": "client 1 ours-7 90",
    }
    assert (answer.code, answer.data["changed"]) == (7, True)  # token is still missing
    smithy.store.write("token", Secret("x"))
    before = {path: path.read_bytes() for path in smithy.folder.iterdir()}
    again = smithy.look(generate=True)
    assert (
        again.code,
        again.data["changed"],
        {path: path.read_bytes() for path in smithy.folder.iterdir()},
    ) == (0, False, before)


def test_a_scope_makes_its_own_and_what_that_is_made_of(smithy):
    assert smithy.states("smith", "client", generate=True) == {
        "ca.key": "changed",
        "client.crt": "changed",
    }
    assert smithy.states("smith", "server", "n2", generate=True) == {
        "ca.key": "ok",
        "n2.crt": "changed",
        "token": "missing",
    }
    assert smithy.store.names() == ("ca.key", "client.crt", "n2.crt")


@pytest.mark.parametrize(
    "own", [{"generate": True}, {"rotate": True}, {"rotate": True, "name": ("ca.key",)}]
)
@pytest.mark.parametrize("look", ["dry_run", "explain"])
def test_a_dry_run_makes_nothing(smithy, own, look):
    said = smithy.look("smith", "client", **own, **{look: True})
    assert said.data["changed"]
    assert said.text.startswith("would be made: ca.key, ")
    assert (smithy.numbers, smithy.store.names()) == ({}, ())
    assert smithy.look("smith", "client", **own, **{look: True}, fail_on_changed=True).code == 9


def test_leaves_are_made_anew_and_the_ca_stays(smithy):
    smithy.look(generate=True)
    states = smithy.states(rotate=True)
    assert states == {
        "ca.key": "ok",
        "n1.crt": "changed",
        "token": "missing",
        "n2.crt": "changed",
        "client.crt": "changed",
    }
    assert [smithy.value(name) for name in ("ca.key", "client.crt")] == [
        "ca 1 90",
        "client 2 ca-1-90 90",
    ]


def test_what_others_are_made_of_takes_them_along_those_of_other_components_too(smithy):
    smithy.look(generate=True)
    states = smithy.states("smith", "client", rotate=True, name=("ca.key",))
    assert states == {
        "ca.key": "changed",
        "n1.crt": "changed",
        "n2.crt": "changed",
        "client.crt": "changed",
    }
    assert smithy.value("n1.crt") == "n1.crt 2 ca-2-90 20"


def test_a_host_that_is_offline_gets_a_new_one_too(smithy):
    smithy.look(generate=True)
    smithy.driver.offline = "n2"
    assert smithy.states(rotate=True, name=("ca.key",))["n2.crt"] == "changed"


def test_one_is_made_anew_alone(smithy):
    smithy.look(generate=True)
    smithy.look(rotate=True, name=("n1.crt",))
    assert (smithy.numbers["n1.crt"], smithy.numbers["n2.crt"], smithy.numbers["ca"]) == (2, 1, 1)


def test_a_failure_in_the_middle_loses_nothing(smithy):
    smithy.look(generate=True)
    before = {path: path.read_bytes() for path in smithy.folder.iterdir()}
    smithy.fails = "client"
    with pytest.raises(SecretError, match="client: cannot be made"):
        smithy.look(rotate=True, name=("ca.key",))
    assert {path: path.read_bytes() for path in smithy.folder.iterdir()} == before


def test_an_error_of_whoever_makes_them_holds_no_value(smithy):
    smithy.store.write("ca.key", Secret("Pb5-the-key-of-a-ca 7"))

    def make(parts):
        raise KeyError(f"no such thing as {parts['ca.key'].reveal().decode()}")

    smithy.driver.system(
        "ring", one={"needs": lambda ask: [SecretSpec(name="a", make=make, of=("ca.key",))]}
    )
    with pytest.raises(KeyError) as raised:
        smithy.look("ring", generate=True)
    assert raised.value.args == ("no such thing as ***",)


def test_a_disk_that_is_full_loses_nothing(smithy, monkeypatch):
    smithy.look(generate=True)
    before = {path: path.read_bytes() for path in smithy.folder.iterdir()}
    left = iter([None, None, OSError(28, "No space left on device")])

    def full(descriptor):
        if error := next(left):
            raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretError, match="cannot be written: No space left on device"):
        smithy.look(rotate=True, name=("ca.key",))
    assert {path: path.read_bytes() for path in smithy.folder.iterdir()} == before


@pytest.mark.parametrize("own", [{"generate": True}, {"rotate": True, "name": ("client.crt",)}])
def test_a_ca_that_is_gone_is_not_made_anew_in_silence(smithy, own):
    smithy.look(generate=True)
    (smithy.folder / "ca.key.age").unlink()
    smithy.store._read.clear()
    with pytest.raises(SecretError) as refused:
        smithy.look("smith", "client", **own)
    assert str(refused.value) == (
        f"secrets/ca.key: is missing, but what was made of it is there and would not fit a new one: "
        f"{'client.crt, ' * ('generate' in own)}n1.crt, n2.crt; "
        "bring it back (git, another store), or make all anew: --rotate --name=ca.key"
    )
    assert smithy.states(rotate=True, name=("ca.key",))["n1.crt"] == "changed"


def test_what_ends_soon_or_has_ended_is_told_and_ends_with_7(smithy):
    smithy.store.write("token", Secret("x"))
    smithy.look(generate=True)
    assert (smithy.look().code, smithy.look(fail_within="2w").code) == (0, 0)
    ending = smithy.look(fail_within="30d")
    day = time.strftime("%Y-%m-%d", time.gmtime(ends(Secret("20"))))
    assert (ending.code, ending.text.splitlines()[0]) == (
        7,
        f"secrets/n1.crt: ends on {day}; inv smith.secrets --rotate --name=n1.crt",
    )
    assert dict(ending.listing.rows[1][3])["ends"] == f"{day} (20 days)"
    smithy.store.write("n1.crt", Secret("old -2"))
    expired = smithy.look()
    assert (
        expired.code,
        expired.data["secrets"][1]["state"],
        expired.data["secrets"][1]["days"],
    ) == (7, "expired", -2)
    assert re.fullmatch(
        r"secrets/n1.crt: has expired on [-0-9]{10}; inv smith.secrets --rotate --name=n1.crt",
        expired.text,
    )


def test_what_cannot_be_opened_or_used_is_told_beside_the_others(smithy):
    smithy.store.write("token", Secret("x"))
    smithy.look(generate=True)
    (smithy.folder / "token.age").write_text("password: x")
    smithy.store._read.clear()
    smithy.store.write("client.crt", Secret("no number"))
    said = smithy.look()
    assert (said.code, {row["name"]: row["state"] for row in said.data["secrets"]}) == (
        7,
        {
            "ca.key": "ok",
            "n1.crt": "ok",
            "token": "closed",
            "n2.crt": "ok",
            "client.crt": "unusable",
        },
    )
    assert said.text.splitlines() == [
        "secrets/token: is no age file; inv secrets.set --name=token",
        "secrets/client.crt: is no certificate; inv smith.secrets --rotate --name=client.crt",
    ]


def test_no_value_is_shown(smithy):
    smithy.store.write("token", Secret("Tk4-this-is-a-token-of-ours"))
    said = smithy.look(generate=True)
    assert [
        value for value in ("Tk4-this-is", "ca 1", "client 1 ca-1") if value in repr(said)
    ] == []


REFUSED = {
    "both": (
        {"generate": True, "rotate": True},
        "--rotate: was given with --generate; give one of the two: --rotate makes anew what is there",
    ),
    "unknown": (
        {"name": ("nix",)},
        f"--name: nothing here needs a secret 'nix'; there are {', '.join(ALL)}",
    ),
    "given": (
        {"rotate": True, "name": ("token",)},
        "--name: token is not made by fairlead; give it a new value: inv secrets.set --name=token",
    ),
    "soon": (
        {"fail_within": "soon"},
        "--fail-within: 'soon' is no duration; write 30s, 5m, 1h, 2d, 4w or plain seconds",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_wish_is_one_sentence(smithy, case):
    own, says = REFUSED[case]
    with pytest.raises(CommandLineError) as refused:
        smithy.look(**own)
    assert str(refused.value) == says


def test_a_circle_is_the_plugins_fault(smithy):
    def circle(ask):
        yield SecretSpec(name="a", make=smithy.makes("a"), of=("b",))
        yield SecretSpec(name="b", make=smithy.makes("b"), of=("a",))

    smithy.driver.system("ring", one={"needs": circle})
    with pytest.raises(
        PluginError,
        match=r"the secret [ab]: is made of itself: [ab] of [ab] of [ab]; mend its `of`",
    ):
        smithy.look("ring", generate=True)


def test_a_part_that_nobody_can_make_is_asked_for(smithy):
    smithy.driver.system(
        "ring",
        one={
            "needs": lambda ask: [
                SecretSpec(name="a", path="/a", make=smithy.makes("a"), of=("given",))
            ]
        },
    )
    with pytest.raises(
        SecretError, match="secrets/given: there is no such secret; inv secrets.set --name=given"
    ):
        smithy.look("ring", generate=True)


def test_where_nothing_is_secret_it_is_said(smithy):
    smithy.driver.system("open", one={"needs": lambda ask: []})
    answer = smithy.look("open")
    assert (answer.text, answer.code, answer.listing.rows) == ("no secrets are needed here", 0, ())


# Other stores


def stores(**known: Any) -> Any:
    """What the plugins of a world answer, store by store."""

    def read(store, name, means):
        found = known[store].get(name)
        return found(means) if callable(found) else found

    return read


def asked(smithy: Smithy, monkeypatch: pytest.MonkeyPatch, **known: Any) -> None:
    site = smithy.driver.site
    monkeypatch.setattr(smithy.driver.plugins, "read_secret", stores(**known))
    from msgspec.structs import replace

    monkeypatch.setattr(smithy.driver, "site", lambda: replace(site(), stores=dict.fromkeys(known)))


def test_the_age_file_comes_first_then_the_stores_in_the_order_of_the_site(smithy, monkeypatch):
    asked(
        smithy,
        monkeypatch,
        first={"token": None, "ca.key": Secret("theirs")},
        second={"token": Secret("s"), "ca.key": Secret("never")},
    )
    smithy.store.write("client.crt", Secret("here 50"))
    sources = {row["name"]: row["source"] for row in smithy.look().data["secrets"]}
    assert sources == {
        "ca.key": "first",
        "n1.crt": "",
        "token": "second",
        "n2.crt": "",
        "client.crt": "age file",
    }
    smithy.look(generate=True)
    assert smithy.value("n1.crt") == "n1.crt 1 theirs 20"
    assert smithy.store.names() == ("client.crt", "n1.crt", "n2.crt")


def test_what_another_store_holds_is_renewed_there(smithy, monkeypatch):
    asked(smithy, monkeypatch, vault={"ca.key": Secret("theirs"), "client.crt": Secret("theirs 9")})
    assert smithy.states("smith", "client", rotate=True) == {"ca.key": "ok", "client.crt": "ok"}
    with pytest.raises(
        SecretError,
        match="secrets/ca.key: comes from the store 'vault'; renew it there, or take it away there",
    ):
        smithy.look("smith", "client", rotate=True, name=("ca.key",))


def test_what_cannot_be_opened_is_not_made_anew(smithy):
    smithy.look(generate=True)
    (smithy.folder / "client.crt.age").write_text("damaged")
    smithy.store._read.clear()
    assert smithy.states("smith", "client", rotate=True) == {"ca.key": "ok", "client.crt": "closed"}
    says = "secrets/client.crt: is not made anew, for it cannot be opened; inv secrets says why; if it is lost, take its file away"
    with pytest.raises(SecretError, match=says):
        smithy.look(rotate=True, name=("ca.key",))


def test_a_store_that_fails_is_told_and_a_verb_that_needs_none_goes_on(smithy, monkeypatch):
    def fails(means):
        raise SecretError("secrets/token", "vault ended with 2", "run it by hand")

    asked(
        smithy,
        monkeypatch,
        vault={"token": fails, "ca.key": lambda means: means.run(("echo", "Rn2-printed"), 5)[1]},
    )
    assert smithy.states("smith", "server", "n1") == {
        "ca.key": "ok",
        "n1.crt": "missing",
        "token": "closed",
    }
    context = smithy.driver.context()
    context.register_quietly(ALL)  # runs no program, and so knows none
    assert context.redactor.cut("Rn2-printed") == "Rn2-printed"
    assert context.secret("ca.key") == Secret("Rn2-printed\n")
    assert context.redactor.cut("Rn2-printed") == "***"
