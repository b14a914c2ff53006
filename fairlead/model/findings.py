"""What a look at the whole site comes to: one thing about one host, component or secret."""

from collections.abc import Iterable

from fairlead.model.plan import Noun

OK, WARNING, CRITICAL, UNKNOWN = "ok", "warning", "critical", "unknown"
STATES = (OK, WARNING, CRITICAL, UNKNOWN)  # the place of each is its exit code for Nagios
GRAVITY = (OK, WARNING, UNKNOWN, CRITICAL)  # from the least to the worst


class Finding(Noun, kw_only=True):
    """`kind`: status, drift, secret, run or watch. `name`: of the component or the secret.

    `state`: one of STATES; what could not be learnt is `unknown`. `sentence`: what is so.
    `command`: what mends it, "" where nothing is to be done. `code`: the exit code that this alone
    would give. `days`: of a secret, how many it is still good; None: it does not end.
    """

    kind: str
    host: str = ""
    name: str = ""
    state: str
    sentence: str
    command: str = ""
    code: int = 0
    days: int | None = None

    @property
    def key(self) -> str:
        """What it is about, the same every time."""
        return " ".join(filter(None, (self.kind, self.host, self.name)))


def gravity(finding: Finding) -> int:
    """The worse, the higher."""
    return GRAVITY.index(finding.state)


def worst_state(findings: Iterable[Finding]) -> str:
    """The worst state; of no finding at all it is `unknown`, for nothing was learnt."""
    gravities = [gravity(finding) for finding in findings]
    return GRAVITY[max(gravities)] if gravities else UNKNOWN
