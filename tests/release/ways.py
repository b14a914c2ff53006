"""The ways to install fairlead, each into an account that has nothing else: what came of it is an
ops repository whose `./inv` works."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead import __version__

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = Path.home() / ".pyenv" / "versions"
PATH = "/usr/local/bin:/usr/bin:/bin"
SETTINGS = ("PIP_", "UV_", "SSL_", "https_", "HTTPS_")  # of the way to the package index
ZIPAPP = (
    "import pathlib, sys; from release import package; "
    "print(package.zipapp(pathlib.Path(sys.argv[1])))"
)


@dataclass(frozen=True)
class Account:
    """A home, and nothing of the checkout in its environment."""

    home: Path

    def environment(self, **more: str) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
        return env | {"HOME": str(self.home), "PATH": PATH, **more}

    def run(
        self, *words: object, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command, which has to end well."""
        command = [str(word) for word in words]
        done = subprocess.run(
            command,
            cwd=cwd or self.home,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done

    def venv(self, name: str, *packages: object, python: str = sys.executable) -> Path:
        """A virtual environment with these packages, by pip; the folder of its programs."""
        programs = self.home / name / "bin"
        self.run(python, "-m", "venv", self.home / name)
        if packages:
            self.run(programs / "python", "-m", "pip", "install", "-q", *packages)
        return programs


@dataclass(frozen=True)
class Source:
    """What is installed, by which Python, and the folder with pipx and uv."""

    wheel: Path
    tools: Path
    python: str = sys.executable


@dataclass(frozen=True)
class Installed:
    """The launcher of an ops repository, and what it wants in the environment."""

    account: Account
    launcher: Path
    variables: Mapping[str, str]

    def inv(self, *words: str, cwd: Path | None = None, **more: str) -> str:
        """What `./inv WORDS` prints, which has to end well."""
        variables = {**self.variables, **more}
        folder = cwd or self.launcher.parent
        return self.account.run(self.launcher, *words, cwd=folder, **variables).stdout


def pip(account: Account, source: Source) -> Installed:
    programs = account.venv("venv", source.wheel, python=source.python)
    return _initialised(account, programs / "fairlead")


def pipx(account: Account, source: Source) -> Installed:
    account.run(source.tools / "pipx", "install", "--python", source.python, source.wheel)
    return _initialised(account, account.home / ".local" / "bin" / "fairlead")


def uv(account: Account, source: Source) -> Installed:
    words = ("tool", "install", "-q", "--python", source.python)
    account.run(source.tools / "uv", *words, source.wheel)
    return _initialised(account, account.home / ".local" / "bin" / "fairlead")


def zipapp(account: Account, source: Source) -> Installed:
    maker = account.venv("maker", python=source.python)
    made = account.run(maker / "python", "-c", ZIPAPP, source.wheel, cwd=ROOT)
    program = account.home / "fairlead.pyz"
    shutil.move(made.stdout.strip(), program)
    path = f"{Path(source.python).resolve().parent}:{PATH}"  # where its first line looks
    return _initialised(account, program, FAIRLEAD_PROGRAM=str(program), PATH=path)


def checkout(account: Account, source: Source) -> Installed:
    """As git has it, and what is not committed yet; its first call makes .venv."""
    folder = account.home / "checkout"
    listed = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    return Installed(account, folder / "inv", {"FAIRLEAD_PYTHON": source.python})


WAYS: Mapping[str, Callable[[Account, Source], Installed]] = {
    way.__name__: way for way in (pip, pipx, uv, zipapp, checkout)
}


def python(version: str) -> str:
    """The program of this Python; "" where it is not on this machine."""
    own = sorted(VERSIONS.glob(f"{version}.*/bin/python"))
    return str(own[-1]) if own else shutil.which(f"python{version}") or ""


def _initialised(account: Account, program: Path, **variables: str) -> Installed:
    """A new ops repository, made by this fairlead."""
    said = account.run(program, "--version", **variables).stdout
    assert said == f"fairlead {__version__}\n"
    repository = account.home / "ops"
    repository.mkdir()
    words = ("init", "--site=here", "--systems=perfsonar,daos", "--yes")
    account.run(program, *words, cwd=repository, **variables)
    return Installed(account, repository / "inv", {"PATH": f"{program.parent}:{PATH}", **variables})
