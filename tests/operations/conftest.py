"""A host for command lines: this machine, with a Docker engine of its own that is there for these
tests alone.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from fairlead.model.plan import Command, Phase, Secret, Step
from fairlead.remote.quoting import code
from tests.machine import SHELLS

BUSYBOX = Path("/bin/busybox") if Path("/bin/busybox").exists() else Path("/usr/bin/busybox")
RUNS = 'CMD ["sh","-c","trap exit TERM; while :; do sleep 0.1; done"]'


def ask(command: Command, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["sh", "-c", code(command)], input=stdin, capture_output=True, timeout=60, check=False
    )


def stdin_of(step: Step) -> bytes:
    """What a step reads on stdin."""
    if isinstance(step.stdin, Secret):
        return step.stdin.reveal()
    assert step.stdin is None or isinstance(step.stdin, str | bytes)
    return step.stdin.encode() if isinstance(step.stdin, str) else step.stdin or b""


def flat(parts: Iterable[Step | Phase]) -> Iterator[Step]:
    """Steps, one phase after the other."""
    return (step for part in parts for step in (part.steps if isinstance(part, Phase) else (part,)))


class Failed(Exception):
    """A step failed; what had begun was undone."""


class Doer:
    """Carries steps out as the worker on a host does: question, change, wait; at a failure
    everything begun is undone in reverse.
    """

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.proofs: dict[str, bool] = {}  # step -> does what its undo brought back work?

    def __call__(
        self,
        steps: Iterable[Step | Phase],
        stop_after: str = "",
        undo: bool = True,
        stop_before: str = "",
    ) -> dict[str, str]:
        """`stop_before`: the step of this name is begun, and fails before it has done anything."""
        self.states, begun = {}, []
        for step in flat(steps):
            try:
                self.states[step.name] = self._one(step, begun, fails=step.name == stop_before)
                if stop_after and step.name == stop_after:
                    raise Failed(f"stopped after {step.name}")
            except Failed:
                for done in reversed(begun if undo else []):
                    if done.undo is not None:
                        went = ask(done.undo)
                        assert went.returncode == 0, (
                            f"the undo of {done.name} failed: {went.stderr.decode()}"
                        )
                if undo:
                    self.proofs = {s.name: self._is_proved(s) for s in begun if s.proof is not None}
                raise
        return self.states

    def _is_proved(self, step: Step) -> bool:
        assert step.proof is not None
        end = time.monotonic() + min(step.proof_within, 20)
        while ask(step.proof).returncode != 0:
            if time.monotonic() > end:
                return False
            time.sleep(0.2)
        return True

    def _one(self, step: Step, begun: list[Step], fails: bool) -> str:
        if step.unless is not None:
            answer = ask(step.unless, stdin_of(step) if step.compares else b"")
            if answer.returncode == 0:
                return "ok"
            if answer.returncode != 1:
                error = f"({answer.returncode}): {answer.stderr.decode()}"
                raise Failed(f"{step.name}: the question failed {error}")
        if step.do:
            begun.append(step)
            if fails:
                raise Failed(f"stopped before {step.name}")
            went = ask(step.do, stdin_of(step))
            self.outputs[step.name] = (went.stdout + went.stderr).decode()
            if went.returncode not in step.ok_codes:
                raise Failed(f"{step.name}: {self.outputs[step.name]}")
        if step.until is not None:
            end = time.monotonic() + min(step.timeout, 4)
            while ask(step.until).returncode != 0:
                if time.monotonic() > end:
                    raise Failed(f"{step.name}: too late")
                time.sleep(0.2)
        return "changed" if step.do else "ok"


@pytest.fixture(params=SHELLS)
def every_shell(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> str:
    """The test runs once in each shell that hosts have as `sh`; its name."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "sh").symlink_to(SHELLS[request.param])
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return request.param


@pytest.fixture
def carry_out() -> Doer:
    return Doer()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """An engine of one's own: call it with the words after `docker`.

    Its images: stand/in:1, stand/in:2, stand/in:broken.
    """
    if (
        sys.platform != "linux"
        or os.geteuid()
        or not shutil.which("dockerd")
        or not BUSYBOX.exists()
    ):
        pytest.skip("needs Linux, root, dockerd and busybox-static")
    folder = tmp_path_factory.mktemp("engine")
    os.environ["DOCKER_HOST"] = f"unix://{folder}/sock"
    words = [
        "dockerd",
        "--data-root",
        f"{folder}/d",
        "--exec-root",
        f"{folder}/e",
        "--host",
        os.environ["DOCKER_HOST"],
        "--pidfile",
        f"{folder}/pid",
    ]
    words += ["--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver=vfs"]
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen(
            words, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        _await_engine(folder)
        for tag, content in (("1", "5.0"), ("2", "5.1"), ("broken", "")):
            _image(folder / tag, f"stand/in:{tag}", content)
        yield docker
    finally:
        docker("rm", "-fv", *docker("ps", "-aq").split(), check=False)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)
        subprocess.run(
            ["umount", "-l", f"{folder}/e/netns/default"], capture_output=True, check=False
        )
        del os.environ["DOCKER_HOST"]


def _await_engine(folder: Path) -> None:
    end = time.monotonic() + 20
    while subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        assert time.monotonic() < end, (folder / "log").read_text()
        time.sleep(0.1)


def docker(*words: str, check: bool = True) -> str:
    went = subprocess.run(["docker", *words], capture_output=True, text=True, check=False)
    assert not check or went.returncode == 0, went.stderr
    return went.stdout.strip()


def _image(root: Path, name: str, version: str) -> None:
    """A stand-in with state in three places, two of them with defaults of its own.

    `healthy` there says yes when the image has a version.
    """
    for place in ("bin", "etc/app/psconfig", "etc/secret/database", "var/lib/db/16", "tmp", "run"):
        (root / place).mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    for applet in ("sh", "sleep", "cat", "test", "true", "sort", "grep", "echo"):
        (root / "bin" / applet).symlink_to("busybox")
    (root / "version").write_text(version)
    (root / "etc/app/app.conf").write_text(f"default of {version}\n")
    (root / f"etc/app/only-{version or 'broken'}").write_text("x")
    (root / "etc/secret/database/password").write_text(f"made with {version}\n")
    (root / "var/lib/db/16/data").write_text("empty\n")
    os.chown(root / "var/lib/db", 101, 102)
    os.chmod(root / "var/lib/db/16", 0o700)
    tar = subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE)
    subprocess.run(
        ["docker", "import", "-c", RUNS, "-c", "VOLUME /var/lib/db", "-", name],
        stdin=tar.stdout,
        check=True,
        capture_output=True,
    )
    assert tar.wait() == 0
