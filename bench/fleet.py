"""What many near hosts cost: an unchanged `up` of five steps on 64, 256 and 1,000 hosts, beside
`xargs -P 32 ssh HOST true` and pyinfra.

    python -m bench.fleet [--hosts 64 256] [--rounds 3] [--pyinfra PROGRAM] [--flags=--fanout=20]

One sshd stands for all hosts: each has an address of 127.0.0.0/8, and state folders of its own.
Prints for each number of hosts seconds, processor time per host here and there, and the memory of
the largest process; the fastest of the rounds, which are measured in turn. Needs root on Linux.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.hosts import ROOT, Fleet, fleet, used
from tests import sshd
from tests.trees import repository

LINES = 65_000  # of a known_hosts of a facility
KEYS = 200  # that it holds
DEPLOY = """from pyinfra.operations import files
for folder in ("/etc", "/usr", "/var", "/opt", "/tmp"):
    files.directory(name=folder, path=folder)
"""


class Cost(NamedTuple):
    """What a command line took."""

    seconds: float
    here: float  # seconds of processor time, of it and its offspring
    there: float
    memory: float  # MB of the largest of its processes


def others(folder: Path, lines: int) -> str:
    """Lines of a known_hosts about hosts that are none of ours."""
    keys = [" ".join(sshd.public(sshd.keygen(folder / f"other{n}"))) for n in range(KEYS)]
    return "".join(f"wn{n:05},10.9.{n // 256}.{n % 256} {keys[n % KEYS]}\n" for n in range(lines))


def ops(folder: Path, hosts: Fleet) -> Path:
    """An ops repository whose plugin is the five steps; a site for each number of hosts."""
    root = repository(folder)
    (folder / "known").write_text(hosts.known())
    (folder / "long").write_text(others(folder, LINES) + hosts.known())
    server = hosts.server
    (folder / "ssh_config").write_text(
        f"Host *\n Port {server.port}\n User root\n IdentityFile {server.key}\n"
        f" IdentitiesOnly yes\n UserKnownHostsFile {folder}/known\n"
    )
    return root


def site(folder: Path, hosts: Fleet, count: int, known: str) -> str:
    """The name of a site of the first hosts."""
    name = f"{known}{count}"
    table = {
        name: {
            "address": address,
            "port": hosts.server.port,
            "user": "root",
            "identity": str(hosts.server.key),
        }
        for name, address in list(hosts.addresses.items())[:count]
    }
    text = {
        "ssh": {"config": str(folder / "ssh_config"), "known_hosts": str(folder / known)},
        "hosts": table,
        "five": {"hosts": f"n[1-{count}]"},
    }
    (folder / f"ops/sites/{name}.yml").write_text(json.dumps(text))
    return name


def pyinfra(folder: Path, hosts: Fleet, count: int) -> tuple[str, ...]:
    """Inventory and deploy of the same five questions for pyinfra."""
    data = {
        "ssh_port": hosts.server.port,
        "ssh_user": "root",
        "ssh_key": str(hosts.server.key),
        "ssh_known_hosts_file": str(folder / "known"),
        "ssh_strict_host_key_checking": "yes",
    }
    addresses = list(hosts.addresses.values())[:count]
    inventory, deploy = folder / f"inventory{count}.py", folder / "deploy.py"
    inventory.write_text(f"fleet = [(name, {data!r}) for name in {addresses!r}]\n")
    deploy.write_text(DEPLOY)
    return (str(inventory), str(deploy), "-y")


def cost(argv: Sequence[str], root: Path, hosts: Fleet, home: Path) -> Cost:
    """What a command line takes; it has to end well."""
    environment = os.environ | {
        "FAIRLEAD_HOME": str(root),
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
    }
    before, began = used(hosts.usage), time.perf_counter()
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            argv, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        words.seek(0)
        if process.returncode:
            sys.exit(f"{argv} ended with {process.returncode}:\n{words.read().decode()[-3000:]}")
    here = usage.ru_utime + usage.ru_stime
    return Cost(seconds, here, used(hosts.usage) - before, usage.ru_maxrss / 1024)


def commands(
    folder: Path, hosts: Fleet, count: int, arguments: argparse.Namespace
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and command line of each that is measured."""
    ssh = f"ssh -F {folder / 'ssh_config'}"
    names = " ".join(list(hosts.addresses.values())[:count])
    xargs = f"printf '%s\\n' {names} | xargs -P 32 -I HOST {ssh} HOST true"
    yield "xargs -P 32 ssh", ("sh", "-c", xargs)
    if arguments.pyinfra:
        yield "pyinfra", (arguments.pyinfra, *pyinfra(folder, hosts, count))
    inv = (sys.executable, "-P", "-m", "fairlead", "five.up", *arguments.flags)
    yield "fairlead", (*inv, f"--site={site(folder, hosts, count, 'known')}")
    if arguments.long:
        yield "  long known_hosts", (*inv, f"--site={site(folder, hosts, count, 'long')}")


def row(name: str, costs: Sequence[Cost], count: int) -> str:
    """A line of the table: the fastest, and the least of the others."""
    least = Cost(*map(min, zip(*costs, strict=True)))
    here, there = (seconds / count * 1000 for seconds in (least.here, least.there))
    return (
        f"{count:5} {name:20}{least.seconds:8.2f} s {here:8.1f} ms {there:8.1f} ms"
        f" {least.memory:8.0f} MB"
    )


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--hosts", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pyinfra", default=shutil.which("pyinfra") or "", help="its program")
    parser.add_argument("--flags", action="append", default=[], help="more words for inv")
    parser.add_argument("--long", action="store_true", help=f"a known_hosts of {LINES} lines too")
    return parser.parse_args()


def main() -> int:
    arguments = options()
    most = max(arguments.hosts)
    with tempfile.TemporaryDirectory() as temporary, fleet(Path(temporary), most) as hosts:
        folder = Path(temporary)
        root, home = ops(folder, hosts), folder / "home"
        home.mkdir()
        print(
            f"load {os.getloadavg()[0]:.1f}\nhosts{'':21}   wall     here/host  there/host   memory"
        )
        for count in arguments.hosts:
            each = dict(commands(folder, hosts, count, arguments))
            costs: dict[str, list[Cost]] = {name: [] for name in each}
            for _ in range(arguments.rounds):
                for name, argv in each.items():
                    costs[name].append(cost(argv, root, hosts, home))
            for name in each:
                print(row(name, costs[name], count), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
