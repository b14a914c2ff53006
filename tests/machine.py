"""A host made of one folder: programs are run by a real `sh -s`, with the folders of fairlead and
the tools on PATH rewritten into it.
"""

import contextlib
import os
import secrets
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from fairlead.connections.base import ProgramResult
from fairlead.connections.conversation import OutputCallback, pieces
from fairlead.model.errors import Unreachable
from fairlead.model.plan import Fact, Noun, Step
from fairlead.remote import programs, transaction
from fairlead.remote.events import Event, StepUndone
from fairlead.remote.link import Link

T = TypeVar("T")
SHELLS = {name: path for name in ("dash", "bash", "busybox") if (path := shutil.which(name))}
Reply = Callable[[bytes], bytes | None]  # to output, on the same channel
LIMIT = 60.0  # seconds after which any program counts as hanging


class Cut(Noun):
    """When a link is to be cut: as soon as this stands in what the host has said.

    `stays`: no other can be had afterwards.
    """

    word: bytes = b""
    stays: bool = False


class Machine:
    """One host.

    `lines` are the connections that were opened to it; `cut` cuts the next following, `dead`
    refuses connections. Who logs in is `uid`, where we are root; `locks` is what all users share.
    """

    def __init__(self, folder: Path, name: str = "n1", shell: str = "dash", uid: int = 0):
        self.folder, self.name, self.locks = folder, name, folder / "locks"
        self.uid = uid or os.geteuid()
        self.bin = folder / "bin"
        self.bin.mkdir(parents=True)
        (self.bin / "sh").symlink_to(SHELLS[shell])
        # a host without an engine is asked its facts sooner
        for engine in ("docker", "docker-compose", "podman"):
            (self.bin / engine).symlink_to("/bin/false")
        self.path = f"{self.bin}:/usr/local/sbin:"
        self.cut: Cut | None = None
        self.dead = False
        self.pauses = ""  # seconds between tries of an undo that fails; none: it is tried once
        self.noise = ""  # what the login shell prints before it runs anything, as for printf
        self.variables: dict[str, str] = {}  # of the login, such as /etc/environment has them
        self.asked: list[str] = []  # every program that was sent
        self.lines: list[Connection] = []

    @property
    def state(self) -> Path:
        return (
            self.folder / "lib"
            if self.uid == 0
            else self.folder / "xdg/fairlead" / os.uname().nodename
        )

    @property
    def volatile(self) -> Path:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return self.folder / "run" if self.uid == 0 else self.state / f"boot-{boot}"

    def lease(self, system: str = "toy") -> Path:
        """The file of our lease of a system."""
        return self.locks / f"{system}.lease.{self.uid}"

    def leases(self) -> list[Path]:
        return sorted(self.locks.glob("*.lease.*"))

    def rewritten(self, program: str) -> str:
        paths = {
            "STATE_DIR=/var/lib/fairlead": f"STATE_DIR={self.folder}/lib",
            "BOOT_DIR=/run/fairlead": f"BOOT_DIR={self.folder}/run",
            "LOCK_DIR=/var/tmp/fairlead": f"LOCK_DIR={self.locks}",
            "PATH=/usr/local/sbin:": f"PATH={self.path}",
            "/run/systemd/system": f"{self.folder}/systemd",
            "/dev/log": f"{self.folder}/log",
            "UNDO_PAUSES='1 2 4 8 15'": f"UNDO_PAUSES='{self.pauses}'",
        }
        for old, new in paths.items():
            program = program.replace(old, new)
        return program

    def connect(self, *_: object) -> "Connection":
        if self.dead:
            raise Unreachable(self.name, "no route to it", "look at its cable")
        self.lines.append(Connection(self))
        return self.lines[-1]

    def link(self, silence: float = 0) -> Link:
        return Link(self.name, self.connect, silence)

    # what tests ask of it

    def ask(self, *facts: Fact, lease: programs.RunInfo | None = None) -> transaction.Facts:
        return transaction.ask(self.connect(), facts, lease)

    def do(
        self, *steps: Step, run: programs.RunInfo | None = None, number: int = 1, **options: Any
    ) -> "Done":
        """One transaction to its end."""
        run, events = run or a_run(), []
        ended = transaction.do(
            self.link(options.pop("silence", 0)), run, number, steps, events.append, **options
        )
        return Done(f"{run.name}.{number}", ended, tuple(events))

    def begin(
        self, *steps: Step, run: programs.RunInfo | None = None, number: int = 1, **options: Any
    ) -> "Working":
        """One transaction, followed in the background."""
        return Working(self, run or a_run(), number, steps, options)

    def runs(self) -> dict[str, transaction.HostRun]:
        return {run.name: run for run in transaction.runs(self.connect())[0]}

    def read(self, run: str, file: str) -> str:
        return (self.state / "runs" / run / file).read_text()

    def worker(self, run: str) -> int:
        """The process that works on a run: the one whose command line is `sh .../runs/RUN/body`."""
        return waited(
            lambda: next(
                (
                    pid
                    for pid, argv in processes()
                    if argv[1:2] == [f"{self.volatile}/runs/{run}/body"] and leads(pid)
                ),
                0,
            )
        )


class Done(Noun):
    """A transaction that has ended."""

    name: str
    ended: transaction.Ended
    events: tuple[Event, ...]

    @property
    def state(self) -> str:
        return self.ended.state

    @property
    def steps(self) -> list[str]:
        return [step.state for step in self.ended.steps]

    @property
    def undone(self) -> list[int]:
        return [event.step for event in self.events if isinstance(event, StepUndone)]


class Working:
    """A transaction under way; `result()` waits for its end."""

    def __init__(
        self,
        machine: Machine,
        run: programs.RunInfo,
        number: int,
        steps: Sequence[Step],
        options: dict[str, Any],
    ):
        self.name, self.machine, self.events = f"{run.name}.{number}", machine, []
        self._outcome: list[Any] = []
        silence = options.pop("silence", 0)

        def work() -> None:
            try:
                self._outcome.append(
                    transaction.do(
                        machine.link(silence),
                        run,
                        number,
                        tuple(steps),
                        self.events.append,
                        **options,
                    )
                )
            except Exception as error:  # handed to the test
                self._outcome.append(error)

        self._thread = threading.Thread(target=work, daemon=True)
        self._thread.start()

    def until(self, kind: str, step: int = 0) -> "Working":
        """Wait until this has been reported, of that step if there is one."""
        waited(
            lambda: any(
                event.kind == kind and (not step or event.step == step) for event in self.events
            )
        )
        return self

    def result(self) -> transaction.Ended:
        self._thread.join(LIMIT)
        assert self._outcome, "the transaction hangs"
        if isinstance(self._outcome[0], Exception):
            raise self._outcome[0]
        return self._outcome[0]


class Connection:
    """What hosts.connect would give."""

    def __init__(self, machine: Machine):
        self.machine, self.host, self.channels, self.closed = machine, machine.name, 0, False

    def run(
        self,
        program: str,
        *,
        on_output: Reply | None = None,
        timeout: float | None = 60,
        idle: float | None = None,
    ) -> ProgramResult:
        self.channels += 1
        self.machine.asked.append(program)
        with shell(self.machine) as process:
            return self._converse(
                process, self.machine.rewritten(program).encode(), on_output, timeout, idle or LIMIT
            )

    def _converse(
        self,
        process: subprocess.Popen[bytes],
        program: bytes,
        on_output: Reply | None,
        timeout: float | None,
        idle: float,
    ) -> ProgramResult:
        sender = threading.Thread(target=_send, args=(process, program), daemon=True)
        sender.start()
        try:
            return self._conversation(process, on_output, timeout, idle)
        finally:  # before its descriptor is another's
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            sender.join(LIMIT)

    def _conversation(
        self,
        process: subprocess.Popen[bytes],
        on_output: Reply | None,
        timeout: float | None,
        idle: float,
    ) -> ProgramResult:
        limited, out, end = bool(timeout), b"", time.monotonic() + min(timeout or LIMIT, LIMIT)
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            while True:
                if not ready.select(max(0, min(idle, end - time.monotonic()))):
                    assert limited or time.monotonic() < end, "the host hangs"
                    raise Unreachable(
                        self.host,
                        f"not a byte for {idle:g} s"
                        if time.monotonic() < end
                        else "its program has not ended",
                    )
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    break
                out += data
                answer = on_output(data) if on_output else None
                if self.machine.cut and self.machine.cut.word in out:
                    self.machine.cut, self.machine.dead = None, self.machine.cut.stays
                    raise Unreachable(self.host, "the link was cut")
                if answer:
                    _send(process, answer)
        return ProgramResult(process.wait(LIMIT), b"" if on_output else out, process.stderr.read())

    def session(
        self,
        argv: tuple[str, ...],
        *,
        tty: bool = False,
        stdin: BinaryIO | None = None,
        on_output: OutputCallback | None = None,
        on_errors: OutputCallback | None = None,
    ) -> int:
        fed = {"input": b"".join(pieces(stdin))} if stdin else {"stdin": subprocess.DEVNULL}
        done = subprocess.run(
            argv,
            **fed,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if on_errors else subprocess.STDOUT,
            timeout=LIMIT,
            check=False,
        )
        if on_output:
            on_output(done.stdout)
        if on_errors:
            on_errors(done.stderr)
        return done.returncode

    def close(self) -> None:
        self.closed = True


@contextlib.contextmanager
def shell(machine: Machine) -> Iterator[subprocess.Popen[bytes]]:
    """`sh -s` in a process group of its own, none of which is left afterwards."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(machine.folder),
        "XDG_STATE_HOME": str(machine.folder / "xdg"),
    } | machine.variables
    sh = str(machine.bin / "sh")
    login = (sh, "-c", 'printf "$0"; exec "$@"', machine.noise)
    argv = [*(login if machine.noise else ()), sh, "-s"]
    if machine.uid != os.geteuid():
        user = str(machine.uid)
        argv = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--", *argv]
    process = subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,
        env=environment,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()
        process.wait(LIMIT)


def _send(process: subprocess.Popen[bytes], data: bytes) -> None:
    remaining = memoryview(data)
    with contextlib.suppress(OSError, ValueError):
        while remaining:
            remaining = remaining[process.stdin.write(remaining) :]


def a_run(system: str = "toy", **options: Any) -> programs.RunInfo:
    """Who does what, under a name that no other run has; he began before any that a test begins."""
    began = time.gmtime(time.time() - 60)
    name = time.strftime("%Y%m%dT%H%M%S-", began) + secrets.token_hex(4)
    return programs.RunInfo(
        **{
            "name": name,
            "who": "ann@desk",
            "what": f"inv {system}.up",
            "lock": system,
            "site": "test",
        }
        | options
    )


def waited(ask: Callable[[], T], limit: float = 10.0) -> T:
    """What `ask` gives, once it gives something."""
    end = time.monotonic() + limit
    while not (value := ask()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return value


def processes() -> Iterable[tuple[int, list[str]]]:
    """Every process and its argv."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "cmdline").read_text(errors="replace").split("\0")


def leads(pid: int) -> bool:
    """Whether it leads its session: a worker does, its subshells do not."""
    with contextlib.suppress(OSError):
        return os.getsid(pid) == pid
    return False


def gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def ends(pid: int, seconds: float = 3) -> bool:
    """Whether a process ends within so long."""
    end = time.monotonic() + seconds
    while not gone(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return gone(pid)


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder and what it holds."""
    paths = sorted(folder.rglob("*"))
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in paths
    }
