"""One round: draw it, play it, and go the way out that the command line names."""

import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e import inv as commands
from tests.e2e.faults.arena import SETTINGS, Arena
from tests.e2e.faults.arenas import BY_NAME, DRAWN
from tests.e2e.faults.catalogue import FAULTS, fault_of
from tests.e2e.faults.judge import BACK, CHANGING, untruths
from tests.e2e.faults.machines import later
from tests.e2e.faults.strike import Strike
from tests.e2e.faults.truth import Remains, Truth, begun, calm, look, remains
from tests.e2e.faults.words import Words
from tests.e2e.ground import sh, under
from tests.e2e.inv import REPOSITORY

LIMIT = 400.0  # seconds after which a command counts as hanging
SHORTLY = 2.0  # seconds before the end in which a fault may strike after all that is said
WAYS = 6  # commands after which a host counts as lost
LOCKED = 6  # the exit code that says that another run has the host
LATEST = 9  # steps that every upgrade has
GOALS = {False: 0, True: 8}  # broken -> exit code of an upgrade that was not disturbed
ASKING = ("--json",)
TWICE = 2  # a command that was named and did not help twice is not run again
OWN = ("up", "restart")  # what a person tries whom nobody tells anything
SECONDS = ("upgrade", "up", "restart", "status")
VERIFIED = ("journal truncated", "power cut", "controller killed")
BROKEN = 0.3  # of the upgrades are to a version that never becomes healthy
REBUILT = 0.1  # of the rounds begin with a system from nothing
PROMPT = 0.1  # of those who find a lease of somebody who is gone come within the minute
MINUTES_LATER = 100  # seconds by which the clock is set on for all others


@dataclass(frozen=True)
class Draw:
    """What a seed makes of the round of this number."""

    seed: int
    number: int
    arena: str
    fault: str
    broken: bool
    step: int  # the fault strikes when this many steps have been begun,
    delay: float  # and as many seconds later
    other: str  # the verb of a second operator

    @property
    def key(self) -> tuple[int, int]:
        return (self.seed, self.number)

    def chance(self, what: str) -> random.Random:
        """What is drawn beside, for each purpose from the beginning."""
        return random.Random(f"{self.seed}:{self.number}:{what}")


def draw(seed: int, number: int, arenas: tuple[str, ...] = (), fault: str = "") -> Draw:
    """Round `number` of this seed. Its fault is the one of that number; its system is drawn from
    all, or from those that are named."""
    chance = random.Random(f"{seed}:{number}")
    return Draw(
        seed=seed,
        number=number,
        arena=chance.choice(arenas or tuple(arena.name for arena in DRAWN)),
        fault=fault or fault_of(number),
        broken=chance.random() < BROKEN,
        step=chance.randrange(0, 11) % LATEST,
        delay=chance.choice((0.0, chance.uniform(0, 1.5))),
        other=chance.choice(SECONDS),
    )


@dataclass
class Result:
    """What came of a round. `stood`: what the fault left: the new version, the old one, or neither;
    `ways`: the commands after the first; `own`: those of them that nobody named; `left`: what lies
    on the host that was not there before."""

    draw: Draw
    detail: str = ""
    first: str = "no words"
    struck: str = ""
    stood: str = ""
    ways: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    seconds: float = 0


class Round:
    """A round that is played."""

    def __init__(self, arena: Arena, drawn: Draw, log: Path):
        self.arena, self.drawn, self.log = arena, drawn, log
        self.result = Result(drawn)
        self.strike: Strike = FAULTS[drawn.fault](arena, drawn.chance("strike"))
        self.result.detail = self.strike.detail
        self.step = min(drawn.step, LATEST if self.strike.steps is None else self.strike.steps)
        self.upgrade = (*arena.upgrade, *ASKING)
        self.base = Truth()  # before the run that may have to be undone
        self.remains = Remains()
        self.struck, self.answer = 0.0, None  # when, and what the strike has printed
        self.marks = self.old = self.target = ""
        self.seen: Truth | None = None  # the last look, where it was well and nothing acted since

    def play(self) -> Result:
        began = time.monotonic()
        self._prepare()
        words = self._strike()
        self._stood()
        self._wait_for_lease()
        self._go_on(words)
        self.result.seconds = time.monotonic() - began
        return self.result

    def _prepare(self) -> None:
        """The older version runs and is well, nothing is open."""
        arena, narrow = self.arena, self.strike.narrow
        self.base = look(arena, times=1)
        is_clean = self.base.is_well(arena) and self.base.marks and arena.fits(self.base.release)
        is_due = narrow != arena.small or self.drawn.chance("rebuild").random() < REBUILT
        if is_due or not is_clean:
            self._rebuild(narrow)
        under(arena.host, sh.text("round_clean"), SETTINGS)
        self.base = look(arena, patience=arena.patience)
        assert self.base.is_well(arena), f"{arena.name} cannot be made well: {self.base}"
        self.remains, self.marks, self.old = remains(arena), self.base.marks, self.base.release
        self.target = arena.offer(broken=self.drawn.broken)
        self._note(f"== {self.drawn}\nbase: {self.base}; to come: {self.target}")

    def _rebuild(self, narrow: str) -> None:
        self.arena.clear()
        if narrow:
            self.arena.narrow(narrow)
        self.arena.rebuild()

    def _look(self, patience: float = 0) -> Truth:
        """How it is. What was well when it was last looked at, and nothing has acted since, is."""
        if self.seen is None or not self.seen.is_well(self.arena):
            self.seen = look(self.arena, patience=patience)
        return self.seen

    # The fault

    def _strike(self) -> Words | None:
        """The upgrade with the fault in it. None: the operator was killed, there are no words."""
        steps = begun(self.arena.host)
        with started(self.arena, (*self.upgrade, *self.strike.options)) as running:
            self._until(running, steps)
            is_late = running.process.poll() is not None
            other = None if is_late else self._break(running)
            words, seconds = running.words(), time.monotonic()
        self.result.struck = "too late" if is_late else ""
        is_told = not self.strike.kills or is_late
        is_late_strike = seconds - self.struck < SHORTLY  # it struck after the last that was asked
        if self.strike.lasts is None and (is_late_strike or self.strike.blinds):
            self.strike.mend()
        if is_told:
            self.result.first = f"{words.code} {','.join(row['state'] for row in words.rows)}"
            self._judge(words, alone=other is None)
        if other:
            self._judge(other, alone=False)
        if self.strike.lasts is None:
            self.strike.mend()
        if not calm(self.arena):
            self.result.untrue.append("what it has begun does not end")
        return words if is_told else None

    def _break(self, running: "Running") -> Words | None:
        """The fault, and its mending where it does not last; the words of a second operator."""
        self.struck = time.monotonic()
        if self.strike.kills:
            running.process.kill()
        self.answer = self.strike.act()
        other = self._second() if self.drawn.fault == "second operator" else None
        if self.strike.lasts is not None:
            time.sleep(self.strike.lasts)
            self.strike.mend()
        return other

    def _until(self, running: "Running", before: int) -> None:
        """The moment of the strike, or the end of the command."""
        end = time.monotonic() + 120
        while running.process.poll() is None and time.monotonic() < end:
            if not self.step or begun(self.arena.host) - before >= self.step:
                break
            time.sleep(0.02)
        time.sleep(self.drawn.delay)

    def _second(self) -> Words:
        argv = self.upgrade if self.drawn.other == "upgrade" else self._verb(self.drawn.other)
        return self._run(argv, judged=False)

    def _verb(self, verb: str) -> tuple[str, ...]:
        return (*self.arena.on(verb), *ASKING)

    def _stood(self) -> None:
        """What the fault has left, before anybody looks after it."""
        self.seen = None
        truth = self._look(self.arena.patience / 5)
        is_new = truth.healthy and truth.release == self.target
        is_old = truth.healthy and truth.release == self.old
        self.result.stood = "new" if is_new else "old" if is_old else "neither"
        self._note(f"stood: {truth}")

    def _wait_for_lease(self) -> None:
        """Somebody who is gone has the host: most operators come when he has been gone for long."""
        if self._look().leases and self.drawn.chance("wait").random() > PROMPT:
            later(self.arena.host, MINUTES_LATER)
            self.seen = None

    # The way out

    def _go_on(self, words: Words | None) -> None:
        """Status is asked, again after a command that has nothing to say; then what the words name
        is run, until the host is well and an upgrade ends as it would have."""
        status = self._run(self._verb("status"))
        for _ in range(WAYS):
            truth = self._look(3)
            if self._is_over(truth, words):
                break
            if words and not words.code:
                status = self._run(self._verb("status"))
            argv = self._next(truth, words, status)
            self.result.ways.append(" ".join(argv))
            words = self._run(argv)
        self._end()

    def _is_over(self, truth: Truth, words: Words | None) -> bool:
        """Did the last upgrade end as one does that nobody disturbs?"""
        is_upgrade = bool(words and words.argv[: len(self.upgrade)] == self.upgrade)
        goal = GOALS[self.drawn.broken]
        return is_upgrade and bool(words and words.code == goal) and truth.is_well(self.arena)

    def _next(self, truth: Truth, words: Words | None, status: Words) -> tuple[str, ...]:
        """The first command that was named and did not just fail to help; where the host is well or
        nothing was said, the upgrade once more; else a person has to know what to do."""
        is_calm = truth.healthy and not truth.open and not truth.working
        if words is None or (is_calm and words.code != LOCKED):
            return self.upgrade
        named = [*words.commands(self.upgrade), *status.commands(self.upgrade)]
        for argv in named:
            before = [way.startswith(" ".join(argv)) for way in self.result.ways]
            if not any(before[-1:]) and sum(before) < TWICE:
                return self._typed(argv, words)
        own = self._verb(OWN[len(self.result.own) % len(OWN)])
        self.result.own.append(f"{' '.join(own)}, after {words}: {words.text.strip()[:400]}")
        return own

    def _typed(self, argv: tuple[str, ...], words: Words) -> tuple[str, ...]:
        """A command as a person types it: the question of `release` is answered, and a host that
        is left to him is filled in, which counts as found by himself."""
        if "--host=..." in argv:
            self.result.own.append(f"{words} leaves the host to him: inv {' '.join(argv)}")
        argv = tuple(word.replace("--host=...", f"--host={self.arena.host}") for word in argv)
        return (*argv, "--yes") if "release" in argv[0] and "--yes" not in argv else argv

    def _end(self) -> None:
        """The last look; the clock is right again for it."""
        later(self.arena.host, 0)
        truth = look(self.arena, patience=self.arena.patience, times=3)
        if not truth.healthy or truth.open:
            self.result.lost.append(f"not well after {len(self.result.ways)} commands: {truth}")
        elif truth.marks != self.marks:
            self.result.lost.append(f"state: it was {self.marks!r}, it is {truth.marks!r}")
        self._verify()
        self.result.left += remains(self.arena).beside(self.remains, self.arena)
        self._note(f"end: {truth}")

    def _verify(self) -> None:
        """Does the journal of the host say that it was cut, where it was, and nowhere else?"""
        if self.drawn.fault not in VERIFIED:
            return
        is_cut = str(self.answer or "").strip() not in ("", "0", "None")
        is_told = self._run(("history", "--verify", f"--host={self.arena.host}")).code == 1
        if is_cut != is_told:
            word = "whole, and it was cut" if is_cut else "cut, and nobody has cut it"
            self.result.untrue.append(f"history --verify says that the journal is {word}")
        if is_cut or is_told:
            under(self.arena.host, 'rm -f "$1"/journal*', SETTINGS)

    # What is said, and whether it is so

    def _run(self, argv: tuple[str, ...], *, judged: bool = True) -> Words:
        if argv[0].startswith(("runs.", "hosts.", "history")) or "--json" in argv:
            typed = argv
        else:
            typed = (*argv, *ASKING)
        before = self._look()
        if argv[0].rpartition(".")[2] in CHANGING and not before.open:
            self.base = before
        self.seen = None
        with started(self.arena, typed) as running:
            words = running.words()
        if judged:
            self._judge(words, asked=before)
        return words

    def _judge(self, words: Words, *, asked: Truth | None = None, alone: bool = True) -> None:
        """Positive claims are given the time that a service needs to start."""
        self._note(f"{words}\n{words.text.strip()}")
        says_done = words.verb in CHANGING and words.code in (0, 8)
        claims_health = says_done or any(claim in words.text for claim in BACK)
        self.seen = None
        after = self._look(self.arena.patience if claims_health else 0)
        claims = untruths(
            self.arena, words, self.base, after, self.target, asked=asked, alone=alone
        )
        if words.code == -9:
            claims = [f"{words} does not end within {LIMIT:.0f} s"]
        self._note(f"truth: {after}" + "".join(f"\nUNTRUE: {claim}" for claim in claims))
        self.result.untrue += claims

    def _note(self, text: str) -> None:
        with self.log.open("a") as file:
            file.write(f"{time.strftime('%H:%M:%S')} {text}\n")


@dataclass
class Running:
    """A command that has begun; what it prints goes to files, so that it waits for nobody."""

    argv: tuple[str, ...]
    process: subprocess.Popen[bytes]
    folder: Path

    def words(self) -> Words:
        try:
            code = self.process.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        out, err = ((self.folder / name).read_text("utf-8", "replace") for name in ("out", "err"))
        return Words(self.argv, code, out, err)


@contextmanager
def started(arena: Arena, argv: tuple[str, ...]) -> Iterator[Running]:
    """`inv ARGV`, until the block ends."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "out").open("wb") as out, (folder / "err").open("wb") as err:
            process = subprocess.Popen(
                commands.words(*argv),
                cwd=REPOSITORY,
                env=commands.environment(**arena.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            try:
                yield Running(argv, process, folder)
            finally:
                if process.poll() is None:
                    process.kill()
                    process.wait()


def play(arenas: dict[str, Arena], drawn: Draw, folder: Path) -> Result:
    """One round in its arena, which is made when it is first needed."""
    if drawn.arena not in arenas:
        _make_room(arenas, BY_NAME[drawn.arena])
        arenas[drawn.arena] = BY_NAME[drawn.arena](Path(tempfile.mkdtemp(dir=folder)))
    arena = arenas[drawn.arena]
    with arena.lent():
        return Round(arena, drawn, folder / "log").play()


def _make_room(arenas: dict[str, Arena], kind: type[Arena]) -> None:
    """Systems on a host that this one needs too are taken away."""
    hosts = {kind.host, *kind.hosts}
    for name, arena in list(arenas.items()):
        if hosts & {arena.host, *arena.hosts}:
            arena.leave()
            del arenas[name]


def leave(arenas: dict[str, Arena]) -> None:
    """Hosts as they were before."""
    for arena in arenas.values():
        arena.leave()
    arenas.clear()
