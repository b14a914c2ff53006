"""The server."""

from typing import Annotated

import msgspec

from fairlead.api import Ask, Session, Step, hookimpl


class Logs(msgspec.Struct):
    """Flags of logs."""

    follow: Annotated[
        bool, msgspec.Meta(description="Go on until Ctrl-C.", extra={"short": "f"})
    ] = False
    tail: Annotated[int, msgspec.Meta(ge=1, description="How many lines.")] = 100


@hookimpl
def up(ask):
    return [Step(name="start", do=("true",))]


@hookimpl
def down(ask):
    return [Step(name="stop", do=("true",))]


@hookimpl
def logs(ask: Ask[Logs]):
    return Session(("true",))


@hookimpl
def exec(ask):
    return Session(ask.argv)
