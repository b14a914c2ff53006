"""Runs of others on a host that ended while nobody looked, or did not end at all."""

from fairlead.model.errors import Locked
from fairlead.remote.results import Facts, HostRun
from fairlead.runner.part import PartRun

WHERE_LEFT = {
    "open": "in the middle (power cut, or its worker was killed)",
    "interrupted": "in the middle by a shutdown",
    "stuck": "half undone",
}
ENDINGS = {
    "changed": "lost its operator and finished by itself",
    "ok": "lost its operator and ended: nothing had to change",
    "undone": "lost its operator, failed, and undid everything by itself",
    "failed": "lost its operator and failed",
}
HALF_WAY = (
    "lost its operator in the middle: it finished what it had begun there,"
    " and the rest was never begun; run it again"
)


def report(
    part: PartRun,
    host: str,
    facts: Facts,
) -> None:
    """Note the runs that finished unobserved.

    Raises Locked, where leases are taken, if one has to be brought to one side first.
    """
    for run in facts.runs:
        is_own = run.name.startswith(part.run.name)
        if run.system != part.lock or is_own or run.alive:
            continue
        if run.is_stranded and part.takes_leases:
            raise Locked(
                host,
                f"run {run.name} of {run.who} ({run.what}) was left {WHERE_LEFT[run.state]}",
                f"bring it to one side: inv runs.recover --host={host}",
            )
        part.notes.append(f"{host}: run {run.name} of {run.who} ({run.what}) {_ending(run, host)}")


def _ending(run: HostRun, host: str) -> str:
    """How a run ended, as the end of a sentence."""
    if run.more and run.state in ("changed", "ok"):
        return HALF_WAY
    if run.state in ENDINGS:
        return ENDINGS[run.state]
    if run.state in WHERE_LEFT:
        return f"was left {WHERE_LEFT[run.state]}: inv runs.recover --host={host}"
    return f"ended: {run.state}"
