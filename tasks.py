"""What Invoke loads: the vocabulary, and this project's own chores. In an ops repository of one's own the first two lines do."""

import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from invoke import Exit, task

from fairlead.cli.tasks import namespace

ns = namespace(globals())

HERE = Path(__file__).parent
PYTHON = (sys.executable, "-P", "-m")


def _run(*words: str) -> int:
    """A program of our Python in this folder; its exit code."""
    return subprocess.run(
        [*PYTHON, *words], cwd=HERE, env=os.environ | {"FAIRLEAD_HOME": str(HERE)}, check=False
    ).returncode


def _all_of(*codes: int) -> None:
    if any(codes):
        raise Exit(code=max(codes))


@task(
    help={
        "fast": "Leave out the tests that need the lab.",
        "k": "Only tests whose names match, as pytest -k.",
    },
    auto_shortflags=False,
)
def test(c, fast=False, k=""):
    """Run the tests: those without a lab, then those with one (each of three processes has its own); what could not run is listed by name."""
    import machine

    chosen = ["-k", k] if k else []
    reason = "" if fast else machine.prepare()
    first = _pytest(
        "-m", "not lab", "-n", "4", "--dist", "worksteal", *chosen
    )  # they wait more than they work
    _all_of(first, 0 if fast else _pytest("-m", "lab", "-n", "3", "--dist", "loadfile", *chosen))
    if reason:
        print(f"fairlead: {reason}", file=sys.stderr)


def _pytest(*words: str) -> int:
    """5 says that no test has such a name, which is no failure of this half."""
    code = _run("pytest", "-q", *words)
    return 0 if code == 5 else code


@task
def lint(c):
    """Check the style and the form of every file."""
    _all_of(
        _run("ruff", "check", "."), _run("ruff", "format", "--check", "--quiet", "."), _run("mypy")
    )


@task
def bench(c):
    """Measure what waiting costs: each file in bench/ prints its numbers."""
    _all_of(
        *(
            subprocess.run([sys.executable, str(path)], check=False).returncode
            for path in sorted((HERE / "bench").glob("[a-z]*.py"))
        )
    )


@task
def demo(c):
    """Play docs/demo.txt on three hosts of the lab, made on this machine: needs Linux and root."""
    import machine

    reason = machine.prepare()
    if reason:
        print(f"fairlead: no demo: {reason}", file=sys.stderr)
        raise Exit(code=4)
    began = time.monotonic()
    play, _, finish = (HERE / "docs" / "demo.txt").read_text("utf-8").partition("# finally\n")
    try:
        _play(play)
    finally:
        _play(finish)
    print(f"# {time.monotonic() - began:.0f} s", file=sys.stderr)


def _play(text: str) -> None:
    """Each line `inv WORDS` is run and has to end with 0, or as it says: `inv WORDS  # exit 8`. Comments are told."""
    for line in filter(None, map(str.strip, text.splitlines())):
        print(f"\n{line}" if line.startswith("#") else f"\n$ {line}", file=sys.stderr, flush=True)
        if line.startswith("inv "):
            command, _, expected = line.partition("# exit ")
            code = _run("fairlead", *shlex.split(command)[1:])
            if code != int(expected or 0):
                raise Exit(
                    f"fairlead: the demo expected exit {expected.strip() or 0} and saw {code}; the line above says where",
                    code=1,
                )
