"""A system of one stack: a beacon on every host, which has a secret and can be told to
misbehave."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import NodeSet, Noun, OneHost, System


class Beacon(Noun, kw_only=True, forbid_unknown_fields=True):
    """Where it is."""

    hosts: Annotated[NodeSet, Meta(description="where it runs")]
    manager: Annotated[
        OneHost, Meta(description="who leads the swarm; default: who does already")
    ] = ""
    does: Annotated[str, Meta(description="what its container does, in words of sh")] = (
        "trap exit TERM; echo lit; while :; do sleep 1 & wait; done"
    )
    constraint: Annotated[str, Meta(description="one more condition for a node")] = ""
    replicas: Annotated[int, Meta(description="how many; 0: one on each host")] = 0
    steady: Annotated[int, Meta(description="seconds that a task has to have run, to count")] = 2
    patience: Annotated[int, Meta(description="seconds in which it has to run")] = 60


system = System(
    name="beacon", about="a beacon on every host", section=Beacon, components=("light",)
)
