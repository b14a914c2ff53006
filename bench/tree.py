"""What many hosts cost the controller: each reached itself, and through a tree of gateways.

    python bench/tree.py [HOSTS [GATEWAYS [ROUNDS]]]

An unchanged `up` of five steps. All hosts are one sshd of this machine under many addresses of
127.0.0.0/8, each with state folders of its own; the gateways are another sshd, likewise. Prints
seconds and the processor time of the controller (our process and the ssh that it starts), fastest
of the rounds. Needs root on Linux.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from bench import conversation  # noqa: E402 - a script, not a module of the package
from tests import sshd  # noqa: E402

APART = (ROOT / "bench/apart.sh").read_text()


@contextmanager
def server(folder: Path, **options: str) -> Iterator[sshd.Sshd]:
    """An sshd under every address of 127.0.0.0/8."""
    port = str(sshd.free_port())
    limits = {"MaxStartups": "1000", "LogLevel": "ERROR"}
    running = sshd.Sshd(folder, ListenAddress="0.0.0.0", Port=port, **limits, **options)
    running.port = int(port)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def names(kind: str, number: int) -> list[tuple[str, str]]:
    """Hosts of a kind with their addresses."""
    net = {"n": 1, "gw": 2}[kind]
    numbers = range(1, number + 1)
    return [(f"{kind}{n}", f"127.{net}.{n // 250}.{n % 250 + 1}") for n in numbers]


def ops(
    folder: Path, hosts: sshd.Sshd, gateways: sshd.Sshd, number: int, number_of_gateways: int
) -> Path:
    """An ops repository with two sites: flat and tree."""
    root = folder / "ops"
    (root / "plugins/five").mkdir(parents=True)
    (root / "plugins/five/__init__.py").write_text(conversation.PLUGIN)
    (root / "plugins/five/steps.py").write_text(conversation.COMPONENT)
    (root / "sites").mkdir()
    (root / "tasks.py").write_text((ROOT / "tasks.py").read_text())
    (folder / "ssh_config").write_text("Host *\n")
    table, known = {}, []
    for running, kind, size in ((hosts, "n", number), (gateways, "gw", number_of_gateways)):
        for name, address in names(kind, size):
            key = " ".join(sshd.public(running.host_keys["ed25519"]))
            known.append(f"[{address}]:{running.port} {key}\n")
            table[name] = {
                "address": address,
                "port": running.port,
                "user": "root",
                "identity": str(running.key),
            }
    (folder / "known").write_text("".join(known))
    (folder / "ssh_config").write_text("# nothing\n")
    ssh = {"config": str(folder / "ssh_config"), "known_hosts": str(folder / "known")}
    site = {"hosts": table, "ssh": ssh, "five": {"hosts": f"n[1-{number}]"}}
    (root / "sites/flat.yml").write_text(json.dumps(site))
    tree = {"gateways": f"gw[1-{number_of_gateways}]", "python": sys.executable}
    (root / "sites/tree.yml").write_text(json.dumps(site | {"ssh": ssh | {"tree": tree}}))
    return root


def measured(root: Path, site: str, *words: str) -> tuple[float, float]:
    """Seconds, and seconds of the processor, of one unchanged `up`."""
    argv = (sys.executable, "-P", "-m", "fairlead", "five.up", f"--site={site}", *words)
    environment = os.environ | {"FAIRLEAD_HOME": str(root), "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(
            argv, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        if status:
            output.seek(0)
            sys.exit(f"{argv} ended with {status}:\n{output.read().decode()}")
    return seconds, used.ru_utime + used.ru_stime


def main(number: int = 64, gateways: int = 8, rounds: int = 3) -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        apart = folder / "apart.sh"
        apart.write_text(APART)
        with server(folder / "n", ForceCommand=f"sh {apart} {folder}/state") as hosts:
            (folder / "bin").mkdir()
            (folder / "bin/ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -i {hosts.key} "$@"\n')
            (folder / "bin/ssh").chmod(0o755)
            path = {"PATH": f"{folder}/bin:/usr/bin:/bin"}
            with server(folder / "gw", environment=path) as entrance:
                root = ops(folder, hosts, entrance, number, gateways)
                compare(root, number, rounds)
    return 0


def compare(root: Path, number: int, rounds: int) -> None:
    sites = ("flat", "tree")
    results: dict[str, list[tuple[float, float]]] = {site: [] for site in sites}
    for site in sites:
        measured(root, site, "--host=n1")
    alone = {site: min(measured(root, site, "--host=n1")[1] for _ in range(2)) for site in sites}
    for _ in range(rounds):
        for site in sites:
            results[site].append(measured(root, site, "--fanout=32"))
    print(f"{number} hosts, load {os.getloadavg()[0]:.1f}")
    for site in sites:
        seconds, used = (min(values) for values in zip(*results[site], strict=True))
        each = (used - alone[site]) / (number - 1) * 1000
        print(f"{site}: {seconds:6.2f} s, processor {used:6.2f} s, {each:5.1f} ms a host more")


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
