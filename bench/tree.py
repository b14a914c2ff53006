"""What many hosts cost the controller: each reached itself, and through a tree of gateways.

    python bench/tree.py [HOSTS [GATEWAYS [ROUNDS]]]

An unchanged `up` of five steps. All hosts are one sshd of this machine under many addresses of
127.0.0.0/8, each with state folders of its own. Prints seconds and the processor time of the
controller (our process and the ssh that it starts), the fastest of the rounds; with `openssh` as a
fourth word also by `transport: openssh`. Needs root on Linux.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests import trees  # noqa: E402 - a script, not a module of the package


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
            print(f"{argv} ended with {status}:\n{output.read().decode()[-400:]}")
    return seconds, used.ru_utime + used.ru_stime


def compare(root: Path, sites: list[str], number: int, rounds: int) -> None:
    results: dict[str, list[tuple[float, float]]] = {site: [] for site in sites}
    for site in sites:
        measured(root, site, "--host=n1")
    for _ in range(rounds):
        for site in sites:
            results[site].append(measured(root, site, "--fanout=32"))
    print(f"{number} hosts, load {os.getloadavg()[0]:.1f}")
    first = min(used for _, used in results[sites[0]])
    for site in sites:
        seconds, used = (min(values) for values in zip(*results[site], strict=True))
        print(f"{site:8} {seconds:6.2f} s, processor {used:6.2f} s, {used / first:5.2f} of flat")


def main(number: int = 64, gateways: int = 8, rounds: int = 3, openssh: bool = False) -> int:
    with (
        tempfile.TemporaryDirectory() as temporary,
        trees.standing(Path(temporary), number, gateways) as (root, _),
    ):
        write_openssh(root)
        compare(root, ["flat", "tree", *(["openssh"] if openssh else [])], number, rounds)
    return 0


def write_openssh(root: Path) -> None:
    """The site whose hosts are reached by the ssh command, one each."""
    site = json.loads((root / "sites/flat.yml").read_text())
    for host in site["hosts"].values():
        host["transport"] = "openssh"
    (root / "sites/openssh.yml").write_text(json.dumps(site))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:4]), openssh="openssh" in sys.argv))
