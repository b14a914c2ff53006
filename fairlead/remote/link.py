"""The connection to one host, opened anew where it was lost, and what is said over it: short
programs, and the following of a run through lost links.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Generic, Protocol, TypeVar

from fairlead.model.errors import FairleadError, Interrupted, StepFailed, Unreachable
from fairlead.model.processes import LastWord
from fairlead.remote import programs
from fairlead.remote.events import (
    Complete,
    Event,
    Message,
    MissingTools,
    NoSuchRun,
    Over,
    Reader,
    Refused,
)
from fairlead.remote.results import Ended, Report, ended, lacks_room, of_kind

OFTEN = 4.0  # seconds between two signs of life of ours
SIGN = 6.0  # seconds: a host that works gives a sign of life every 5 s
SILENCE = 30.0  # seconds without one after which a link counts as lost
PATIENCE = (
    300.0  # seconds during which a lost link is sought again, unless --timeout says otherwise
)
GREETING = 4096  # bytes of what is printed instead of an answer
PAUSE = 1.0  # seconds before it is sought again


class ProgramResult(Protocol):
    """What is needed of the result of a program."""

    @property
    def code(self) -> int: ...
    @property
    def err(self) -> bytes: ...


class Connection(Protocol):
    """What is needed of a connection; fairlead.connections.base says what the words mean."""

    host: str

    def run(
        self,
        program: str,
        *,
        on_output: Callable[[bytes], bytes | None] | None = None,
        timeout: float | None = 60,
        idle: float | None = None,
    ) -> ProgramResult: ...

    def close(self) -> None: ...


C = TypeVar("C", bound=Connection)


def waits(timeout: float) -> tuple[float, float]:
    """The seconds of silence after which a link counts as lost, and those during which it is
    sought, for a --timeout in seconds (0: none).
    """
    patience = max(timeout, SIGN) if timeout else PATIENCE
    return min(SILENCE, patience), patience


class Link(Generic[C]):
    """The way to one host, opened anew where it was lost.

    `connect` gives a connection or raises Unreachable, `connect_anew` (default: the same) one that
    nobody has used before; `silence` and `patience` in seconds, as `waits` gives them.
    """

    def __init__(
        self,
        host: str,
        connect: Callable[[], C],
        silence: float = 0,
        patience: float = 0,
        connect_anew: Callable[[], C] | None = None,
    ):
        self.host, self.silence, self.patience = host, silence or SILENCE, patience or PATIENCE
        self._connect, self._closed = connect, False
        self._connect_anew = connect_anew or connect
        self._connection: C | None = None

    def connection(self) -> C:
        """The connection there is, else a new one. Raises Unreachable; Interrupted once closed."""
        if self._closed:
            what = "is no longer looked after"
            raise Interrupted(self.host, what, "inv runs.list shows what it does")
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def fresh(self) -> C:
        """A new connection, beside the one there is: what an armed step waits for."""
        return self._connect_anew()

    def drop(self) -> None:
        """Forget a lost connection; the next use opens another."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def close(self) -> None:
        """For good: whoever still follows ends here."""
        self._closed = True
        self.drop()


def new_mark() -> str:
    """A word that nothing else on the far side can print."""
    return f"fl{secrets.token_hex(12)}"


ENDS: tuple[type[Message], ...] = (Complete, Over, NoSuchRun)


def exchange(
    connection: Connection,
    program: str,
    mark: str,
    timeout: float | None,
    ends: tuple[type[Message], ...] = ENDS,
    idle: float | None = None,
) -> list[Report]:
    """All that a short program reports; one of `ends` has to be among it.

    Raises Unreachable; StepFailed where the host refuses, or its shell does not run the program.
    """
    reader = Reader(mark)
    reports: list[Report] = []
    greeting = bytearray()  # what comes before our first mark: a forced command's words

    def receive(data: bytes) -> bytes | None:
        new = list(reader.feed(data))
        if not reports:
            greeting.extend(data[: GREETING - len(greeting)])
        reports.extend(new)
        # whoever only reads of a run has not seen it end
        return b"read\n" if of_kind(new, Over) else None

    result = connection.run(program, on_output=receive, timeout=timeout, idle=idle)
    _raise_refusal(connection.host, reports)
    if not any(isinstance(report, ends) for report in reports):
        raise _not_run(connection.host, result, b"" if reports else bytes(greeting))
    return reports


def _raise_refusal(host: str, reports: Sequence[Report]) -> None:
    for refusal in of_kind(reports, Refused):
        room = f"; make room on the disk of {host}" if lacks_room(refusal.why) else ""
        raise StepFailed(host, refusal.why, f"nothing was changed there{room}")


def _not_run(host: str, result: ProgramResult, greeting: bytes) -> StepFailed:
    texts = (result.err, greeting)
    lines = [text.decode(errors="replace").strip().rpartition("\n")[2] for text in texts]
    words = "; ".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
    complaint = words or f"it ended with {result.code}"
    remedy = "try: ssh to it, and sh -s; docs/hosts.md says what a host needs"
    return StepFailed(host, f"its shell did not run our program ({complaint})", remedy)


class FollowEnd(Enum):
    """How one following of a run came to its end."""

    OVER = "the end of the run was seen"
    UNKNOWN = "the host does not know the run"
    CUT = "the link was lost"


class StillWorking(FairleadError):
    """A run has not ended in the time that was given to its following; it goes on."""


class _Following:
    """What is known of one run, through any number of connections."""

    def __init__(
        self,
        mark: str,
        listen: Callable[[Event], None],
        is_ours: bool,
        deadline: float = 0,
    ):
        self.reader, self.listen, self.is_ours = Reader(mark), listen, is_ours
        self._deadline = deadline  # of time.monotonic(); 0: none
        self._shown_life = 0.0
        self.reports: list[Report] = []
        self.last_byte = time.monotonic()
        self._end = FollowEnd.CUT

    def over(
        self,
        connection: Connection,
        program: str,
        silence: float,
    ) -> FollowEnd:
        """Follow over one connection; an end that was seen is acknowledged on the same channel."""
        self._end = FollowEnd.CUT
        connection.run(program, on_output=self._receive, timeout=None, idle=silence)
        _raise_refusal(connection.host, self.reports)
        return self._end

    def _receive(self, data: bytes) -> bytes | None:
        self.last_byte = time.monotonic()
        for report in self.reader.feed(data):
            self.reports.append(report)
            match report:
                case Event():
                    self.listen(report)
                case Over():
                    self._end = FollowEnd.OVER
                case NoSuchRun():
                    self._end = FollowEnd.UNKNOWN
        if self._end is FollowEnd.OVER:
            return LastWord(b"seen\n")
        self.check_deadline()
        return self._sign_of_life()

    def check_deadline(self) -> None:
        """Raise StillWorking once it has passed."""
        if self._deadline and time.monotonic() > self._deadline:
            raise StillWorking("", "still works", "")

    def _sign_of_life(self) -> bytes | None:
        """What we say to the host of a run of ours, which gives one itself every 5 s."""
        if not self.is_ours or self.last_byte < self._shown_life + OFTEN:
            return None
        self._shown_life = self.last_byte
        return b"alive\n"


def follow(
    link: Link[C],
    name: str,
    listen: Callable[[Event], None],
    program: str = "",
    mark: str = "",
    owner: programs.RunInfo | None = None,
    limit: float = 0,
) -> Ended:
    """Follow the transaction `name` to its end, through any number of lost links.

    `owner`: the run that it belongs to, where that is ours: the host is told that we live.
    `limit`: seconds after which StillWorking is raised; 0: none.
    Where a host does not know a transaction whose `program` (made with `mark`) we have, none of it
    has arrived: it is sent again; a second arrival only follows. Raises Unreachable when the host
    stays away, StepFailed when it knows no such run or refuses.
    """
    mark = mark or new_mark()
    deadline = time.monotonic() + limit if limit else 0
    following = _Following(mark, listen, owner is not None, deadline)
    only_follow = programs.follow_program(mark, name, owner)
    sending = program or only_follow
    while True:
        try:
            match following.over(link.connection(), sending, link.silence):
                case FollowEnd.OVER:
                    return ended(following.reports)
                case FollowEnd.UNKNOWN:
                    sending = _program_or_refusal(link.host, name, program)
                case FollowEnd.CUT:
                    raise Unreachable(link.host, "the link was lost", "")
        except Unreachable as error:
            if time.monotonic() > following.last_byte + link.patience:
                raise _lost(link.host, name, error) from error
            link.drop()
            following.check_deadline()
            time.sleep(PAUSE)
            following.reader.restart()
            sending = only_follow


def _program_or_refusal(host: str, name: str, program: str) -> str:
    if not program:
        remedy = f"see inv runs.list --all --host={host}"
        raise StepFailed(host, f"there is no run {name} here", remedy)
    return program


def _lost(host: str, name: str, error: Unreachable) -> Unreachable:
    what = f"lost while run {name} works there ({error.what})"
    return Unreachable(host, what, f"it ends by itself: inv runs.follow --host={host}")


def raise_missing_tools(host: str, reports: Sequence[Report]) -> None:
    """Raise StepFailed where the host has not the programs that fairlead needs."""
    for missing in of_kind(reports, MissingTools):
        if missing.names:
            what = f"these programs are missing: {' '.join(missing.names)}"
            raise StepFailed(host, what, "install util-linux and coreutils")
