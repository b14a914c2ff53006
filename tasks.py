"""What Invoke loads: the vocabulary, and this project's own chores.

In an ops repository of one's own the first two lines do.
"""

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
ENDS = ("bookworm", "forky")  # of the releases that hosts of the lab can stand on
PYTHON = (sys.executable, "-P", "-m")


def _run(*words: str, **more: str) -> int:
    """Run a module of our Python in this folder, `more` in its environment; its exit code.

    Ctrl-C reaches it too: it has all the time it takes to tidy up, until the second one.
    """
    environment = os.environ | {"FAIRLEAD_HOME": str(HERE)} | more
    with subprocess.Popen([*PYTHON, *words], cwd=HERE, env=environment) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise


def _fail_unless_ok(*codes: int) -> None:
    """End with the highest of these exit codes, unless all are 0."""
    if any(codes):
        raise Exit(code=max(codes))


@task(
    help={
        "fast": "Only the tests that need no lab and take no more than a minute together.",
        "k": "Only tests whose names match, as pytest -k.",
        "engines": "Only those on Docker and Podman of three Debian releases, with a table, and "
        "those of systems on the oldest and the newest of these.",
        "long": "Only those that take minutes of a lab for a second engine, version or way.",
        "faults": "Instead, upgrades into which something breaks, those that were not played yet; "
        "writes docs/reliability.md.",
        "rounds": "With --faults: so many at most.",
        "minutes": "With --faults: begin none after these.",
        "seed": "With --faults: what the rounds are drawn from.",
        "labs": "With --faults: so many labs at once, each with its share of the rounds.",
    },
    auto_shortflags=False,
)
def test(
    c,
    fast=False,
    k="",
    engines=False,
    long=False,
    faults=False,
    rounds=0,
    minutes=0,
    seed=1,
    labs=1,
):
    """Run the tests: those without a lab, then those with one (each of four processes has its
    own); what could not run is listed by name.
    """
    import machine

    names = ["-k", k] if k else []
    reason = "" if fast else machine.prepare()
    if faults:
        _fail_without_lab(reason, "faults")
        limits = (f"--rounds={rounds}", f"--minutes={minutes}", f"--seed={seed}")
        _fail_unless_ok(_run("tests.e2e.faults", *limits, f"--labs={labs}"))
        return
    if engines:
        codes = [_pytest("-q", "-m", "engines", *names)]
        for release in ENDS:
            codes.append(_pytest("-q", "-m", "releases", *names, FAIRLEAD_LAB_RELEASE=release))
        _fail_unless_ok(*codes)
        return
    if long:
        _fail_unless_ok(_in_labs("long", *names))
        return
    # Four processes on two cores: these tests wait more than they work.
    without_lab = "not lab and not slow" if fast else "not lab"
    codes = [_pytest("-q", "-m", without_lab, "-n", "4", "--dist", "worksteal", *names)]
    if not fast:
        codes.append(_in_labs("lab and not engines and not long", *names))
    _fail_unless_ok(*codes)
    if reason:
        print(f"fairlead: {reason}", file=sys.stderr)


def _fail_without_lab(reason: str, what: str) -> None:
    """End with 4 where this machine cannot carry a lab."""
    if reason:
        print(f"fairlead: no {what}: {reason}", file=sys.stderr)
        raise Exit(code=4)


def _in_labs(marks: str, *words: str) -> int:
    """The exit code of four processes, each with a lab; each test is named when it has ended."""
    # a file is a lab's; tests/e2e/turns.py has their order
    by_file = ("--dist", "loadfile", "--no-loadscope-reorder")
    return _pytest("-v", "-m", marks, "-n", "4", *by_file, *words)


def _pytest(*words: str, **more: str) -> int:
    """The exit code of pytest; 5 says that no test has such a name, which is no failure here."""
    code = _run("pytest", *words, **more)
    return 0 if code == 5 else code


@task
def lint(c):
    """Check the style and the form of every file."""
    _fail_unless_ok(
        _run("ruff", "check", "."),
        _run("ruff", "format", "--check", "--quiet", "."),
        _run("mypy"),
        _shellcheck(),
        _bounds(),
    )


def _bounds() -> int:
    """The exit code of a look at every dependency: 1 where one has no upper bound."""
    from release import bounds

    sentences = list(bounds.faults((HERE / "pyproject.toml").read_text("utf-8")))
    for sentence in sentences:
        print(f"fairlead: {sentence}", file=sys.stderr)
    return int(bool(sentences))


@task(help={"dest": "The folder that they are put into."}, auto_shortflags=False)
def package(c, dest="dist"):
    """Make what can be installed: wheel, sdist, and a zipapp for this Python."""
    from release import package

    try:
        paths = package.package(HERE / dest)
    except subprocess.CalledProcessError as error:
        raise Exit("fairlead: no package: see above", code=1) from error
    for path in paths:
        print(os.path.relpath(path))


def _shellcheck() -> int:
    """The exit code of shellcheck over every .sh file, and the launcher."""
    import shutil  # brings every way of compressing, which no listing needs

    if shutil.which("shellcheck") is None:
        print("fairlead: shellcheck is not installed; no .sh file was checked", file=sys.stderr)
        return 0
    files = [str(HERE / "inv")]
    for folder in ("fairlead", "plugins", "tests"):
        files += map(str, sorted((HERE / folder).rglob("*.sh")))
    command = ["shellcheck", "-x", "-P", "SCRIPTDIR", "-s", "sh", *files]
    return subprocess.run(command, check=False).returncode


@task(
    help={
        "quick": "Fewer hosts, one round: four minutes instead of fifteen.",
        "large": "256 hosts as well, and hosts by tree.",
    },
    auto_shortflags=False,
)
def bench(c, quick=False, large=False):
    """Measure what waiting costs, beside other programs, and write docs/performance.md."""
    flags = [f"--{name}" for name, flag in (("quick", quick), ("large", large)) if flag]
    _fail_unless_ok(_run("bench.performance", *flags))


@task
def demo(c):
    """Play docs/demo.txt on three hosts of the lab, made on this machine: needs Linux and root."""
    import machine

    reason = machine.prepare()
    _fail_without_lab(reason, "demo")
    began = time.monotonic()
    play, _, finish = (HERE / "docs" / "demo.txt").read_text("utf-8").partition("# finally\n")
    try:
        _play(play)
    finally:
        _play(finish)
    print(f"# {time.monotonic() - began:.0f} s", file=sys.stderr)


def _play(text: str) -> None:
    """Run each line `inv WORDS`, and print the comments between.

    It has to end with 0, or as it says: `inv WORDS  # exit 8`.
    """
    for line in filter(None, map(str.strip, text.splitlines())):
        prompt = "" if line.startswith("#") else "$ "
        print(f"\n{prompt}{line}", file=sys.stderr, flush=True)
        if line.startswith("inv "):
            _play_line(line)


def _play_line(line: str) -> None:
    command, _, expected = line.partition("# exit ")
    code = _run("fairlead", *shlex.split(command)[1:])
    if code != int(expected or 0):
        raise Exit(
            f"fairlead: the demo expected exit {expected.strip() or 0} and saw {code}; "
            "the line above says where",
            code=1,
        )
