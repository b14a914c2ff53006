"""A real pool of HTCondor in the lab, of Debian's own package: the image of its workers, which the
site's registry has, its central manager on n1, and the jobs that people submit there.

The tree is made once on a machine. Whoever has the key of the pool belongs to it, as HTCondor wants
it since version 9.
"""

import hashlib
import shutil
import subprocess
import time
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

import machine
from fairlead.testing import plugins_in
from tests.e2e.ground import sh, under
from tests.e2e.inv import NETWORK, REPOSITORY
from tests.e2e.rocky import CACHE

SUITE = "trixie"
# debootstrap looks for no package that provides another
PACKAGES = ("busybox", "dumb-init", "htcondor", "iproute2", "python3-cffi-backend")
# None of these does a daemon or a tool of condor need.
EXPUNGED = (
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info", "usr/share/perl*"),
    *("usr/share/zoneinfo", "usr/lib/python3*", "usr/lib/*/perl*", "usr/lib/*/libicudata*"),
    *("var/cache/apt/*", "var/cache/debconf/*", "var/lib/apt/lists/*", "var/log/*.log"),
)
MANAGER = "pool"  # the container of the central manager
USER = "atlas001"
KEY = "the key of a pool in a lab"
CONFIG = f"""CONDOR_HOST = {NETWORK}.1
COLLECTOR_HOST = {NETWORK}.1:9618
UID_DOMAIN = tier1.lan
TRUST_DOMAIN = tier1.lan
TRUST_UID_DOMAIN = True
DAEMON_LIST = MASTER STARTD
SHARED_PORT_PORT = 4080
NUM_CPUS = 4
MEMORY = 2048
RUNBENCHMARKS = False
MAXJOBRETIREMENTTIME = 3600
NEGOTIATOR_INTERVAL = 5
NEGOTIATOR_CYCLE_DELAY = 1
NEGOTIATOR_MIN_INTERVAL = 1
SCHEDD_INTERVAL = 5
UPDATE_INTERVAL = 5
"""
MANAGED = {
    "DAEMON_LIST": "MASTER COLLECTOR NEGOTIATOR SCHEDD",
    "SHARED_PORT_PORT": "9618",
    "NETWORK_INTERFACE": f"{NETWORK}.1",
}


def tree() -> Path:
    """The archive of a Debian with HTCondor and a user of jobs."""
    CACHE.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(f"{SUITE}{PACKAGES}{EXPUNGED}".encode()).hexdigest()[:12]
    archive = CACHE / f"htcondor-{digest}.tar"
    with archive.with_suffix(".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not archive.exists():
            _make(archive)
    return archive


def _make(archive: Path) -> None:
    folder = archive.with_suffix(".new")
    shutil.rmtree(folder, ignore_errors=True)
    (CACHE / "debs").mkdir(exist_ok=True)
    texts = (path.read_text("utf-8") for path in machine.sources(machine.APT))
    mirror = next(filter(None, map(machine.mirror, texts)))[0]
    words = ("--variant=minbase", f"--include={','.join(PACKAGES)}", f"--cache-dir={CACHE}/debs")
    _run("debootstrap", *words, SUITE, str(folder), mirror)
    for pattern in EXPUNGED:
        for path in folder.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    with (folder / "etc/passwd").open("a") as passwd:
        passwd.write(f"{USER}:x:40001:4000::/home/{USER}:/bin/sh\n")
    _run("tar", "-C", str(folder), "-cf", f"{archive}.part", ".")
    shutil.rmtree(folder)
    Path(f"{archive}.part").rename(archive)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, (words, done.stdout[-1000:], done.stderr[-1000:])


def publish(image: str, release: str) -> None:
    """The registry has this image of a worker; one that is `broken` has a startd that ends at
    once."""
    plugins_in(REPOSITORY / "plugins")
    from fairlead_plugins.triumf.image import recipes

    init = f"#!/usr/bin/dumb-init /bin/bash\n{recipes.init()}"
    with tree().open("rb") as archive:
        under("n1", sh.text("condor_base"), stdin=archive)
    output = under("n1", sh.text("condor_publish"), image, release, init, CONFIG, KEY)
    assert image in output, output


def token(seconds: int, key: str = KEY) -> str:
    """An IDTOKEN for workers, good for so long, signed by the pool's key or another."""
    output = under("n1", sh.text("condor_token"), key, "condor@tier1.lan", str(seconds))
    return output.strip()


def members() -> set[str]:
    """The machines that the pool's collector knows, by their short names."""
    machines = in_pool("condor_status", "-startd", "-af", "Machine").split()
    return {machine.partition(".")[0] for machine in machines}


def manager() -> None:
    """The pool's central manager, and the schedd that keeps its jobs, run on n1."""
    if under("n1", 'docker ps -q --filter "name=^$1$"', MANAGER):
        return
    words = [word for key, value in MANAGED.items() for word in ("-e", f"_CONDOR_{key}={value}")]
    where = ("--restart=unless-stopped", "--net=host", f"--name={MANAGER}")
    image = ("htcondor:manager", "/usr/sbin/condor_master", "-f")
    under("n1", '"$@"', "docker", "run", "-d", *where, *words, *image)
    until("the schedd answers", lambda: "jobs" in in_pool("condor_q", "-allusers", "-totals"))


def in_pool(*argv: str) -> str:
    """What a program of condor's prints at the central manager."""
    return under("n1", 'docker exec -u "$@" 2>&1', USER, MANAGER, "timeout", "30", *argv)


def inside(engine: str, worker: str, *argv: str) -> str:
    """What a program prints inside a worker."""
    return under(engine, 'docker exec "$@" 2>&1', worker, *argv)


class Job:
    """A job that sleeps, on one worker, from now on."""

    def __init__(self, worker: str, seconds: int):
        self.worker = worker
        output = under("n1", sh.text("condor_job"), MANAGER, worker, str(seconds))
        self.number = output.split("cluster ")[-1].strip(" .\n")
        assert self.number.isdigit(), output

    @property
    def state(self) -> str:
        """Of those in the queue: 1 idle, 2 running, 5 held; of those that have left it: 4, how
        often they were begun, and their exit code."""
        queued = in_pool("condor_q", self.number, "-af", "JobStatus").strip()
        fields = ("JobStatus", "NumJobStarts", "ExitCode")
        return queued or in_pool("condor_history", self.number, "-af", *fields).strip()

    def runs(self) -> "Job":
        """It, as soon as it runs."""
        until(f"job {self.number} runs on {self.worker}", lambda: self.state == "2")
        return self

    def ended_well(self) -> bool:
        """Begun once, and ended by itself?"""
        until(f"job {self.number} ends", lambda: self.state.startswith("4"))
        return self.state == "4 1 0"


def until(what: str, question: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until a question is answered with yes."""
    ends = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < ends, f"{what}: not so after {seconds} s"
        time.sleep(1)
