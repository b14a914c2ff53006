"""How long `inv --list` takes with everything loaded, against a bare `inv --list` of one task, interleaved in one run; and what it imported.

    python bench/startup.py [ROUNDS]

Prints milliseconds (the fastest and the median of each) and their ratio; ends with 1 where the ratio of the fastest is above 1.3.
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
LIMIT = 1.3
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
    """As after a first call: compiled files are kept, for both in a place of this measurement's own."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": cache}


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
        pairs = [
            (seconds(bare, Path(folder), cache), seconds(ours, ROOT, cache))
            for _ in range(rounds + 2)
        ][2:]  # the first fill the cache
    return [one for one, _ in pairs], [other for _, other in pairs]


def heavy() -> list[str]:
    """Which heavy modules our --list imports; none."""
    lines = (
        "import atexit, sys",
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))",
        "from fairlead.__main__ import main",
        "main(['inv', '--list'])",
    )
    known = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        cwd=ROOT,
        env=known,
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
        print(
            f"{name:16} {min(times) * 1000:6.1f} ms fastest {statistics.median(times) * 1000:6.1f} ms median"
        )
    ratio, found = min(ours) / min(bare), heavy()
    print(
        f"ratio            {ratio:6.2f}    fastest {statistics.median(ours) / statistics.median(bare):6.2f}    median   (at most {LIMIT})"
    )
    print(f"heavy imports    {', '.join(found) or 'none'}")
    return int(ratio > LIMIT or bool(found))


if __name__ == "__main__":
    sys.exit(main())
