"""A small Red Hat that lab hosts can install from: stand-in packages in a signed repository with a group, for the real dnf and rpm of a lab host."""

import hashlib
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

from tests.e2e.depot import Depot
from tests.e2e.rocky import CACHE, base_images

FILES = Path(__file__).parent / "rpms"
KEYS = "RPM-GPG-KEY"


def packages() -> Path:
    """The folder of the repository, made once on a machine. The stand-in for Rocky Linux is what builds it."""
    made = CACHE / f"worker-{hashlib.sha256(b''.join(path.read_bytes() for path in sorted(FILES.iterdir()))).hexdigest()[:12]}"
    with made.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            base_images()
            base = max(CACHE.glob("rocky-*.tar.gz"), key=lambda path: path.stat().st_mtime)
            done = subprocess.run(["sh", str(FILES / "worker.sh"), str(base), str(made)], capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr
    return made


def repository(depot: Depot) -> str:
    """The mirror, as a recipe names it; its keys are KEYS in it."""
    shelf = depot.folder / "worker"
    if not shelf.exists():
        shelf.symlink_to(packages())
    return f"{depot.url}/worker"
