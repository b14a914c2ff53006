"""What a system has to be for its upgrades to be broken: one host, an older version that runs, a
newer one to come, and marks in its state that nobody may lose.
"""

import secrets
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import ClassVar

from tests.e2e import inv as commands
from tests.e2e.ground import sh, under
from tests.e2e.inv import NETWORK, ROOT, SITE, Said

LAB = ("sh", f"{ROOT}/lib/lab.sh", str(ROOT), NETWORK)
SETTINGS = "/var/lib/fairlead"
STORES = {"docker": "/var/lib/docker", "podman": "/var/lib/containers"}
BLOB = 64 * 1024  # bytes of a mark in the state


class Arena:
    """One system. `host`: where it is played; `hosts`: what else it needs there; `names`: its
    containers; `state`: the folder of the host that it keeps things in; `patience`: seconds in
    which it is healthy after a start; `questions`: the program that says whether it is, what runs,
    and what must not be lost; `small`: what of the host lies on a small file system.
    """

    name: ClassVar[str]
    host: ClassVar[str]
    hosts: ClassVar[tuple[str, ...]] = ()
    names: ClassVar[tuple[str, ...]]
    state: ClassVar[str]
    verbs: ClassVar[str]  # what stands before .up, .status
    questions: ClassVar[str]
    address: ClassVar[str] = ""  # of its container, where it has one of its own
    engine: ClassVar[str] = "docker"
    patience: ClassVar[float] = 30
    registry_host: ClassVar[str] = ""  # "": the lab's own registry
    words: ClassVar[tuple[str, ...]] = ()  # secrets that lie in no file of fairlead's
    own: ClassVar[str] = ""  # a pattern of what it writes into its state by itself
    sizes: ClassVar[dict[str, str]] = {
        "state": "72m",
        "images": "3400m",  # what preflight asks for has to be free
        "run": "3m",
        "tmp": "3m",
    }

    def __init__(self, folder: Path):
        self.folder, self.small = folder, ""
        folder.mkdir(parents=True, exist_ok=True)
        self.prepare()

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_SITE": SITE}

    def inv(self, *argv: str, timeout: float = 300) -> Said:
        return commands.inv(*argv, timeout=timeout, **self.environment)

    def on(self, verb: str) -> tuple[str, ...]:
        """A verb of this system on this host."""
        return (f"{self.verbs}.{verb}", f"--host={self.host}")

    def done(self, *argv: str) -> Said:
        result = self.inv(*argv)
        assert result.code == 0, f"{argv}: {result.code}\n{result.err}\n{result.out}"
        return result

    def clear(self) -> None:
        """None of its containers stands, nothing lies in its state. Its images stay."""
        under(self.host, sh.text("round_clear"), self.engine, *self.names)
        self.widen()
        under(self.host, 'rm -rf "$1"', self.state)

    def places(self, kind: str) -> tuple[str, ...]:
        """The folders that lie on the small file system of this kind."""
        kinds = {
            "state": (self.state, SETTINGS),
            "images": (STORES[self.engine],),
            "run": ("/run/fairlead",),
            "tmp": ("/tmp", "/var/tmp"),
        }
        return kinds[kind]

    def narrow(self, kind: str) -> None:
        """These folders lie on a small file system from now on; what was in them does not."""
        program = sh.text("round_small")
        under(self.host, program, self.engine, kind, self.sizes[kind], *self.places(kind))
        self.small = kind

    def widen(self) -> None:
        if self.small:
            under(self.host, sh.text("round_roomy"), self.engine, *self.places(self.small))
        self.small = ""

    def lent(self) -> AbstractContextManager[object]:
        """What of the machine it needs while it is played."""
        return nullcontext()

    def booted(self) -> None:
        """What the host's own boot brings that a lab's host does not."""

    def leave(self) -> None:
        """Hosts as they were."""
        self.clear()

    @property
    def upgrade(self) -> tuple[str, ...]:
        return (*self.on("upgrade"), "--yes")

    def mark(self, path: str) -> None:
        """A file of which each byte counts lies in the state."""
        program = 'printf %s "$1" >"$2" && cat "$2"'
        text = secrets.token_hex(BLOB // 2)
        assert under(self.host, program, text, path) == text, f"{path}: no mark"

    # Each of its own

    def prepare(self) -> None:
        """Once: what all rounds need."""

    def rebuild(self) -> None:
        """From nothing: the older version runs, with marks in its state."""
        raise NotImplementedError

    def offer(self, *, broken: bool) -> str:
        """A newer version appears; its release."""
        raise NotImplementedError

    def fits(self, release: str) -> bool:
        """May what runs be the older version of a round?"""
        return True
