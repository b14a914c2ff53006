"""Secrets that other stores than the age store hold."""

from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret
from tests.cli.smithy import Smithy

ALL = ("ca.key", "n1.crt", "token", "n2.crt", "client.crt")


def stores(**known: Any) -> Any:
    """What the plugins of a site answer, store by store."""

    def read(store, name, access):
        value = known[store].get(name)
        return value(access) if callable(value) else value

    return read


def give_stores(smithy: Smithy, monkeypatch: pytest.MonkeyPatch, **known: Any) -> None:
    """Name stores in the site, and answer for each what is `known` of it."""
    site = smithy.driver.site
    monkeypatch.setattr(smithy.driver.plugins, "read_secret", stores(**known))
    monkeypatch.setattr(smithy.driver, "site", lambda: replace(site(), stores=dict.fromkeys(known)))


def test_the_age_file_comes_first_then_the_stores_in_the_order_of_the_site(smithy, monkeypatch):
    give_stores(
        smithy,
        monkeypatch,
        first={"token": None, "ca.key": Secret("theirs")},
        second={"token": Secret("s"), "ca.key": Secret("never")},
    )
    smithy.store.write("client.crt", Secret("here 50"))
    sources = {row["name"]: row["source"] for row in smithy.show_secrets().data["secrets"]}
    assert sources == {
        "ca.key": "first",
        "n1.crt": "",
        "token": "second",
        "n2.crt": "",
        "client.crt": "age file",
    }
    smithy.show_secrets(generate=True)
    assert smithy.value("n1.crt") == "n1.crt 1 theirs 20"
    assert smithy.store.names() == ("client.crt", "n1.crt", "n2.crt")


def test_what_another_store_holds_is_renewed_there(smithy, monkeypatch):
    give_stores(
        smithy, monkeypatch, vault={"ca.key": Secret("theirs"), "client.crt": Secret("theirs 9")}
    )
    assert smithy.states("smith", "client", rotate=True) == {"ca.key": "ok", "client.crt": "ok"}
    with pytest.raises(
        SecretError,
        match="secrets/ca.key: comes from the store 'vault'; renew it there, or take it away there",
    ):
        smithy.show_secrets("smith", "client", rotate=True, name=("ca.key",))


def test_what_cannot_be_opened_is_not_made_anew(smithy):
    smithy.show_secrets(generate=True)
    (smithy.folder / "client.crt.age").write_text("damaged")
    smithy.store._read.clear()
    assert smithy.states("smith", "client", rotate=True) == {"ca.key": "ok", "client.crt": "closed"}
    message = (
        "secrets/client.crt: is not made anew, for it cannot be opened; inv secrets says why; "
        "if it is lost, take its file away"
    )
    with pytest.raises(SecretError, match=message):
        smithy.show_secrets(rotate=True, name=("ca.key",))


def test_a_store_that_fails_is_told_and_a_verb_that_needs_none_goes_on(smithy, monkeypatch):
    def fails(access):
        raise SecretError("secrets/token", "vault ended with 2", "run it by hand")

    give_stores(
        smithy,
        monkeypatch,
        vault={"token": fails, "ca.key": lambda access: access.run(("echo", "Rn2-printed"), 5)[1]},
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
