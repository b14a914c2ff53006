"""What is asked of Slurm and said to it, on the node itself (scontrol(1), squeue(1))."""

from fairlead.api import Argv, Step, script

from .site import Slurm

sh = script.beside(__file__)


def node(section: Slurm, host: str) -> str:
    """The name of a host's node."""
    return section.names.get(host, host)


def is_out(name: str) -> Argv:
    """Does it take no jobs, whoever said so?"""
    return sh("is_out", name)


def drain(name: str, reason: str) -> Step:
    return Step(
        name=f"drain {name}",
        unless=is_out(name),
        do=sh("drain", name, reason),
        remedy="scontrol update wants root or SlurmUser, and a slurmctld that answers",
    )


def jobs(name: str, patience: float) -> Step:
    """Wait until its jobs have ended; meanwhile their number and their latest end are shown."""
    return Step(
        name=f"jobs of {name}",
        unless=sh("is_idle", name),
        do=sh("jobs", name),
        timeout=patience,
        read_only=True,
        progress=True,
        remedy=f"wait and say it again, or give them more time (slurm.patience); {name} takes no "
        "new jobs until inv slurm.undrain",
    )


def undrain(name: str, mark: str = "") -> Step:
    """It takes jobs again where the reason of its drain begins with `mark`; "": whatever it is."""
    return Step(
        name=f"undrain {name}",
        unless=sh("is_not_ours", name, mark),
        do=sh("undrain", name, mark),
    )


def staying(name: str) -> Step:
    """Says by whom it stays drained."""
    return Step(
        name=f"{name} stays drained",
        unless=sh("takes_jobs", name),
        do=sh("staying", name),
        read_only=True,
        show_output=True,
    )
