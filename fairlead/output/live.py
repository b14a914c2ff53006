"""A row for each host while it works, at most a screenful, gone when the verb has ended."""

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any, TextIO

from fairlead.contract.verbs import traits
from fairlead.model.results import STATES, Progress, RunResult
from fairlead.output.listener import Listener
from fairlead.output.rows import BAD
from fairlead.output.sanitize import last_line
from fairlead.output.streams import console
from fairlead.output.tables import style_of
from fairlead.output.text import Lines

if TYPE_CHECKING:
    from rich.text import Text

WORDS = {
    "connected": "connected",
    "asked": "looked",
    "waiting": "waiting",
    "undo": "undoing",
    "session": "running",
}
ENDED = frozenset({*STATES, "ended"})


class HostProgress:
    """What one host is at."""

    __slots__ = ("component", "ended", "number", "since", "state", "step", "text", "total")

    def __init__(self) -> None:
        self.component = self.step = self.text = ""
        self.state, self.number, self.total = "connecting", 0, 0
        self.since = self.ended = 0.0

    @property
    def working(self) -> bool:
        return bool(self.since) and self.state not in ENDED

    def hear(self, progress: Progress, now: float) -> None:
        """Take over what a progress says; `now` in seconds of any clock."""
        self.since = self.since or now
        self.component = progress.component or self.component
        self.number, self.total = progress.number or self.number, progress.total or self.total
        match progress.kind:
            case "note":
                self.text = last_line(progress.text)
            case "begin":
                self.state, self.step, self.text = "", progress.step, ""
            case "step" if progress.result is not None and progress.result.state in BAD:
                self.state, self.step, self.text = (
                    "failed",
                    progress.result.name,
                    last_line(progress.result.error),
                )
            case "ended":
                self.state, self.ended = progress.text if progress.text in STATES else "ended", now
            case kind if kind in WORDS:
                self.state, self.step, self.text = (
                    WORDS[kind],
                    progress.step,
                    last_line(progress.text),
                )


class Rows(Listener):
    """The live rows. They are drawn by a thread of Rich's, four times a second."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic):
        self._stream, self._clock, self._lock = stream, clock, Lock()
        self._live: Any = None
        self._lines = Lines(stream, headed=True)
        self._hosts: dict[str, HostProgress] = {}
        self._components: set[str] = set()
        self._start = 0.0

    def began(self, verb: str, site: str, run: str, hosts: tuple[str, ...]) -> None:
        self.pause()
        self._lines.began(verb, site, run, hosts)
        with self._lock:
            self._hosts = {host: HostProgress() for host in hosts}
            self._components, self._start = set(), self._clock()
        if not (traits(verb.rpartition(".")[2]).session and len(hosts) == 1):
            self.resume()

    def progress(self, progress: Progress) -> None:
        if progress.kind == "diff":
            self._above(progress)
            return
        if progress.kind == "session" and (
            progress.text or progress.total == 1 or len(self._hosts) == 1
        ):
            self._give_up()
        with self._lock:
            self._components.add(progress.component)
            self._hosts.setdefault(progress.host, HostProgress()).hear(progress, self._clock())

    def _above(self, progress: Progress) -> None:
        """What is about to change in a file stays on the screen, over the rows."""
        self.pause()
        self._lines.progress(progress)
        self.resume()

    def output(self, host: str, data: bytes, errors: bool = False) -> None:
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
            screen = console(self._stream)
            self._live = Live(
                _Picture(self),
                console=screen,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start(refresh=True)

    def close(self) -> None:
        self._give_up()

    def _give_up(self) -> None:
        """The rest of this verb goes without rows."""
        self.pause()
        with self._lock:
            self._hosts = {}

    def picture(self, width: int, height: int) -> "list[Text]":
        """The rows as they are now, none longer than `width` columns, at most `height` of them."""
        with self._lock:
            now = self._clock()
            chosen = _chosen(self._hosts, height)
            sizes = _sizes(chosen, width, bool(len(self._components - {""}) > 1))
            lines = [_row(host, doing, sizes, now) for host, doing in chosen]
            if len(chosen) < len(self._hosts):
                lines.append(_counter(list(self._hosts.values()), now - self._start))
        for line in lines:
            line.truncate(width, overflow="ellipsis")
        return lines


class _Picture:
    """What Rich asks to be drawn, anew each time."""

    def __init__(self, rows: Rows):
        self._rows = rows

    def __rich_console__(self, screen: Any, options: Any) -> Any:
        yield from self._rows.picture(max(screen.width - 1, 20), max(screen.height - 1, 2))


def _chosen(hosts: dict[str, HostProgress], height: int) -> list[tuple[str, HostProgress]]:
    """All hosts if they fit; else those at work, those in trouble first, those longest at it next."""
    if len(hosts) <= height:
        return list(hosts.items())
    troubled = [(host, doing) for host, doing in hosts.items() if doing.state in BAD]
    working = [
        (host, doing) for host, doing in hosts.items() if doing.working and doing.state not in BAD
    ]
    return (troubled[: height // 3] + sorted(working, key=lambda pair: pair[1].since))[: height - 1]


def _sizes(
    chosen: Sequence[tuple[str, HostProgress]], width: int, several: bool
) -> tuple[int, int, int]:
    """Columns of host, component (where there are several), step number."""
    host = max((len(host) for host, _ in chosen), default=0)
    component = max((len(doing.component) for _, doing in chosen), default=0) if several else 0
    number = max((len(_number(doing)) for _, doing in chosen), default=0)
    return min(host, width // 3), min(component, width // 3), number


def _number(doing: HostProgress) -> str:
    return f"{doing.number}/{doing.total}" if doing.total else ""


def _row(host: str, doing: HostProgress, sizes: tuple[int, int, int], now: float) -> "Text":
    from rich.text import Text

    wide, component, number = sizes
    seconds = (doing.ended or now) - doing.since if doing.since else 0
    ended, told = doing.state in ENDED, doing.state not in ENDED or doing.state in BAD
    line = Text(no_wrap=True)
    line.append(f"{host[:wide]:{wide}}  ").append(
        f"{doing.component[:component]:{component}}  " if component else "", "cyan"
    )
    line.append(f"{elapsed(seconds):>6}  ", "dim").append(
        f"{'' if ended else _number(doing):>{number}}  " if number else ""
    )
    words = " ".join(filter(None, (doing.state, doing.step if told else "")))
    return line.append(words, style_of(doing.state)).append(
        f"  {doing.text}" if doing.text and told else "", "dim"
    )


def elapsed(seconds: float) -> str:
    """12 s, 3:07, 1:02:05."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _counter(hosts: Sequence[HostProgress], seconds: float) -> "Text":
    """12 at work, 270 ended, 3 in trouble, 15 waiting; 1:07."""
    from rich.text import Text

    bad = sum(doing.state in BAD for doing in hosts)
    working = sum(doing.working and doing.state not in BAD for doing in hosts)
    ended = sum(doing.state in ENDED and doing.state not in BAD for doing in hosts)
    rest = len(hosts) - bad - working - ended
    parts = (
        (working, "at work", ""),
        (ended, "ended", "green"),
        (bad, "in trouble", "bold red"),
        (rest, "not begun", "dim"),
    )
    counted = [Text(f"{count} {word}", style) for count, word, style in parts if count]
    return Text.assemble(Text(", ").join(counted), (f"   {elapsed(seconds)}", "dim"), no_wrap=True)
