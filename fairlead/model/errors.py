"""What can go wrong, each with the exit code that scripts see.

    FairleadError               1   (never raised itself)
    |- StepFailed               1   a step failed on some host
    |- CommandLineError         2   the command line is wrong
    |- SiteError                3   the site file is wrong
    |- PluginError              3   a plugin is wrong
    |- PreflightBlocked         4   preflight found what blocks
    |- OutsideWindow            4   the site may not be changed now
    |- Unreachable              5   a host could not be reached
    |  `- HostKeyRefused        5   its key is unknown or changed
    |- Locked                   6   another run holds the lock
    |- SecretError              7   a secret is missing, expired or cannot be opened
    |- Unhealthy                8   the new version was not healthy; the old one is back
    |- Drift                    9   --fail-on=changed: there is drift
    `- Interrupted            130   hosts finish what they began

A message is one sentence: where, what, and what to do. Anything that is not a FairleadError is a
bug and shows its traceback.
"""

from collections.abc import Iterable


class FairleadError(Exception):
    """One sentence for a human: `where: what; remedy`."""

    code = 1

    def __init__(
        self,
        where: str,
        what: str,
        remedy: str = "",
    ):
        self.where, self.what, self.remedy = where, what, remedy
        super().__init__(f"{where}: {what}" + (f"; {remedy}" if remedy else ""))


class StepFailed(FairleadError):
    code = 1


class CommandLineError(FairleadError):
    code = 2


class SiteError(FairleadError):
    code = 3


class PluginError(FairleadError):
    code = 3


class PreflightBlocked(FairleadError):
    code = 4


class OutsideWindow(FairleadError):
    code = 4


class Unreachable(FairleadError):
    code = 5


class HostKeyRefused(Unreachable):
    """The key that a host showed is unknown or changed; nothing was sent to it."""


class Locked(FairleadError):
    code = 6


class SecretError(FairleadError):
    code = 7


class SecretToMake(SecretError):
    """It is nowhere yet, and fairlead can make it."""


class Unhealthy(FairleadError):
    code = 8


class Drift(FairleadError):
    code = 9


class Interrupted(FairleadError):
    code = 130


PRECEDENCE = (130, 2, 7, 3, 6, 5, 8, 1, 4, 9)


def worst(codes: Iterable[int]) -> int:
    """The exit code of several outcomes: the first in PRECEDENCE that occurs, 0 if all are 0."""
    present = set(codes) - {0}
    return next((code for code in PRECEDENCE if code in present), max(present, default=0))
