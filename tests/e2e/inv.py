"""The command line as a user types it, and a look at the lab's hosts that does not go through
it.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
# Each test process has a lab of its own: the one of sites/lab.yml, or one beside it.
NUMBER = int(
    os.environ.get("FAIRLEAD_LAB_NUMBER")
    or os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
)
ROOT = Path("/var/lib/fairlead-lab" + (str(NUMBER) if NUMBER else ""))
NETWORK = f"10.{77 + NUMBER}.0"


def site_file() -> str:
    """The site of this process's lab: sites/lab.yml, its folder and network replaced where it
    is not the first.
    """
    if not NUMBER:
        return str(REPOSITORY / "sites" / "lab.yml")
    text = (REPOSITORY / "sites" / "lab.yml").read_text("utf-8")
    path = REPOSITORY / ".pytest_cache" / f"fairlead-lab{NUMBER}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        text.replace("/var/lib/fairlead-lab", str(ROOT)).replace("10.77.0", NETWORK), "utf-8"
    )
    return str(path)


SITE = site_file()


@dataclass(frozen=True)
class Said:
    """What a command left: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def rows(self) -> dict[str, Any]:
        """The row of each host in a document of one verb."""
        return {row["host"]: row for row in self.json["hosts"]}

    def steps(self, host: str) -> dict[str, str]:
        """Step -> state, on one host."""
        return {step["name"]: step["state"] for step in self.rows[host]["steps"]}


def words(*argv: str) -> list[str]:
    return [sys.executable, "-P", "-m", "fairlead", *argv]


def environment(**more: str) -> dict[str, str]:
    """Ours, with the lab as the site."""
    return (
        os.environ
        | {
            "FAIRLEAD_HOME": str(REPOSITORY),
            "FAIRLEAD_SITE": SITE,
            "PYTHONPATH": str(REPOSITORY),
            "NO_COLOR": "1",
        }
        | more
    )


def inv(*argv: str, timeout: float = 120, stdin: str | None = None, **more: str) -> Said:
    """Run `inv ARGV` in the repository; `more` goes to its environment."""
    given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    done = subprocess.run(
        words(*argv),
        cwd=REPOSITORY,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        **given,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def start(*argv: str, **more: str) -> subprocess.Popen[str]:
    """Begin `inv ARGV` and go on."""
    return subprocess.Popen(
        words(*argv),
        cwd=REPOSITORY,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def on(host: str, *argv: str, timeout: float = 30) -> str:
    """What a program on a lab host prints; it is entered from below, so it works with the link
    down.
    """
    done = subprocess.run(
        words("lab.exec", f"--host={host}", "--", *argv),
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.stdout
