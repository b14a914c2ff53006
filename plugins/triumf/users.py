"""`inv triumf.users.VERB`: who may pull from the registry and push to it."""

from collections.abc import Iterable, Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from fairlead.api import (
    Ask,
    CommandLineError,
    Fact,
    RegistryUser,
    Secret,
    SecretName,
    SecretSpec,
    Session,
    Steps,
    hookimpl,
    verb,
)

from .registry import host_facts, serving


class AddOptions(msgspec.Struct, frozen=True):
    user: Annotated[RegistryUser, Meta(description="who")]
    secret: Annotated[
        SecretName,
        Meta(description="secret that is the password; default: what the site says for this user"),
    ] = ""


class RemoveOptions(msgspec.Struct, frozen=True):
    user: Annotated[RegistryUser, Meta(description="who")]


@hookimpl
def facts(ask: Ask) -> Iterable[Fact]:
    return host_facts.facts(ask)


@hookimpl
def needs(ask: Ask) -> Iterator[SecretSpec]:
    if ask.verb == "add":
        yield serving.password_spec(ask.options.user, _secret(ask))


@verb
def add(ask: Ask[AddOptions]) -> Steps:
    """Let a user in, or give one the password that its secret holds today; those of the site are
    let in by triumf.registry.up too."""
    password = Secret(ask.secrets[_secret(ask)].reveal().rstrip(b"\r\n"))
    yield serving.passwords(ask, serving.layout(ask), {ask.options.user: password})


@verb
def remove(ask: Ask[RemoveOptions]) -> Steps:
    """Let a user in no more."""
    if ask.options.user in ask.section.registry.users:
        what = f"{ask.options.user} is one of registry.users in the site, and would come back"
        raise CommandLineError("--user", what, "take it out there first")
    yield serving.passwords(ask, serving.layout(ask), {}, removed=[ask.options.user])


@verb(changes=False)
def list_(ask: Ask) -> Session:
    """Who may."""
    return Session(serving.list_users())


def _secret(ask: Ask[AddOptions]) -> str:
    """The secret that is the password. Raises CommandLineError."""
    secret = ask.options.secret or ask.section.registry.users.get(ask.options.user, "")
    if not secret:
        raise CommandLineError(
            "--secret",
            f"the site names no secret for {ask.options.user}",
            "name the one that holds the password",
        )
    return secret
