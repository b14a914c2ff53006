"""One round trip with one host: asking its facts, doing a transaction, and following it through lost links."""

import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fairlead.model.errors import Interrupted, Locked, StepFailed, Unreachable
from fairlead.model.plan import Fact, Noun, Step
from fairlead.remote import programs
from fairlead.remote.events import Event, Message, Reader, text

FACTS_TIMEOUT = 60.0  # seconds for all facts of a host
SIGN = 6.0  # seconds: a host that works gives a sign of life every 5 s
SILENCE = 30.0  # seconds without one after which a link counts as lost
PATIENCE = 300.0  # seconds during which a lost link is sought again, where --timeout does not say otherwise
PAUSE = 1.0  # seconds before it is sought again
ENDED = {"ok", "changed", "failed", "undone", "forgotten", "locked"}


class Holder(Noun):
    """Who has a lease or a lock."""

    run: str = ""
    who: str = "somebody"
    since: str = "a moment ago"
    what: str = ""

    @classmethod
    def read(cls, said: str) -> "Holder":
        return cls(*(line for line in said.split("\n")[:4]))


class OnHost(Noun):
    """A transaction as a host knows it. `state`: open ok changed failed undone stuck interrupted forgotten locked."""

    name: str
    state: str
    alive: bool
    seen: bool
    system: str
    who: str
    what: str
    steps: tuple[str, ...] = ()  # their names
    more: bool = False  # others of the same run were to follow it here

    @property
    def stranded(self) -> bool:
        """Begun, and neither finished nor undone: somebody has to decide."""
        return not self.alive and self.state in ("open", "interrupted", "stuck")


class Facts(Noun):
    """What the first round trip brought. `held`: who has the lease that we wanted."""

    values: Mapping[str, Any]
    runs: tuple[OnHost, ...] = ()
    held: Holder | None = None

    @property
    def held_by_the_dead(self) -> bool:
        """Is the lease that of a run which was left open? Nobody has to be waited for, but somebody has to decide."""
        return self.held is not None and any(
            one.stranded and one.name.rpartition(".")[0] == self.held.run for one in self.runs
        )


class StepEnd(Noun):
    """How one step ended on the host, in the worker's own words. `state`: ok changed would-change failed late question unarmed."""

    step: int
    state: str
    code: int
    milliseconds: int
    said: str


class Ended(Noun):
    """How a transaction ended. `undone`: step -> exit code and output of its undo; `kept`: name of the step -> what it printed."""

    state: str
    steps: tuple[StepEnd, ...] = ()
    undone: Mapping[int, tuple[int, str]] = {}
    kept: Mapping[int, str] = {}
    holder: Holder | None = None


def mark() -> str:
    """A word that nothing else on the far side can print."""
    return f"fl{secrets.token_hex(12)}"


def ask(
    line: Any, facts: Iterable[Fact], systems: Iterable[str], lease: programs.RunInfo | None
) -> Facts:
    """The first round trip. Raises Unreachable, StepFailed (tools that are missing, a state folder that is not ours)."""
    asked, word = list(facts), mark()
    program = programs.facts_program(word, asked, systems, lease)
    said = [
        one
        for one in _said(line, program, word, _patience(asked), ("end", "tools"))
        if isinstance(one, Message)
    ]
    _tools(line.host, said)
    if not any(one.kind == "end" for one in said):
        raise Unreachable(line.host, "its answer was cut short", "try again")
    answers = {
        int(one.words[0]): (int(one.words[1] or 124), text(one.words[2]))
        for one in said
        if one.kind == "fact"
    }
    values = {fact.name: fact.parse(*answers[number]) for number, fact in enumerate(asked)}
    held = next(
        (
            Holder.read(text(one.words[2]))
            for one in said
            if one.kind == "lease" and one.words[1] == "held"
        ),
        None,
    )
    return Facts(values, tuple(map(_run, (one for one in said if one.kind == "run"))), held)


def _patience(asked: Iterable[Fact]) -> float:
    """Facts are asked side by side: the slowest counts."""
    return FACTS_TIMEOUT + max((fact.timeout for fact in asked), default=0)


def runs(line: Any) -> tuple[tuple[OnHost, ...], dict[str, Holder]]:
    """Every transaction that the host remembers, and the leases: system -> holder."""
    word = mark()
    said = [
        one
        for one in _said(line, programs.runs_program(word), word, FACTS_TIMEOUT)
        if isinstance(one, Message)
    ]
    leases = {one.words[0]: Holder.read(text(one.words[2])) for one in said if one.kind == "lease"}
    return tuple(map(_run, (one for one in said if one.kind == "run"))), leases


def tell(
    line: Any, program: Callable[..., str], *words: Any, **named: Any
) -> tuple[Event | Message, ...]:
    """A short program (release, renew, disarm, recover) and all that it reported."""
    word = mark()
    return tuple(_said(line, program(word, *words, **named), word, FACTS_TIMEOUT))


def dry(line: Any, run: programs.RunInfo, number: int, steps: tuple[Step, ...]) -> Ended:
    """What would change, by the `unless` questions alone."""
    word = mark()
    limit = sum(min(step.timeout, 60) for step in steps) + FACTS_TIMEOUT
    return ended(_said(line, programs.dry_program(word, run, number, steps), word, limit))


def do(
    link: "Link",
    run: programs.RunInfo,
    number: int,
    steps: tuple[Step, ...],
    listen: Callable[[Event], None],
    **named: Any,
) -> Ended:
    """The transaction. Where the link is lost it is sought again, and the events go on where they stopped; the host works on meanwhile.

    Raises Unreachable when the host stays away: it finishes or undoes by itself then.
    """
    word = mark()
    program = programs.transaction_program(word, run, number, steps, **named)
    return follow(link, f"{run.name}.{number}", listen, program, word)


def follow(
    link: "Link", name: str, listen: Callable[[Event], None], program: str = "", word: str = ""
) -> Ended:
    """Follow the transaction `name` to its end, through any number of lost links.

    Where a host does not know a transaction whose program we have, none of it has arrived: it is sent again (a second arrival only follows).
    """
    word = word or mark()
    reader, found = Reader(word), []
    heard = _Heard(listen)
    again = programs.follow_program(word, name)
    sending = program or again
    while True:
        try:
            over = _through(link.line(), sending, reader, found, heard, link.silence)
            if over == "over":
                return ended(found)
            if over == "none":
                sending = _unknown(link.host, name, program)
                continue
            raise Unreachable(link.host, "the link was lost", "")
        except Unreachable as error:
            if time.monotonic() > heard.last + link.patience:
                lost = f"lost while run {name} works there ({error.what})"
                raise Unreachable(
                    link.host, lost, f"it ends by itself: inv runs.follow --host={link.host}"
                ) from error
            link.lost()
            time.sleep(PAUSE)
            reader.again()
            sending = again


def _unknown(host: str, name: str, program: str) -> str:
    if not program:
        raise StepFailed(
            host, f"there is no run {name} here", f"see inv runs.list --all --host={host}"
        )
    return program


class _Heard:
    """Passes events on, and knows when the host was last heard."""

    def __init__(self, listen: Callable[[Event], None]):
        self.last, self._listen = time.monotonic(), listen

    def __call__(self, event: Event) -> None:
        self._listen(event)


def recover(line: Any, name: str, system: str, *, forward: bool = False) -> Ended:
    """Bring a transaction that nobody ended to one side, as long as its undos take. Raises StepFailed when it, or a step of it, still runs."""
    word = mark()
    return ended(
        _said(
            line,
            programs.recover_program(word, name, system, forward=forward),
            word,
            None,
            ("over",),
            idle=SILENCE,
        )
    )


def _through(
    line: Any,
    program: str,
    reader: Reader,
    found: list[Event | Message],
    heard: _Heard,
    silence: float,
) -> str:
    """One following: "over" when the end was seen (and acknowledged, on the same channel), "none" when there is no such run, else ""."""
    last = ""

    def hear(data: bytes) -> bytes | None:
        nonlocal last
        heard.last = time.monotonic()
        for one in reader.feed(data):
            found.append(one)
            if isinstance(one, Event):
                heard(one)
            elif one.kind in ("over", "none"):
                last = one.kind
        return b"seen\n" if last == "over" else None

    line.run(program, on_output=hear, timeout=None, idle=silence)
    _refused(line.host, found)
    return last


def ended(found: Iterable[Event | Message]) -> Ended:
    """The sum of what was reported."""
    events = [one for one in found if isinstance(one, Event)]
    over = next(
        (one.words[0] for one in found if isinstance(one, Message) and one.kind == "over"), "open"
    )
    return Ended(
        state=over,
        steps=tuple(_step(one) for one in events if one.kind == "step"),
        undone={
            one.step: (int(one.words[1]), text(one.words[2]))
            for one in events
            if one.kind == "undo"
        },
        kept={one.step: text(one.words[1]) for one in events if one.kind == "keep"},
        holder=next(
            (Holder.read(text(one.words[0])) for one in events if one.kind == "locked"), None
        ),
    )


def _step(event: Event) -> StepEnd:
    number, state, code, milliseconds, said = event.words
    return StepEnd(int(number), state, int(code), int(milliseconds), text(said))


ENDS = ("end", "over", "none")


def _said(
    line: Any,
    program: str,
    word: str,
    timeout: float | None,
    ends: tuple[str, ...] = ENDS,
    idle: float | None = None,
) -> list[Event | Message]:
    """All that a short program reports; one of `ends` has to be among it."""
    reader, found = Reader(word), []

    def hear(data: bytes) -> bytes | None:
        new = list(reader.feed(data))
        found.extend(new)
        return (
            b"read\n" if any(one.kind == "over" for one in new) else None
        )  # whoever only reads of a run has not seen it end

    answer = line.run(program, on_output=hear, timeout=timeout, idle=idle)
    _refused(line.host, found)
    if not any(isinstance(one, Message) and one.kind in ends for one in found):
        complaint = (
            answer.err.decode(errors="replace").strip().rpartition("\n")[2]
            or f"it ended with {answer.code}"
        )
        remedy = "try: ssh to it, and sh -s; docs/hosts.md says what a host needs"
        raise StepFailed(line.host, f"its shell did not run our program ({complaint})", remedy)
    return found


def _refused(host: str, found: Iterable[Event | Message]) -> None:
    for one in found:
        if isinstance(one, Message) and one.kind == "refused":
            raise StepFailed(host, text(one.words[0]), "nothing was changed there")


def _tools(host: str, said: Iterable[Message]) -> None:
    missing = next((" ".join(one.words).strip() for one in said if one.kind == "tools"), "")
    if missing:
        raise StepFailed(
            host, f"these programs are missing: {missing}", "install util-linux and coreutils"
        )


def _run(said: Message) -> OnHost:
    name, state, life, seen, about = said.words
    lines = text(about).splitlines()
    _, system, who, what, _, more, *_ = *lines, "", "", "", "", "", ""
    return OnHost(
        name,
        state,
        life == "alive",
        seen == "seen",
        system,
        who,
        what,
        tuple(lines[6:]),
        bool(more),
    )


def waits(timeout: float) -> tuple[float, float]:
    """The silence after which a link counts as lost, and the patience with which it is sought, for a --timeout (0: not given)."""
    patience = max(timeout, SIGN) if timeout else PATIENCE
    return min(SILENCE, patience), patience


class Link:
    """The line to one host, opened anew where it was lost. `connect` gives a fresh Line or raises Unreachable."""

    def __init__(
        self, host: str, connect: Callable[[], Any], silence: float = 0, patience: float = 0
    ):
        self.host, self.silence, self.patience = host, silence or SILENCE, patience or PATIENCE
        self._connect, self._line, self._closed = connect, None, False

    def line(self) -> Any:
        if self._closed:
            raise Interrupted(
                self.host, "is no longer looked after", "inv runs.list shows what it does"
            )
        if self._line is None:
            self._line = self._connect()
        return self._line

    def fresh(self) -> Any:
        """A new connection, beside the one there is: what an armed step waits for."""
        return self._connect()

    def lost(self) -> None:
        """Forget the line; the next use opens another."""
        if self._line is not None:
            self._line.close()
        self._line = None

    def close(self) -> None:
        """For good: whoever still follows ends here."""
        self._closed = True
        self.lost()


def refusal(host: str, system: str, holder: Holder) -> Locked:
    """Who comes second is told who, since when and what for."""
    what = f" ({holder.what})" if holder.what else ""
    return Locked(
        host,
        f"{holder.who} works on {system} here since {holder.since}{what}",
        f"wait with --wait=5m, or look: inv runs.list --host={host}",
    )
