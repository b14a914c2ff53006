"""A small Red Hat that lab hosts can install from: stand-in packages in a signed repository with a
group, for the real dnf and rpm of a lab host."""

from pathlib import Path

from tests.e2e.depot import Depot
from tests.e2e.rocky import signed

FILES = Path(__file__).parent / "rpms"
KEYS = "RPM-GPG-KEY"


def repository(depot: Depot) -> str:
    """The mirror, as a recipe names it; its keys are KEYS in it."""
    shelf = depot.folder / "worker"
    if not shelf.exists():
        shelf.symlink_to(signed("worker", FILES, "/bin/busybox", "/usr/bin/tini-static"))
    return f"{depot.url}/worker"
