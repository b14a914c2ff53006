"""What a command line costs."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.hosts import ROOT, Fleet, used

DELAYS = (0, 100, 200)  # milliseconds that a round trip takes longer


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of the processor here, those of all hosts (0: not measured), and
    the memory in MB of the largest process here.
    """

    seconds: float
    here: float
    there: float
    memory: float


@dataclass
class Bench:
    """Where it is measured; the loads that were seen meanwhile."""

    folder: Path
    hosts: Fleet
    loads: list[float] = field(default_factory=lambda: [os.getloadavg()[0]])

    def cost(
        self, argv: Sequence[str], more: Mapping[str, str] | None = None, *, there: bool = False
    ) -> Cost:
        """Of one call, which has to end well; `there`: with that of the hosts, a second longer."""
        self.loads.append(os.getloadavg()[0])
        before = used(self.hosts.usage) if there else 0.0
        seconds, usage = _called(argv, self.folder, more or {})
        after = used(self.hosts.usage) if there else 0.0
        here = usage.ru_utime + usage.ru_stime
        return Cost(seconds, here, after - before, usage.ru_maxrss / 1024)

    def slopes(self, calls: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, float]:
        """Round trips: seconds that a second of latency costs, by the fastest of each delay; all in
        turn.
        """
        fastest: dict[tuple[str, int], float] = {}
        for delay in DELAYS * rounds:
            self.hosts.relay.delay = delay / 1000
            for name, call in calls.items():
                took = call().seconds
                fastest[name, delay] = min(took, fastest.get((name, delay), took))
        seconds = [delay / 1000 for delay in DELAYS]
        return {
            name: statistics.linear_regression(seconds, [fastest[name, d] for d in DELAYS]).slope
            for name in calls
        }


def _called(argv: Sequence[str], folder: Path, more: Mapping[str, str]) -> tuple[float, object]:
    own = {"FAIRLEAD_HOME": str(folder / "ops"), "PYTHONPATH": str(ROOT), "HOME": str(folder)}
    environment = os.environ | own | {"XDG_RUNTIME_DIR": str(folder)} | more
    began = time.perf_counter()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            argv,
            cwd=folder / "ops",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            words.seek(0)
            text = words.read().decode(errors="replace")[-3000:]
            sys.exit(f"{argv[:4]} ended with {process.returncode}:\n{text}")
    return seconds, usage


def least(costs: Sequence[Cost]) -> Cost:
    """The fastest, and the least of everything else."""
    fields = ("seconds", "here", "there", "memory")
    return Cost(*(min(getattr(cost, name) for cost in costs) for name in fields))
