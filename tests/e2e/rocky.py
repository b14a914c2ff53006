"""What DAOS is built from in the lab: rockylinux with real dnf, and signed stand-in packages."""

import hashlib
import subprocess
from fcntl import LOCK_EX, flock
from pathlib import Path

import yaml

from tests.e2e.depot import Depot
from tests.e2e.ground import publish
from tests.e2e.inv import SITE

FILES = Path(__file__).parents[2] / "plugins" / "lab" / "files" / "rpms"
CACHE = Path(
    yaml.safe_load(Path(SITE).read_text("utf-8"))["lab"].get("cache", "/var/cache/fairlead-lab")
)
VERSIONS = (
    "2.4.0-2.el8",
    "2.4.1-1.el8",
    "2.4.2-1.el8",
    "2.6.0-1.el8",
    "2.6.5-1.el8",
    "2.6.5-1.el9",
    "2.8.0-1.el9",
    "2.8.1-1.el9",
)  # the server of 2.4.2 does not start, the engines of 2.8.1 do not


def base_images() -> None:
    """rockylinux/rockylinux 8.6, 8.9 and 9.6 are what the registry has."""
    for tag in ("8.6", "8.9", "9.6"):
        publish(f"{tag}.0", flavor="rocky", image="rockylinux/rockylinux", tag=tag)


def signed(name: str, folder: Path, *files: str) -> Path:
    """A repository of the packages that the build.sh of `folder` makes, beside these files.

    It is made once on a machine.
    """
    base_images()
    base = CACHE / f"rocky-{_digest(*FILES.glob('rocky.*'))}.tar.gz"  # as publish.sh calls it
    made = CACHE / f"{name}-{_digest(FILES / 'signed.sh', *folder.iterdir())}"
    with made.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            words = ("sh", str(FILES / "signed.sh"), str(base), str(made), str(folder), *files)
            done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
            assert done.returncode == 0, done.stderr
    return made


def _digest(*paths: Path) -> str:
    return hashlib.sha256(
        b"".join(path.read_bytes() for path in sorted(paths) if path.is_file())
    ).hexdigest()[:12]


def repository(depot: Depot) -> dict[str, list[str]]:
    """The values of a site that take DAOS from the depot: repos and gpg_keys."""
    shelf = depot.folder / "daos"
    if not shelf.exists():
        shelf.symlink_to(signed("daos", FILES / "daos"))
    return {"repos": [f"{depot.url}/daos/"], "gpg_keys": [f"{depot.url}/daos/RPM-GPG-KEY"]}
