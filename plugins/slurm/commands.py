"""What is asked of Slurm and said to it, on the node itself (scontrol(1), squeue(1))."""

from fairlead.api import drain, script

from .site import Slurm

sh = script.beside(__file__)


def node(section: Slurm, host: str) -> drain.BatchNode:
    return drain.BatchNode(
        system="slurm",
        name=section.names.get(host, host),
        patience=section.patience,
        sh=sh,
        remedy="scontrol update wants root or SlurmUser, and a slurmctld that answers",
    )
