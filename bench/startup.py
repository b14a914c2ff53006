"""How long `inv --list` and `./inv --list` take with everything there is, against a bare
`inv --list` of one task.

    python bench/startup.py [ROUNDS]

All are measured in turn, in one run: the processor's time and the wall's. Prints milliseconds (the
fastest and the median of each), the ratios of the fastest, and which heavy modules were imported;
ends with 1 where a ratio is above LIMIT or something heavy was imported.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
BARE = 'from invoke import task\n\n\n@task\ndef hello(c):\n    """Say hello."""\n'
LIMIT = 1.25
BARE_CALL, PLAIN, OURS = "bare inv --list", "inv --list", "./inv --list"
NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
HEAVY = (
    "paramiko",
    "fabric",
    "rich",
    "yaml",
    "ClusterShell",
    "cryptography",
    "pyrage",
    "asyncio",
    "importlib.metadata",
    "hashlib",
    "tarfile",
)


class Seconds(NamedTuple):
    """What one call took."""

    processor: float
    wall: float


def environment(cache: str) -> dict[str, str]:
    """As after a first call: compiled files are kept, in a folder of this measurement alone."""
    variables = {name: os.environ[name] for name in os.environ if name != NO_BYTECODE}
    return variables | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}


def seconds(command: list[str], folder: Path, cache: str) -> Seconds:
    """What one call takes. Raises CalledProcessError."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment(cache), stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Seconds(usage.ru_utime + usage.ru_stime, wall)


def measure(
    rounds: int, others: Mapping[str, tuple[list[str], Path]] = MappingProxyType({})
) -> dict[str, list[Seconds]]:
    """What each call takes, all in turn; `others`: more calls, and the folder of each."""
    invoke = [sys.executable, "-m", "invoke", "--list"]
    has_environment = (ROOT / ".venv" / "made").exists()  # else the launcher would make one
    launcher = ["./inv"] if has_environment else [sys.executable, "-P", "-m", "fairlead"]
    with tempfile.TemporaryDirectory() as bare, tempfile.TemporaryDirectory() as cache:
        Path(bare, "tasks.py").write_text(BARE)
        calls = {
            BARE_CALL: (invoke, Path(bare)),
            PLAIN: (invoke, ROOT),
            OURS: ([*launcher, "--list"], ROOT),
            **others,
        }
        times: dict[str, list[Seconds]] = {name: [] for name in calls}
        for number in range(rounds + 2):
            for name, (command, folder) in calls.items():
                one = seconds(command, folder, cache)
                if number >= 2:  # the first fill the cache
                    times[name].append(one)
    return times


def ratio(times: dict[str, list[Seconds]], name: str, clock: str) -> float:
    """The fastest of a call to the fastest bare one."""
    fastest = (min(getattr(one, clock) for one in times[call]) for call in (name, BARE_CALL))
    return next(fastest) / next(fastest)


def heavy() -> list[str]:
    """The heavy modules that our --list imports: none."""
    lines = (
        "import atexit, sys",
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))",
        "from fairlead.__main__ import main",
        "main(['inv', '--list'])",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stderr.split()
    return [name for name in HEAVY if name in loaded]


def main() -> int:
    """Measure, print, judge."""
    times = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    ratios = []
    for name in times:
        for clock in Seconds._fields:
            values = [getattr(one, clock) * 1000 for one in times[name]]
            ratios.append(ratio(times, name, clock))
            print(
                f"{name:16} {clock:9} {min(values):6.1f} ms fastest "
                f"{statistics.median(values):6.1f} ms median {ratios[-1]:5.2f} of bare"
            )
    modules = heavy()
    print(f"at most {LIMIT} of bare; heavy imports: {', '.join(modules) or 'none'}")
    return int(max(ratios) > LIMIT or bool(modules))


if __name__ == "__main__":
    sys.exit(main())
