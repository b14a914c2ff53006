"""The section `htcondor` of a site."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import NodeSet, Noun


class HTCondor(Noun, kw_only=True, forbid_unknown_fields=True):
    """Which hosts are execute nodes of HTCondor, and how long their jobs are waited for."""

    hosts: Annotated[
        NodeSet, Meta(description="the hosts that have a startd; condor_drain runs there")
    ]
    patience: Annotated[
        float, Meta(gt=0, le=2592000, description="seconds in which jobs have to end")
    ] = 86400
    evicts: Annotated[
        bool,
        Meta(
            description="HTCondor may end a job before that, whose MaxJobRetirementTime is over; "
            "default: it is not drained then"
        ),
    ] = False
    systems: Annotated[
        tuple[str, ...], Meta(description="whose changes they are drained for; default: all")
    ] = ()
