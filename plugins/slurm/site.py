"""The section `slurm` of a site."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import HostName, NodeSet, Noun, OneHost


class Slurm(Noun, kw_only=True, forbid_unknown_fields=True):
    """Which hosts are nodes of Slurm, and how long their jobs are waited for."""

    hosts: Annotated[NodeSet, Meta(description="the hosts that are nodes; scontrol runs there")]
    names: Annotated[
        dict[OneHost, HostName],
        Meta(description="host -> the name of its node; default: the host's own, as here"),
    ] = {}
    patience: Annotated[
        float, Meta(gt=0, le=2592000, description="seconds in which jobs have to end")
    ] = 86400
    systems: Annotated[
        tuple[str, ...], Meta(description="whose changes they are drained for; default: all")
    ] = ()
