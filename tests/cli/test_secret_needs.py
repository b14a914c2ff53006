"""Which secrets are needed: their state, and what is made of what. No host is asked."""

import os
import re
import time

import pytest

from fairlead.model.errors import CommandLineError, PluginError, SecretError
from fairlead.model.plan import Secret, SecretSpec
from tests.cli.smithy import ends

ALL = ("ca.key", "n1.crt", "token", "n2.crt", "client.crt")


def test_what_is_missing_is_told_with_what_to_type_and_ends_with_7(smithy):
    answer = smithy.show_secrets()
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
    answer = smithy.show_secrets(generate=True)
    assert answer.text.split("\n") == [
        "missing: token; inv secrets.set --name=token",
        "made: n1.crt, n2.crt, client.crt; commit secrets/, then inv secrets --deliver "
        "puts them on the hosts (inv up does too)",
    ]
    assert {name: smithy.value(name) for name in ("ca.key", "n1.crt", "client.crt")} == {
        "ca.key": "ours 7",
        "n1.crt": "n1.crt 1 ours-7 20",
        "client.crt": "client 1 ours-7 90",
    }
    assert (answer.code, answer.data["changed"]) == (7, True)  # token is still missing
    smithy.store.write("token", Secret("x"))
    before = {path: path.read_bytes() for path in smithy.folder.iterdir()}
    second = smithy.show_secrets(generate=True)
    assert (second.code, second.data["changed"]) == (0, False)
    assert {path: path.read_bytes() for path in smithy.folder.iterdir()} == before


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
@pytest.mark.parametrize("option", ["dry_run", "explain"])
def test_a_dry_run_makes_nothing(smithy, own, option):
    flags = {**own, option: True}
    result = smithy.show_secrets("smith", "client", **flags)
    assert result.data["changed"]
    assert result.text.startswith("would be made: ca.key, ")
    assert (smithy.numbers, smithy.store.names()) == ({}, ())
    assert smithy.show_secrets("smith", "client", **flags, fail_on_changed=True).code == 9


def test_leaves_are_made_anew_and_the_ca_stays(smithy):
    smithy.show_secrets(generate=True)
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
    smithy.show_secrets(generate=True)
    states = smithy.states("smith", "client", rotate=True, name=("ca.key",))
    assert states == {
        "ca.key": "changed",
        "n1.crt": "changed",
        "n2.crt": "changed",
        "client.crt": "changed",
    }
    assert smithy.value("n1.crt") == "n1.crt 2 ca-2-90 20"


def test_a_host_that_is_offline_gets_a_new_one_too(smithy):
    smithy.show_secrets(generate=True)
    smithy.driver.offline = "n2"
    assert smithy.states(rotate=True, name=("ca.key",))["n2.crt"] == "changed"


def test_one_is_made_anew_alone(smithy):
    smithy.show_secrets(generate=True)
    smithy.show_secrets(rotate=True, name=("n1.crt",))
    assert (smithy.numbers["n1.crt"], smithy.numbers["n2.crt"], smithy.numbers["ca"]) == (2, 1, 1)


def test_a_failure_in_the_middle_loses_nothing(smithy):
    smithy.show_secrets(generate=True)
    before = {path: path.read_bytes() for path in smithy.folder.iterdir()}
    smithy.fails = "client"
    with pytest.raises(SecretError, match="client: cannot be made"):
        smithy.show_secrets(rotate=True, name=("ca.key",))
    assert {path: path.read_bytes() for path in smithy.folder.iterdir()} == before


def test_an_error_of_whoever_makes_them_holds_no_value(smithy):
    smithy.store.write("ca.key", Secret("Pb5-the-key-of-a-ca 7"))

    def make(parts):
        raise KeyError(f"no such thing as {parts['ca.key'].reveal().decode()}")

    smithy.driver.system(
        "ring", one={"needs": lambda ask: [SecretSpec(name="a", make=make, of=("ca.key",))]}
    )
    with pytest.raises(KeyError) as raised:
        smithy.show_secrets("ring", generate=True)
    assert raised.value.args == ("no such thing as ***",)


def test_a_disk_that_is_full_loses_nothing(smithy, monkeypatch):
    smithy.show_secrets(generate=True)
    before = {path: path.read_bytes() for path in smithy.folder.iterdir()}
    results = iter([None, None, OSError(28, "No space left on device")])

    def full(descriptor):
        if error := next(results):
            raise error

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SecretError, match="cannot be written: No space left on device"):
        smithy.show_secrets(rotate=True, name=("ca.key",))
    assert {path: path.read_bytes() for path in smithy.folder.iterdir()} == before


@pytest.mark.parametrize("own", [{"generate": True}, {"rotate": True, "name": ("client.crt",)}])
def test_a_ca_that_is_gone_is_not_made_anew_in_silence(smithy, own):
    smithy.show_secrets(generate=True)
    (smithy.folder / "ca.key.age").unlink()
    smithy.store._read.clear()
    with pytest.raises(SecretError) as refused:
        smithy.show_secrets("smith", "client", **own)
    orphans = "client.crt, n1.crt, n2.crt" if "generate" in own else "n1.crt, n2.crt"
    assert str(refused.value) == (
        "secrets/ca.key: is missing, but what was made of it is there and would not fit a new one: "
        f"{orphans}; "
        "bring it back (git, another store), or make all anew: --rotate --name=ca.key"
    )
    assert smithy.states(rotate=True, name=("ca.key",))["n1.crt"] == "changed"


def test_what_ends_soon_or_has_ended_is_told_and_ends_with_7(smithy):
    smithy.store.write("token", Secret("x"))
    smithy.show_secrets(generate=True)
    assert (smithy.show_secrets().code, smithy.show_secrets(fail_within="2w").code) == (0, 0)
    ending = smithy.show_secrets(fail_within="30d")
    day = time.strftime("%Y-%m-%d", time.gmtime(ends(Secret("20"))))
    assert (ending.code, ending.text.splitlines()[0]) == (
        7,
        f"secrets/n1.crt: ends on {day}; inv smith.secrets --rotate --name=n1.crt",
    )
    assert dict(ending.listing.rows[1][3])["ends"] == f"{day} (20 days)"
    smithy.store.write("n1.crt", Secret("old -2"))
    expired = smithy.show_secrets()
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
    smithy.show_secrets(generate=True)
    (smithy.folder / "token.age").write_text("password: x")
    smithy.store._read.clear()
    smithy.store.write("client.crt", Secret("no number"))
    result = smithy.show_secrets()
    assert (result.code, {row["name"]: row["state"] for row in result.data["secrets"]}) == (
        7,
        {
            "ca.key": "ok",
            "n1.crt": "ok",
            "token": "closed",
            "n2.crt": "ok",
            "client.crt": "unusable",
        },
    )
    assert result.text.splitlines() == [
        "secrets/token: is no age file; inv secrets.set --name=token",
        "secrets/client.crt: is no certificate; inv smith.secrets --rotate --name=client.crt",
    ]


def test_what_up_would_refuse_is_unusable_here_too(smithy):
    """It opens, it ends some day, and belongs to another authority."""
    smithy.store.write("token", Secret("x"))
    smithy.show_secrets(generate=True)
    smithy.store.write("client.crt", Secret("client 1 ca-of-others 90"))
    result = smithy.show_secrets("smith", "client")
    assert (result.code, {row["name"]: row["state"] for row in result.data["secrets"]}) == (
        7,
        {"ca.key": "ok", "client.crt": "unusable"},
    )
    assert result.text == (
        "secrets/client.crt: is signed by another authority; "
        "inv smith.secrets --rotate --name=client.crt"
    )
    smithy.show_secrets("smith", "client", rotate=True)
    assert smithy.states("smith", "client") == {"ca.key": "ok", "client.crt": "ok"}


def test_no_value_is_shown(smithy):
    smithy.store.write("token", Secret("Tk4-this-is-a-token-of-ours"))
    result = smithy.show_secrets(generate=True)
    assert [
        value for value in ("Tk4-this-is", "ca 1", "client 1 ca-1") if value in repr(result)
    ] == []


REFUSED = {
    "both": (
        {"generate": True, "rotate": True},
        "--rotate: was given with --generate; "
        "give one of the two: --rotate makes anew what is there",
    ),
    "unknown": (
        {"name": ("nix",)},
        f"--name: nothing here needs a secret 'nix'; there are {', '.join(ALL)}",
    ),
    "not made here": (
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
        smithy.show_secrets(**own)
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
        smithy.show_secrets("ring", generate=True)


def test_a_part_that_nobody_can_make_is_asked_for(smithy):
    smithy.driver.system(
        "ring",
        one={
            "needs": lambda ask: [
                SecretSpec(name="a", path="/a", make=smithy.makes("a"), of=("other",))
            ]
        },
    )
    with pytest.raises(
        SecretError, match="secrets/other: there is no such secret; inv secrets.set --name=other"
    ):
        smithy.show_secrets("ring", generate=True)


def test_where_nothing_is_secret_it_is_said(smithy):
    smithy.driver.system("open", one={"needs": lambda ask: []})
    answer = smithy.show_secrets("open")
    assert (answer.text, answer.code, answer.listing.rows) == ("no secrets are needed here", 0, ())
