"""How long `inv --list` takes with everything loaded, against a bare `inv --list` of one task.

    python bench/startup.py [ROUNDS]

Both are measured in turn, in one run. Prints milliseconds (the fastest and the median of each),
their ratio, and which heavy modules were imported; ends with 1 where the ratio of the fastest is
above LIMIT or something heavy was imported.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = 'from invoke import task\n\n\n@task\ndef hello(c):\n    """Say hello."""\n'
LIMIT = 1.2
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


def environment(cache: str) -> dict[str, str]:
    """As after a first call: compiled files are kept, in a folder of this measurement alone."""
    variables = {name: os.environ[name] for name in os.environ if name != NO_BYTECODE}
    return variables | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}


def seconds(command: list[str], folder: Path, cache: str) -> float:
    """The wall time of one call."""
    began = time.perf_counter()
    subprocess.run(
        command, cwd=folder, env=environment(cache), stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - began


def measure(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of the bare program and of ours, taken in turn."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        Path(folder, "tasks.py").write_text(BARE)
        bare = [sys.executable, "-m", "invoke", "--list"]
        ours = [sys.executable, "-P", "-m", "fairlead", "--list"]
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds + 2):
            pair = (seconds(bare, Path(folder), cache), seconds(ours, ROOT, cache))
            if number >= 2:  # the first fill the cache
                times[0].append(pair[0])
                times[1].append(pair[1])
    return times


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
    bare, ours = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
    for name, times in (("bare inv --list", bare), ("fairlead --list", ours)):
        fastest, middle = min(times) * 1000, statistics.median(times) * 1000
        print(f"{name:16} {fastest:6.1f} ms fastest {middle:6.1f} ms median")
    ratio = min(ours) / min(bare)
    ratio_of_medians = statistics.median(ours) / statistics.median(bare)
    print(
        f"{'ratio':16} {ratio:6.2f}    fastest {ratio_of_medians:6.2f}    median   "
        f"(at most {LIMIT})"
    )
    modules = heavy()
    print(f"{'heavy imports':16} {', '.join(modules) or 'none'}")
    return int(ratio > LIMIT or bool(modules))


if __name__ == "__main__":
    sys.exit(main())
