"""What came of a run: frozen data that the observers draw and `--json` prints.

docs/json.md describes it field by field.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from fairlead.model.errors import Drift, worst
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
UNCHANGED = frozenset({"ok", "skipped"})  # states of a host that is as it was
STEP_STATES = ("ok", "changed", "would-change", "failed", "undone", "stuck", "not-run")


class StepResult(Noun, kw_only=True):
    """One step on one host.

    `state`: one of STEP_STATES. `seconds`: wall time on the host. `error`: one sentence, or the
    last output of the step. `diff`: what it changed, or would change, in a file. `said`: the last
    line that it printed, where it shows that. `after`: in a dry run, the steps from whose change
    it follows that this one would change too.
    """

    name: str
    state: str
    commands: tuple[tuple[str, ...], ...] = ()
    seconds: float = 0.0
    error: str = ""
    phase: str = ""
    diff: str = ""
    said: str = ""
    after: tuple[str, ...] = ()


class ImageChange(Noun):
    """The image of one container: what it is called, its ID before a run and afterwards; "": there
    was no such container.
    """

    container: str
    image: str
    before: str
    after: str


class HostResult(Noun, kw_only=True):
    """One component on one host.

    `state`: one of STATES. `code`: the exit code that this host alone would give.
    `checks`: preflight: name, ok, blocks, wanted, found, why, remedy, fixable of each.
    `fields`: what `status` answered. `output`: what exec or logs printed; `cut`: not all of it.
    `names`: what TAB offers from now on, by kind (daos.pools).
    `explain`: what a person would type. `script`: the same as the steps of a script that needs no
    fairlead, for the host `script_host`. `error`: one sentence: where, what, remedy.
    `called`: the component in words: `perfsonar`, or `daos.server` where the system has several.
    `images`: of its containers, where something was done. `left_out`: nothing was wanted of it: it
    is marked offline, or cannot be reached and --skip-unreachable was given.
    """

    host: str
    system: str
    component: str
    state: str
    code: int = 0
    steps: tuple[StepResult, ...] = ()
    checks: tuple[Mapping[str, Any], ...] = ()
    fields: Mapping[str, Any] = {}
    output: str = ""
    cut: bool = False
    names: Mapping[str, tuple[str, ...]] = {}
    explain: str = ""
    script: str = ""
    script_host: str = ""
    error: str = ""
    called: str = ""
    images: tuple[ImageChange, ...] = ()
    left_out: bool = False

    @property
    def has_acted(self) -> bool:
        """Was a step begun there of which it was not so already?"""
        return any(step.state not in ("ok", "not-run") for step in self.steps)


class RunResult(Noun, kw_only=True):
    """One verb of the command line.

    `hosts`: a row for each host and component. `notes`: what the reader should know besides: open
    runs, runs that ended while nobody looked, hosts that were left out. `drift_fails`:
    --fail-on=changed. `flags`: those without a value that journals tell, such as --skip-preflight.
    `options`: the verb's own flags as they were typed. `common`: those of every verb's options with
    which `runs.resume` goes on. `reason`: what for, as it was typed.
    `revision`: the commit of the site, where the verb changes something and git knows it.
    """

    verb: str
    site: str
    run: str
    hosts: tuple[HostResult, ...] = ()
    notes: tuple[str, ...] = ()
    drift_fails: bool = False
    flags: tuple[str, ...] = ()
    options: Mapping[str, Any] = {}
    common: Mapping[str, Any] = {}
    reason: str = ""
    revision: str = ""

    @property
    def changed(self) -> bool:
        """Something changed, or would; also on a host where not all was done."""
        return any(
            row.state in ("changed", "would-change")
            or any(step.state == "changed" for step in row.steps)
            for row in self.hosts
        )

    @property
    def code(self) -> int:
        """The exit code of the run."""
        drift = Drift.code if self.drift_fails and self.changed else 0
        return worst([*(row.code for row in self.hosts), drift])

    @property
    def ok(self) -> bool:
        """All hosts are as asked."""
        return self.code == 0


class Listing(Noun):
    """A table of what is no run on hosts.

    `of`: of what (`secret`). `rows`: for each its name, group, state and fields.
    """

    of: str
    rows: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...]


class Table(Noun, kw_only=True):
    """Rows of words, each of one length; with `headed` the first names the columns."""

    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    headed: bool = True


class Progress(Noun, kw_only=True):
    """One thing that just happened on one host.

    `kind`: connected, asked, waiting, session, diff, begin, note, silent, cancelled, step, undo or
    ended.
    `text`: diff: what changes in a file; note: the last line that a long step printed; waiting: for
    whom; session: "follow", "tty" or ""; silent: since when nothing has come, and what helps;
    cancelled: by whom; ended: one of STATES.
    `number`, `total`: begin, step: which step of how many; session: on how many hosts.
    `result`: step: how it ended. `lasting`: silent: for how long; "": something has come again.
    """

    host: str
    component: str
    kind: str
    step: str = ""
    text: str = ""
    lasting: str = ""
    number: int = 0
    total: int = 0
    result: StepResult | None = None


class Observer(Protocol):
    """Listens to a run. Called from one thread at a time; must not raise."""

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None: ...
    def progress(self, progress: Progress) -> None: ...
    def output(self, host: str, data: bytes, errors: bool = False) -> None: ...
    def remark(self, text: str) -> None: ...
    def ended(self, result: RunResult) -> None: ...
