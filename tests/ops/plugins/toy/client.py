"""The client."""

from fairlead.api import hookimpl


@hookimpl
def up(ask):
    return []


@hookimpl
def down(ask):
    return []
