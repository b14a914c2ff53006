"""What an unchanged `up` of five steps costs a host that has no engine to be asked: round trips as
a slope, exec channels, and the host's processor time, beside one `ssh HOST true`.

    python bench/conversation.py [ROUNDS]

The hosts are sshds of this machine with mount namespaces of their own (state folders apart, quiet
login shells); a relay adds latency, the same for all that is measured. Needs root on Linux.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from bench.hosts import Host  # noqa: E402 - a script, not a module of the package
from tests import sshd  # noqa: E402
from tests.trees import repository  # noqa: E402

Words = tuple[str, ...]
Measure = Callable[[], float]  # seconds that a command line took
DELAYS = (0, 100, 200)  # milliseconds that a round trip takes longer
HOSTS = 4
KEEP = 60  # seconds that a connection stays, in the rows that keep it
FAR = 50  # milliseconds, of the comparison on HOSTS hosts


@contextmanager
def hosts(folder: Path) -> Iterator[list[Host]]:
    with ExitStack() as stack:
        all_hosts = [Host(folder / f"n{number}") for number in range(1, HOSTS + 1)]
        for host in all_hosts:
            stack.callback(host.stop)
        yield all_hosts


def ops(folder: Path, all_hosts: list[Host]) -> Path:
    """An ops repository whose plugin is the five steps, and an ssh_config for the hosts."""
    root = repository(folder)
    known, config, table = [], [], {}
    for number, host in enumerate(all_hosts, 1):
        name, port, server = f"n{number}", host.relay.port, host.server
        for path in server.host_keys.values():
            known.append(f"[127.0.0.1]:{port} {' '.join(sshd.public(path))}\n")
        config.append(
            f"Host {name}\n Hostname 127.0.0.1\n Port {port}\n IdentityFile {server.key}\n"
            f" IdentitiesOnly yes\n User root\n UserKnownHostsFile {folder}/known\n"
        )
        table[name] = {"address": "127.0.0.1", "port": port, "identity": str(server.key)}
    (folder / "known").write_text("".join(known))
    (folder / "ssh_config").write_text("".join(config))
    site = {
        "ssh": {"config": str(folder / "ssh_config"), "known_hosts": str(folder / "known")},
        "hosts": table,
        "five": {"hosts": f"n[1-{HOSTS}]"},
    }
    (root / "sites/bench.yml").write_text(json.dumps(site))
    return root


def took(argv: tuple[str, ...], root: Path) -> float:
    environment = os.environ | {"FAIRLEAD_HOME": str(root), "PYTHONPATH": str(ROOT)}
    environment["XDG_RUNTIME_DIR"] = str(root.parent)  # where sockets of kept connections lie
    began = time.perf_counter()
    done = subprocess.run(
        argv, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    seconds = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{argv} ended with {done.returncode}:\n{done.stderr.decode()}")
    return seconds


def set_delay(all_hosts: list[Host], milliseconds: float) -> None:
    for host in all_hosts:
        host.relay.delay = milliseconds / 1000


def slope(measure: Measure, all_hosts: list[Host], rounds: int) -> float:
    """Round trips: seconds that a second of latency costs, by the fastest of each delay."""
    points = []
    for delay in DELAYS:
        set_delay(all_hosts, delay)
        points.append((delay / 1000, min(measure() for _ in range(rounds))))
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def processor(measure: Measure, host: Host, rounds: int) -> float:
    """Milliseconds of the host's processor for one."""
    before = host.seconds()
    for _ in range(rounds):
        measure()
    return (host.seconds() - before) / rounds * 1000


def commands(folder: Path, root: Path) -> Iterator[tuple[str, Words, Words]]:
    """Name, and the command lines for one host and for all."""
    ssh = ("ssh", "-F", str(folder / "ssh_config"))
    each = (f"{' '.join(ssh)} n{number} true &" for number in range(1, HOSTS + 1))
    yield "OpenSSH", (*ssh, "n1", "true"), ("sh", "-c", f"{' '.join(each)} wait")
    inv = (sys.executable, "-P", "-m", "fairlead", "five.up")
    site = json.loads((root / "sites/bench.yml").read_text())
    site["hosts"] = {name: host | {"transport": "openssh"} for name, host in site["hosts"].items()}
    (root / "sites/openssh.yml").write_text(json.dumps(site))
    site["ssh"]["keep"] = KEEP
    (root / "sites/kept.yml").write_text(json.dumps(site))
    for name, words in (
        ("fairlead", "--site=bench"),
        ("  transport: openssh", "--site=openssh"),
        ("  kept", "--site=kept"),
    ):
        yield name, (*inv, words, "--host=n1"), (*inv, words)
    kept = (f"ControlPersist={KEEP}", "ControlMaster=auto", f"ControlPath={folder}/%n.socket")
    ssh = (*ssh, *(word for rule in kept for word in ("-o", rule)))
    each = (f"{' '.join(ssh)} n{number} true &" for number in range(1, HOSTS + 1))
    yield "OpenSSH, kept", (*ssh, "n1", "true"), ("sh", "-c", f"{' '.join(each)} wait")


def measured(one: Measure, every: Measure, all_hosts: list[Host], rounds: int) -> str:
    """A row of the table."""
    one()
    before = all_hosts[0].channels()
    one()
    channels = all_hosts[0].channels() - before
    trips = slope(one, all_hosts, rounds)
    set_delay(all_hosts, FAR)
    far = min(every() for _ in range(rounds + 1)) * 1000
    set_delay(all_hosts, 0)
    there = processor(one, all_hosts[0], rounds * 2)
    return f"{trips:11.1f} {channels:8} {there:11.1f} ms {far:17.0f} ms"


def main() -> int:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with tempfile.TemporaryDirectory() as temporary, hosts(Path(temporary)) as all_hosts:
        folder = Path(temporary)
        root = ops(folder, all_hosts)
        print(f"{'':20} round trips channels host's CPU {HOSTS} hosts at {FAR} ms")
        for name, on_one, on_all in commands(folder, root):
            one, every = partial(took, on_one, root), partial(took, on_all, root)
            print(f"{name:20}{measured(one, every, all_hosts, rounds)}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
