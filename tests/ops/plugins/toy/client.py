"""The client."""

from fairlead.hookspecs import hookimpl


@hookimpl
def up(ask):
    return []


@hookimpl
def down(ask):
    return []
