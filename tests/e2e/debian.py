"""Debians that lab hosts can install from: real packages of this machine's own archive, with an
index and a signature of the lab's, in the depot."""

import hashlib
import lzma
import re
import shutil
import subprocess
from email.utils import formatdate
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import NamedTuple

import machine
from tests.e2e import htcondor
from tests.e2e.depot import Depot
from tests.e2e.rocky import CACHE

KEYRING = "keyring.gpg"


class Debian(NamedTuple):
    """A release, and what its repository has beside what every Debian has."""

    suite: str
    packages: tuple[str, ...]

    @property
    def shelf(self) -> str:
        """The folder of the depot."""
        return f"debian-{self.suite}"


BOOKWORM = Debian("bookworm", ("dumb-init", "iproute2", "less", "tini"))
TRIXIE = Debian(htcondor.SUITE, htcondor.PACKAGES)


def _run(*words: str, folder: Path | None = None) -> str:
    done = subprocess.run(
        words,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, (words, done.stdout[-1000:], done.stderr[-1000:])
    return done.stdout


def packages(debian: Debian) -> Path:
    """The folder of the repository, made once on a machine; its keys are KEYRING in it."""
    source = Path(__file__).read_bytes() + repr(debian).encode()
    made = CACHE / f"{debian.shelf}-{hashlib.sha256(source).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with made.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            new = made.with_suffix(".new")
            shutil.rmtree(new, ignore_errors=True)
            _fetch(new, debian)
            _index(new, debian.suite)
            _sign(new / "dists" / debian.suite, new)
            new.rename(made)
    return made


def _fetch(folder: Path, debian: Debian) -> None:
    """What debootstrap would install: it fetches, and leaves the archive's own index beside."""
    (CACHE / "debs").mkdir(exist_ok=True)
    mirror = next(
        filter(
            None, (machine.mirror(path.read_text("utf-8")) for path in machine.sources(machine.APT))
        )
    )
    words = (
        "--download-only",
        "--variant=minbase",
        f"--include={','.join(debian.packages)}",
        f"--cache-dir={CACHE}/debs",
    )
    _run("debootstrap", *words, debian.suite, str(folder / "tree"), mirror[0])


def _index(folder: Path, suite: str) -> None:
    """Packages: the paragraphs of the archive's own for what was fetched, each with its place
    here."""
    (folder / "pool").mkdir()
    paragraphs = []
    for listed in (folder / "tree/var/lib/apt/lists").glob("*_Packages"):
        for paragraph in listed.read_text("utf-8").strip().split("\n\n"):
            keys = dict(
                re.findall(r"^(Package|Version|Architecture): (.*)$", paragraph, re.MULTILINE)
            )
            path = (
                folder
                / "tree/var/cache/apt/archives"
                / "{Package}_{Version}_{Architecture}.deb".format(**keys).replace(":", "%3a")
            )
            if path.exists():
                path.rename(folder / "pool" / path.name.replace("%3a", "-"))
                paragraphs.append(
                    re.sub(
                        r"^Filename: .*$",
                        f"Filename: pool/{path.name.replace('%3a', '-')}",
                        paragraph,
                        flags=re.MULTILINE,
                    )
                )
    shutil.rmtree(folder / "tree")
    index = folder / "dists" / suite / "main/binary-amd64/Packages.xz"
    index.parent.mkdir(parents=True)
    plain = "".join(f"{paragraph}\n\n" for paragraph in paragraphs).encode()
    index.write_bytes(lzma.compress(plain))
    both = (
        ("Packages", plain),
        ("Packages.xz", index.read_bytes()),
    )  # apt wants to know of the plain one too
    lines = (
        f" {hashlib.sha256(text).hexdigest()} {len(text)} main/binary-amd64/{name}\n"
        for name, text in both
    )
    sums = "SHA256:\n" + "".join(lines)
    # debootstrap overlooks a last line
    fields = f"Date: {formatdate(usegmt=True)}\nArchitectures: amd64\nComponents: main\n"
    (folder / "dists" / suite / "Release").write_text(
        f"Origin: fairlead lab\nSuite: {suite}\nCodename: {suite}\n{sums}{fields}", "utf-8"
    )


def _sign(release: Path, folder: Path) -> None:
    """By a key that nobody has afterwards."""
    home = folder / "gpg"
    home.mkdir(0o700)
    gpg = ("gpg", "--homedir", str(home), "--batch", "--quiet", "--passphrase", "")
    _run(*gpg, "--quick-generate-key", "fairlead lab", "ed25519", "sign", "never")
    _run(*gpg, "--clearsign", "--output", "InRelease", "Release", folder=release)
    _run(*gpg, "--detach-sign", "--armor", "--output", "Release.gpg", "Release", folder=release)
    _run(*gpg, "--export", "--output", str(folder / KEYRING))
    _run("gpgconf", "--homedir", str(home), "--kill", "all")
    shutil.rmtree(home)


def repository(depot: Depot, debian: Debian) -> str:
    """The mirror, as a recipe names it."""
    shelf = depot.folder / debian.shelf
    if not shelf.exists():
        shelf.symlink_to(packages(debian))
    return f"{depot.url}/{debian.shelf}"
