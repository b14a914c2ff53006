"""A site whose components need secrets: two that share a CA, made by functions that count."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fairlead.cli.commands import CommandResult
from fairlead.cli.secret_needs.verb import show_secrets
from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret, SecretSpec
from fairlead.runner.request import Common, Request
from fairlead.secrets.store import Store
from tests.driver import Driver

DAY = 86400


def check(secrets: Mapping[str, Secret], now: float) -> None:
    """Of the client's: is it of the CA that is there?"""
    ca = secrets["ca.key"].reveal().decode().replace(" ", "-")
    if ca not in secrets["client.crt"].reveal().decode():
        raise SecretError("secrets/client.crt", "is signed by another authority", "make it anew")


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
        self.folder = tmp_path / "secrets"
        environment = {"FAIRLEAD_IDENTITY": str(keys / "age")}
        self.store = Store(self.folder, environment, lambda where: Secret(""))
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
            check=check,
            fits=("ca.key",),
        )

    def show_secrets(
        self, system: str = "", component: str = "", *hosts: str, **own: Any
    ) -> CommandResult:
        names = own.keys() & {"dry_run", "explain", "fail_on_changed"}
        common = {name: own.pop(name) for name in names}
        return show_secrets(
            Request(verb="secrets", system=system, component=component),
            self.driver.context(),
            Common(hosts=hosts, **common),
            **own,
        )

    def states(self, *words: str, **own: Any) -> dict[str, str]:
        rows = self.show_secrets(*words, **own).data["secrets"]
        return {row["name"]: row["state"] for row in rows}

    def value(self, name: str) -> str:
        return self.store.read(name).reveal().decode()
