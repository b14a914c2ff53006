"""Stand-ins for many hosts behind gateways: one sshd of this machine under many addresses of
127.0.0.0/8, each with state folders of its own, and a few sshds that are gateways. Needs root.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests import sshd

ROOT = Path(__file__).resolve().parent.parent
APART = ROOT / "tests/shell/apart.sh"
PLUGIN = '''"""Five steps."""
import msgspec
from fairlead.api import System
class Section(msgspec.Struct):
    """Hosts."""
    hosts: str
system = System(name="five", about="five steps", section=Section, components=("steps",))
'''
COMPONENT = '''"""Five steps."""
from fairlead.api import Ask, Step, Steps, hookimpl
@hookimpl
def up(ask: Ask) -> Steps:
    """Five steps."""
    return [Step(name=f"step {{n}}", unless={unless}, do={do}) for n in range(5)]
'''
UNCHANGED = COMPONENT.format(unless=("test", "-d", "/etc"), do=("false",))


FIVE = {"five/__init__.py": PLUGIN, "five/steps.py": UNCHANGED}


def repository(folder: Path, files: Mapping[str, str] = FIVE) -> Path:
    """An ops repository below `folder` that has no site yet. `files`: those of its plugins."""
    root = folder / "ops"
    (root / "sites").mkdir(parents=True)
    (root / "tasks.py").write_text((ROOT / "tasks.py").read_text())
    for name, text in files.items():
        path = root / "plugins" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@contextmanager
def server(folder: Path, **options: str) -> Iterator[sshd.Sshd]:
    """An sshd under every address of 127.0.0.0/8."""
    port = str(sshd.free_port())
    limits = {"MaxStartups": "1000", "LogLevel": "ERROR"}
    running = sshd.Sshd(folder, ListenAddress="0.0.0.0", Port=port, **(limits | options))
    running.port = int(port)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def gateway(folder: Path, key: Path, **options: str) -> Iterator[sshd.Sshd]:
    """An sshd whose own ssh logs in with `key`; its programs have TMPDIR `folder`/tmp."""
    own = folder / "bin"
    own.mkdir(parents=True)
    (own / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -i {key} "$@"\n')
    (own / "ssh").chmod(0o755)
    (folder / "tmp").mkdir()
    environment = {"PATH": f"{own}:/usr/bin:/bin", "TMPDIR": str(folder / "tmp")}
    with sshd.running(folder / "sshd", environment=environment, **options) as running:
        running.tmp = folder / "tmp"
        yield running


def program_of(running: sshd.Sshd) -> int:
    """The process of our program on a gateway: TMPDIR tells whose it is."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words, variables = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
        except OSError:
            continue
        is_ours = words.startswith(sys.executable.encode()) and b"readline" in words
        if is_ours and f"TMPDIR={running.tmp}".encode() in variables:
            return int(path.name)
    raise AssertionError("no gateway runs")


@contextmanager
def standing(
    folder: Path, hosts: int, gateways: int, component: str = UNCHANGED
) -> "Iterator[tuple[Path, list[sshd.Sshd]]]":
    """An ops repository with the sites `flat` and `tree`, and the gateways gw1, gw2..."""
    with ExitStack() as stack:
        apart = f"sh {APART} {folder}/state"
        far = stack.enter_context(server(folder / "n", ForceCommand=apart))
        entrances = [
            stack.enter_context(gateway(folder / f"gw{number}", far.key))
            for number in range(1, gateways + 1)
        ]
        yield _ops(folder, far, hosts, entrances, component), entrances


def _ops(
    folder: Path, far: sshd.Sshd, hosts: int, entrances: list[sshd.Sshd], component: str
) -> Path:
    root = repository(folder, FIVE | {"five/steps.py": component})
    (folder / "ssh_config").write_text("# nothing\n")
    numbers = range(1, hosts + 1)
    places = [(f"n{n}", f"127.1.{n // 250}.{n % 250 + 1}", far) for n in numbers]
    places += [(f"gw{n}", "127.0.0.1", gate) for n, gate in enumerate(entrances, 1)]
    keys = {id(gate): " ".join(sshd.public(gate.host_keys["ed25519"])) for *_, gate in places}
    (folder / "known").write_text(
        "".join(f"[{address}]:{gate.port} {keys[id(gate)]}\n" for _, address, gate in places)
    )
    table = {
        name: {"address": address, "port": gate.port, "user": "root", "identity": str(gate.key)}
        for name, address, gate in places
    }
    ssh = {"config": str(folder / "ssh_config"), "known_hosts": str(folder / "known")}
    site = {"hosts": table, "ssh": ssh, "five": {"hosts": f"n[1-{hosts}]"}}
    tree = {"gateways": f"gw[1-{len(entrances)}]", "python": sys.executable}
    (root / "sites/flat.yml").write_text(json.dumps(site))
    (root / "sites/tree.yml").write_text(json.dumps(site | {"ssh": ssh | {"tree": tree}}))
    return root
