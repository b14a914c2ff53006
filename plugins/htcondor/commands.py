"""What is asked of HTCondor and said to it, on the execute node itself.

`condor_drain -reason` and the attribute DrainReason are there since 8.9.12, the others that are
used here since 8.6 (src/condor_tools/drain.cpp and src/condor_startd.V6/ResMgr.cpp of HTCondor).
"""

from fairlead.api import drain, script

from .site import HTCondor

sh = script.beside(__file__)


def node(section: HTCondor, host: str) -> drain.BatchNode:
    seconds = 0 if section.evicts else int(section.patience)
    return drain.BatchNode(
        system="htcondor",
        name=host,
        patience=section.patience,
        sh=sh,
        remedy="condor_drain wants to be ADMINISTRATOR of the startd, and a collector that answers",
        limits=(str(seconds),),
    )
