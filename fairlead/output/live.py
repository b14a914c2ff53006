"""A row for each host while it works, at most a screenful, gone when the verb has ended."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from fairlead.contract.verbs import traits
from fairlead.model.plan import Noun
from fairlead.model.results import STATES, Progress, RunResult
from fairlead.output.listener import Listener
from fairlead.output.sanitize import last_line
from fairlead.output.states import is_bad, style_of
from fairlead.output.streams import console
from fairlead.output.text import ProgressLines

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.live import Live
    from rich.text import Text

WORDS = {  # kind of a progress -> state of the row
    "connected": "connected",
    "asked": "looked",
    "waiting": "waiting",
    "cancelled": "cancelled",
    "undo": "undoing",
    "session": "running",
}
DONE = "done"  # its last step has ended well; it waits for the other hosts
IDLE = ("looked", DONE)
ENDED = frozenset({*STATES, "ended"})


class HostProgress:
    """What one host is at."""

    __slots__ = ("component", "ended", "number", "since", "state", "step", "text", "total")

    def __init__(self) -> None:
        self.component = self.step = self.text = ""
        self.state, self.number, self.total = "connecting", 0, 0
        self.since = self.ended = 0.0  # seconds of the clock; 0: not yet

    @property
    def is_bad(self) -> bool:
        return is_bad(self.state)

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def is_open(self) -> bool:
        """Has it begun, and not ended?"""
        return bool(self.since) and not self.has_ended

    @property
    def is_idle(self) -> bool:
        """Does it wait for other hosts?"""
        return self.state in IDLE

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Whom to look at first: who works, who waits, who is done; longest at it first."""
        return (
            self.is_idle,
            self.state == DONE,
            self.since,
        )

    @property
    def count(self) -> str:
        """Which step of how many: `2/9`."""
        return f"{self.number}/{self.total}" if self.total else ""

    def seconds(self, now: float) -> float:
        """How long it has been at work."""
        return (self.ended or now) - self.since if self.since else 0

    def update(self, progress: Progress, now: float) -> None:
        """Take over what a progress says; `now` in seconds of any clock."""
        self.since = self.since or now
        self.component = progress.component or self.component
        self.number, self.total = progress.number or self.number, progress.total or self.total
        match progress.kind:
            case "note" | "silent":
                self.text = last_line(progress.text)
            case "begin":
                self.state, self.step, self.text, self.ended = "", progress.step, "", 0.0
            case "step" if progress.result is not None and is_bad(progress.result.state):
                self.state, self.step = "failed", progress.result.name
                self.text = last_line(progress.result.error)
            case "step" if self.total and self.number == self.total:
                self.state, self.step, self.text, self.ended = DONE, "", "", now
            case "ended":
                self.state, self.ended = progress.text if progress.text in STATES else "ended", now
            case kind if kind in WORDS:
                self.state, self.step = WORDS[kind], progress.step
                self.text = last_line(progress.text)


class Widths(Noun):
    """Columns of host, component (0: it is not shown) and number of the step."""

    host: int
    component: int
    count: int


class LiveRows(Listener):
    """The live rows. They are drawn by a thread of Rich's, four times a second."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic):
        self._stream, self._clock, self._lock = stream, clock, Lock()
        self._live: Live | None = None
        self._lines = ProgressLines(stream, headed=True)
        self._hosts: dict[str, HostProgress] = {}
        self._components: set[str] = set()
        self._start = 0.0

    def began(
        self,
        verb: str,
        site: str,
        run: str,
        hosts: tuple[str, ...],
    ) -> None:
        self.pause()
        self._lines.began(verb, site, run, hosts)
        with self._lock:
            self._hosts = {host: HostProgress() for host in hosts}
            self._components, self._start = set(), self._clock()
        if not (traits(verb.rpartition(".")[2]).session and len(hosts) == 1):
            self.resume()

    def progress(self, progress: Progress) -> None:
        if progress.kind == "diff":
            self._write_above(progress)
            return
        if progress.kind == "session" and self._takes_terminal(progress):
            self._give_up()
        with self._lock:
            self._components.add(progress.component)
            host = self._hosts.setdefault(progress.host, HostProgress())
            host.update(progress, self._clock())

    def _takes_terminal(self, session: Progress) -> bool:
        return bool(session.text) or session.total == 1 or len(self._hosts) == 1

    def _write_above(self, progress: Progress) -> None:
        """What is about to change in a file stays on the screen, over the rows."""
        self.pause()
        self._lines.progress(progress)
        self.resume()

    def output(
        self,
        host: str,
        data: bytes,
        errors: bool = False,
    ) -> None:
        if len(self._hosts) == 1:
            self._give_up()

    def ended(self, result: RunResult) -> None:
        self._give_up()

    def pause(self) -> None:
        if self._live is not None:
            live, self._live = self._live, None
            live.stop()

    def resume(self) -> None:
        from rich.live import Live

        if self._hosts and self._live is None:
            self._live = Live(
                _Picture(self),
                console=console(self._stream),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start(refresh=True)

    def close(self) -> None:
        self._give_up()

    def _give_up(self) -> None:
        """Go on without rows until the next verb begins."""
        self.pause()
        with self._lock:
            self._hosts = {}

    def picture(self, width: int, height: int) -> "list[Text]":
        """The rows as they are now, none longer than `width` columns, at most `height` of them."""
        with self._lock:
            now = self._clock()
            chosen = _chosen(self._hosts, height)
            widths = _widths(chosen, width, has_components=len(self._components - {""}) > 1)
            lines = [_row(host, progress, widths, now) for host, progress in chosen]
            if len(chosen) < len(self._hosts):
                lines.append(_counter(list(self._hosts.values()), now - self._start))
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return lines


class _Picture:
    """What Rich asks to be drawn, anew each time."""

    def __init__(self, rows: LiveRows):
        self._rows = rows

    def __rich_console__(self, screen: "Console", options: "ConsoleOptions") -> "Iterator[Text]":
        yield from self._rows.picture(max(screen.width - 1, 20), max(screen.height - 1, 2))


def _chosen(hosts: Mapping[str, HostProgress], height: int) -> list[tuple[str, HostProgress]]:
    """All hosts if they fit; else those in trouble, those at work, longest at it first, and those
    that wait for them.
    """
    pairs = list(hosts.items())
    if len(pairs) <= height:
        return pairs
    troubled = [pair for pair in pairs if pair[1].is_bad]
    others = [pair for pair in pairs if pair[1].is_open and not pair[1].is_bad]
    others.sort(key=lambda pair: pair[1].rank)
    return (troubled[: height // 3] + others)[: height - 1]


def _widths(
    chosen: Sequence[tuple[str, HostProgress]],
    width: int,
    has_components: bool,
) -> Widths:
    host = max((len(host) for host, _ in chosen), default=0)
    component = max((len(progress.component) for _, progress in chosen), default=0)
    count = max((len(progress.count) for _, progress in chosen), default=0)
    shown = component if has_components else 0
    return Widths(min(host, width // 3), min(shown, width // 3), count)


def _row(
    host: str,
    progress: HostProgress,
    widths: Widths,
    now: float,
) -> "Text":
    from rich.text import Text

    has_details = not progress.has_ended or progress.is_bad
    line = Text(no_wrap=True)
    line.append(f"{host[: widths.host]:{widths.host}}  ")
    if widths.component:
        component = progress.component[: widths.component]
        line.append(f"{component:{widths.component}}  ", "cyan")
    line.append(f"{elapsed(progress.seconds(now)):>6}  ", "dim")
    if widths.count:
        count = "" if progress.has_ended or progress.state == DONE else progress.count
        line.append(f"{count:>{widths.count}}  ")
    step = progress.step if has_details else ""
    line.append(" ".join(filter(None, (progress.state, step))), style_of(progress.state))
    if progress.text and has_details:
        line.append(f"  {progress.text}", "dim")
    return line


def elapsed(seconds: float) -> str:
    """12 s, 3:07, 1:02:05."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _counter(hosts: Sequence[HostProgress], seconds: float) -> "Text":
    """12 at work, 8 wait for others, 270 ended, 3 in trouble, 15 not begun; 1:07."""
    from rich.text import Text

    bad = sum(host.is_bad for host in hosts)
    begun = [host for host in hosts if host.is_open and not host.is_bad]
    idle = sum(host.is_idle for host in begun)
    done = sum(host.state == DONE for host in begun)
    ended = sum(host.has_ended and not host.is_bad for host in hosts)
    parts = (
        (len(begun) - idle, "at work", ""),
        (idle - done, "wait for others", ""),
        (done, "done", "green"),
        (ended, "ended", "green"),
        (bad, "in trouble", "bold red"),
        (len(hosts) - bad - len(begun) - ended, "not begun", "dim"),
    )
    counted = [Text(f"{count} {word}", style) for count, word, style in parts if count]
    return Text.assemble(
        Text(", ").join(counted),
        (f"   {elapsed(seconds)}", "dim"),
        no_wrap=True,
    )
