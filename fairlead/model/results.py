"""What came of a run: frozen data that the observers draw and `--json` prints. docs/json.md describes it field by field."""

from collections.abc import Mapping
from typing import Any, Protocol

from fairlead.model.errors import worst
from fairlead.model.plan import Noun

STATES = (
    "ok",
    "changed",
    "would-change",
    "failed",
    "rolled-back",
    "unreachable",
    "locked",
    "skipped",
)
STEP_STATES = ("ok", "changed", "would-change", "failed", "undone", "stuck", "not-run")


class StepResult(Noun, kw_only=True):
    """One step on one host. `seconds` is wall time on the host; `error` is one sentence, or the last output of the step."""

    name: str
    state: str  # one of STEP_STATES
    commands: tuple[tuple[str, ...], ...] = ()
    seconds: float = 0.0
    error: str = ""
    phase: str = ""
    diff: str = ""  # what it changed, or would change, in a file
    said: str = ""  # what it told at its end, where it is one that tells


class HostResult(Noun, kw_only=True):
    """One component on one host. `code` is the exit code that this host alone would give."""

    host: str
    system: str
    component: str
    state: str  # one of STATES
    code: int = 0
    steps: tuple[StepResult, ...] = ()
    checks: tuple[
        Mapping[str, Any], ...
    ] = ()  # preflight: name, ok, blocks, wanted, found, why, remedy
    fields: Mapping[str, Any] = {}  # status: what it found
    output: str = ""  # exec and logs: what it printed
    explain: str = ""  # --explain: what a person would type
    error: str = ""  # one sentence: where, what, remedy
    called: str = (
        ""  # the component in words: `perfsonar`, or `daos.server` where the system has several
    )


class RunResult(Noun, kw_only=True):
    """One verb of the command line. `hosts` has a row for each host and component."""

    verb: str
    site: str
    run: str
    hosts: tuple[HostResult, ...] = ()
    notes: tuple[
        str, ...
    ] = ()  # what the reader should know besides: open runs, runs that ended unseen, skipped hosts
    drift_fails: bool = False  # --fail-on=changed

    @property
    def changed(self) -> bool:
        return any(row.state in ("changed", "would-change") for row in self.hosts)

    @property
    def code(self) -> int:
        return worst(
            [*(row.code for row in self.hosts), 9 if self.drift_fails and self.changed else 0]
        )

    @property
    def ok(self) -> bool:
        return self.code == 0


class Listing(Noun):
    """What a command found that is no run on hosts, as a table: of what (`secret`), and for each its name, group, state and fields."""

    of: str
    rows: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...]


class Progress(Noun, kw_only=True):
    """One thing that just happened on one host."""

    host: str
    component: str
    kind: str  # connected | asked | waiting | session | diff | begin | note | step | undo | ended
    step: str = ""
    # diff: what changes in a file; note: the last line a long step printed; waiting: for whom; session: "follow", "tty" or ""; ended: one of STATES
    text: str = ""
    number: int = 0  # begin, step: which step of how many; session: on how many hosts
    total: int = 0
    result: StepResult | None = None  # step: how it ended


class Observer(Protocol):
    """Listens to a run. Called from one thread at a time; must not raise."""

    def began(self, verb: str, site: str, run: str, hosts: tuple[str, ...]) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def output(self, host: str, data: bytes, errors: bool = False) -> None: ...
    def ended(self, result: RunResult) -> None: ...
