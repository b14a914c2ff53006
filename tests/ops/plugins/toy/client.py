"""The client."""

from fairlead.contract.hookspecs import hookimpl


@hookimpl
def up(ask):
    return []


@hookimpl
def down(ask):
    return []
