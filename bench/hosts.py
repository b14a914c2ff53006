"""Hosts of this machine to measure with: an sshd with a mount namespace for each (state folders of
their own, quiet login shells), and what they use of the processor. Needs root on Linux.
"""

import ctypes
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from bench.relay import Relay  # noqa: E402 - it may be a script
from tests import sshd  # noqa: E402

SHELL = ROOT / "bench/shell"
SUBREAPER = 36  # prctl(2): orphans are ours to wait for
SETTLED = 0.7  # seconds after which what has ended has been waited for
PLACES = "/var/lib/fairlead /run/fairlead /var/tmp"
APART = f'mkdir -p {PLACES}; for d in {PLACES}; do mount -t tmpfs none "$d"; done; exec "$@"'
REAP = (sys.executable, str(Path(__file__).resolve()), "reap")


class Host:
    """One sshd of its own and its relay; `seconds()`: the processor time of all that has ended
    there.
    """

    def __init__(self, folder: Path):
        self.server = sshd.Sshd(folder, LogLevel="DEBUG1", MaxStartups="100")
        self.usage = folder / "usage"
        self.server.start("unshare", "-m", "sh", "-c", APART, "apart", *REAP, str(self.usage))
        self.relay = Relay(self.server.port)

    def channels(self) -> int:
        log = self.server.log.read_text()
        return len(re.findall(r"server_input_channel_req: .* request exec", log))

    def seconds(self) -> float:
        """Sessions are waited for by the server itself, what left them by our reaper."""
        return used(self.usage)

    def stop(self) -> None:
        self.server.stop()


class Fleet:
    """Many hosts n1, n2...: an sshd that has an address, and a mount namespace, for each; `near` is
    its port, `far` that of its relay.
    """

    def __init__(self, folder: Path, count: int):
        self.folder, self.count = folder, count
        self.addresses = {f"n{n}": f"127.1.{n // 256}.{n % 256}" for n in range(1, count + 1)}
        self.server = sshd.Sshd(
            folder / "server",
            ListenAddress="0.0.0.0",
            MaxStartups="2000",
            ForceCommand=f"sh {SHELL / 'login.sh'} {folder}",
        )
        config = folder / "server/config"
        config.write_text(config.read_text().replace(" 0.0.0.0", f" 0.0.0.0:{self.server.port}"))
        self.near, self.usage = self.server.port, folder / "usage"
        self.relay = Relay(self.near, "0.0.0.0")
        self.far = self.relay.port

    def start(self) -> None:
        fleet = ("sh", str(SHELL / "fleet.sh"), str(self.folder), str(self.count))
        before = ("unshare", "-m", *fleet, *REAP, str(self.usage))
        self.server.start(*before, within=10 + self.count)

    def known(self) -> str:
        """known_hosts for all of it."""
        key = " ".join(sshd.public(self.server.host_keys["ed25519"]))
        places = ((a, port) for a in self.addresses.values() for port in (self.near, self.far))
        return "".join(f"[{address}]:{port} {key}\n" for address, port in places)


@contextmanager
def fleet(folder: Path, count: int) -> Iterator[Fleet]:
    hosts = Fleet(folder, count)
    try:
        hosts.start()
        yield hosts
    finally:
        hosts.server.stop()


def used(usage: Path) -> float:
    """Seconds of processor time of a program that runs under `reap`, and of all its offspring."""
    time.sleep(SETTLED)
    pid, orphans = usage.read_text().split()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return float(orphans) + sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def reap(usage: str, *argv: str) -> None:
    """Run a program, and write down what it and all its offspring have used."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    child = subprocess.Popen(argv)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    while child.returncode is None:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == child.pid:
            child.returncode = status
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        new = Path(f"{usage}.new")
        new.write_text(f"{child.pid} {spent.ru_utime + spent.ru_stime}")
        new.rename(usage)
        time.sleep(0 if pid else 0.05)


if __name__ == "__main__" and sys.argv[1:2] == ["reap"]:
    reap(*sys.argv[2:])
