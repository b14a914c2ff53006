"""An operations repository as its owner has it: tasks.py of two lines, plugins/ with a system of
his own, one site file; and `inv` called in it.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from tests.e2e import inv as commands
from tests.e2e.inv import NETWORK, REPOSITORY, ROOT, SITE, Said

ENOUGH = "touch /var/tmp/toy.enough"  # ends a `toy.slow` on its host
TASKS = "from fairlead.cli.tasks import namespace\nns = namespace(globals())\n"
# The same three machines under other names, by other users and other ways.
SITE_FILE = f"""\
extends: {SITE}
hosts:
  op[1-2]: {{address: "{NETWORK}.%", user: op, sudo: true, identity: {ROOT}/key}}
  opw[1-2]: {{address: "{NETWORK}.%", user: opw, sudo: true, identity: {ROOT}/key}}
  opt[1-2]: {{address: "{NETWORK}.%", user: opt, sudo: true, identity: {ROOT}/key}}
  plain[1-2]: {{address: "{NETWORK}.%", user: op, identity: {ROOT}/key}}
  openssh[1-2]: {{address: "{NETWORK}.%", user: root, transport: openssh, identity: {ROOT}/key}}
  openop[1-2]: {{address: "{NETWORK}.%", user: op, sudo: true, transport: openssh,
    identity: {ROOT}/key}}
  openopw[1-2]: {{address: "{NETWORK}.%", user: opw, sudo: true, transport: openssh,
    identity: {ROOT}/key}}
  far[1-2]: {{address: "{NETWORK}.%", user: root, via: n1, identity: {ROOT}/key}}
  openfar[1-2]: {{address: "{NETWORK}.%", user: root, via: n1, transport: openssh,
    identity: {ROOT}/key}}
perfsonar: {{hosts: "n[1-3],op[1-2],openssh[1-2],openop[1-2],far[1-2],openfar[1-2]", patience: 8}}
toy: {{hosts: "n[1-3],op[1-2],opw[1-2],opt[1-2],plain[1-2],openssh[1-2],openop[1-2],\
openopw[1-2],far[1-2],openfar[1-2]"}}
"""


class Repository:
    """One in `folder`. `inv` and `start` are those of tests.e2e.inv, called in it."""

    def __init__(self, folder: Path):
        self.folder, self.site = folder, folder / "sites" / "x.yml"
        for name in ("plugins", "sites"):
            (folder / name).mkdir()
        (folder / "tasks.py").write_text(TASKS)
        self.site.write_text(SITE_FILE)
        toy = Path(__file__).parent / "plugins" / "toy"
        shutil.copytree(
            toy, folder / "plugins" / "toy", ignore=shutil.ignore_patterns("__pycache__")
        )
        for name in ("lab", "perfsonar", "stores"):  # an installed fairlead brings them
            (folder / "plugins" / name).symlink_to(REPOSITORY / "plugins" / name)

    @property
    def environment(self) -> dict[str, str]:
        return {"FAIRLEAD_HOME": str(self.folder), "FAIRLEAD_SITE": str(self.site)}

    def inv(self, *argv: str, **more: Any) -> Said:
        return commands.inv(*argv, **(self.environment | more))

    def start(self, *argv: str, **more: str) -> "Running":
        return Running(commands.start(*argv, **(self.environment | more)))


class Running:
    """A command that has begun. What it says is read as it comes."""

    def __init__(self, process: subprocess.Popen[str]):
        self.process, self.heard = process, ""

    def until(self, words: str, seconds: float = 60) -> "Running":
        """Go on once it has said this on stderr."""
        end = time.monotonic() + seconds
        while words not in self.heard:
            line = self.process.stderr.readline()
            self.heard += line
            assert line, (
                f"it ended and never said {words!r}: {self.heard}{self.process.stdout.read()}"
            )
            assert time.monotonic() < end, f"it has not said {words!r} yet: {self.heard}"
        return self

    def kill(self) -> Said:
        """kill -9, and nothing else."""
        self.process.kill()
        return self.end()

    def interrupt(self) -> Said:
        """Ctrl-C."""
        os.kill(self.process.pid, signal.SIGINT)
        return self.end(20)

    def end(self, seconds: float = 60) -> Said:
        out, err = self.process.communicate(timeout=seconds)
        return Said(self.process.returncode, out, self.heard + err)
