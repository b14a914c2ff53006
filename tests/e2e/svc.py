"""Lab hosts as nodes of the OpenSVC stand-in: their agent, their services, a site of one's own."""

import json
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from tests.e2e.ground import each, publish, sh, under
from tests.e2e.inv import NETWORK, REPOSITORY, ROOT, SITE, Said

AGENT = (Path(__file__).parent / "opensvc/agent.py").read_text("utf-8")
TREE = os.environ.get("FAIRLEAD_OPENSVC_21", "")  # of who has one; nothing of it is here
WRAPPER = (REPOSITORY / "plugins/opensvc/files/docker-of-2014.sh").read_text("utf-8")
DOCKER = "/usr/local/sbin/docker"  # before the real one
IMAGE = "busybox:1.36"
NAME = "web.opensvc.test"
PLACES = {
    "legacy": "/opt/opensvc/bin/svcmgr",
    "2.1": "/usr/local/bin/om",
    "3": "/usr/local/lib/om3",
}

HOSTS = f"""for n in 101 102 103; do echo "{NETWORK}.$n svc$n.opensvc.test" >>/etc/hosts; done"""
PUT = """mkdir -p "${1%/*}"; printf %s "$2" >"$1"; chmod 755 "$1" """


def program(path: str) -> bytes:
    """A program of 64-bit Linux that becomes the script at `path`, with its own arguments.

    Agent 3 is no script, and that is how it is known.
    """
    code = bytes.fromhex("594889e6488d54ce08488d3d050000006a3b580f05") + path.encode() + b"\0"
    size, at = 120 + len(code), 0x400000
    head = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, at + 120, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    )
    return head + struct.pack("<IIQQQQQQ", 1, 5, 0, at, at, size, size, 4096) + code


def nodes(generation: str, hosts: Iterable[str] = ("n1",)) -> None:
    """Hosts with nothing but this agent."""
    import base64

    each(sh.text("opensvc_clear") + HOSTS, hosts=hosts)
    each(PUT, PLACES[generation], AGENT, hosts=hosts)
    if generation == "legacy":
        each(PUT, DOCKER, WRAPPER, hosts=hosts)
    if generation == "3":
        each(sh.text("opensvc_om"), base64.b64encode(program(PLACES["3"])).decode(), hosts=hosts)


def begin(generation: str, hosts: Iterable[str] = ("n1",)) -> None:
    """Docker is installed on them and not started at boot, and there are images to pull."""
    for release in ("1.36.0", "1.37.0"):
        publish(release, image="library/busybox", tag=release.rpartition(".")[0])
    each("update-rc.d -f docker remove", hosts=hosts)
    each(sh.text("opensvc_settings"), hosts=hosts)
    nodes(generation, hosts)


def leave(hosts: Iterable[str] = ("n1",)) -> None:
    """They are as they were."""
    each(sh.text("opensvc_clear"), hosts=hosts)
    each("rm -rf /root/svc; update-rc.d docker defaults", hosts=hosts)
    each("mv /etc/docker/daemon.json.kept /etc/docker/daemon.json", hosts=hosts)


def lie(host: str, *words: str) -> None:
    """The agent there lies so from now on; without words it is honest again."""
    under(host, 'printf "%s\\n" "$*" >/run/opensvc-lies', *words)


def service(letter: str = "a", **changes: Any) -> dict[str, Any]:
    """One as the document's: a file system, the engine's data on another one below it.

    What is None is left out.
    """
    own = f"/opt/svc/{letter}"
    made = {
        "nodes": ["n1"],
        "app": "OSVCLAB",
        "service_type": "DEV",
        "docker_data_dir": f"{own}/appdata",
        "containers": [{"image": IMAGE, "command": "sh", "run_args": f"-v {own}/vol1:/vol1:rw"}],
        "fs": [
            {"dev": f"/root/svc/{letter}", "mnt": own, "type": "none", "options": "bind"},
            {
                "dev": f"/root/svc/{letter}data",
                "mnt": f"{own}/appdata",
                "type": "none",
                "options": "bind",
            },
        ],
        "patience": 30,
        "stop_patience": 30,
    } | changes
    return {key: value for key, value in made.items() if value is not None}


def site(folder: Path, services: Mapping[str, Any], **section: Any) -> str:
    """The path of a site of these services on the lab's hosts, in a folder of its own."""
    lab = yaml.safe_load(Path(SITE).read_text("utf-8"))
    whole = {
        "hosts": lab["hosts"],
        "ssh": lab["ssh"],
        "opensvc": {"services": dict(services), **section},
        "secrets": {"environment": {}},
    }
    path = Path(tempfile.mkdtemp(dir=folder)) / "svc.yml"
    path.write_text(yaml.safe_dump(whole, sort_keys=False), "utf-8")
    return str(path)


def agent(host: str, *words: str) -> str:
    """What the stand-in itself says, on a host."""
    return under(host, sh.text("opensvc_agent"), *words)


def overall(host: str, *words: str) -> str:
    """`up`, by the agent's own word."""
    output = agent(host, *words)
    return json.loads(output[output.index("{") : output.rindex("}") + 1])["overall"]


def engines(host: str) -> int:
    """How many engines of services run there."""
    return int(under(host, "pgrep -fc '^dockerd -H unix:///(opt|var/lib)/opensvc'") or 0)


def acts(host: str, name: str, var: str = "/opt/opensvc/var") -> str:
    """What the agent has started and stopped since it was last asked, in order.

    It is `start fs#1, start container#1`.
    """
    log = under(host, 'cat "$1.log" 2>/dev/null; rm -f "$1.log"', f"{var}/{name}")
    return ", ".join(log.splitlines())


def docker(host: str, name: str, *words: str, var: str = "/opt/opensvc/var") -> str:
    """What docker of a service's own engine says."""
    return under(host, sh.text("opensvc_docker"), name, var, *words)


@contextmanager
def shared(hosts: Iterable[str], *names: str) -> Iterator[list[str]]:
    """The paths of disks that all these hosts reach.

    They are loop devices of this machine, with a file system each.
    """
    files = [ROOT / f"shared.{name}" for name in names]
    devices: list[str] = []
    try:
        for file in files:
            subprocess.run(["truncate", "-s", "64M", file], check=True)
            subprocess.run(["mkfs.ext4", "-q", "-F", file], check=True)
            made = subprocess.run(
                ["losetup", "--show", "-f", file], check=True, capture_output=True, text=True
            )
            devices.append(made.stdout.strip())
            each('[ -e "$1" ] || mknod -m 660 "$1" b 7 "${1#/dev/loop}"', devices[-1], hosts=hosts)
        yield devices
    finally:
        for device in devices:
            subprocess.run(["losetup", "-d", device], check=True)
        for file in files:
            file.unlink(missing_ok=True)


@contextmanager
def real_agent(hosts: Iterable[str]) -> Iterator[None]:
    """Hosts with the agent 2.1 of FAIRLEAD_OPENSVC_21 itself, as it is."""
    begin("2.1", hosts)
    try:
        for host in hosts:
            shutil.copytree(TREE, ROOT / host / "disk/root/opensvc")
        each(sh.text("opensvc_real"), hosts=hosts)
        yield
    finally:
        leave(hosts)
        each(sh.text("opensvc_unreal"), hosts=hosts)


@contextmanager
def node(generation: str, *, hosts: Iterable[str] = ("n1",), vgs: bool = False) -> Iterator[None]:
    """Hosts with this agent, and with `vgs` with volume groups; then they are as they were."""
    begin(generation, hosts)
    if vgs:
        each(sh.text("opensvc_vgs"), hosts=hosts)
    try:
        yield
    finally:
        leave(hosts)


def option(folder: Path, section: Mapping[str, Any] | None = None, **changes: Any) -> str:
    """`--site=...` of a site with the service NAME; `section`: more keys of opensvc."""
    return f"--site={site(folder, {NAME: service(**changes)}, **(section or {}))}"


def row_of_service(result: Said) -> Any:
    """What a document says of the component `service` on the first host."""
    return next(row for row in result.json["hosts"] if row["component"] == "service")


def changed(result: Said) -> list[str]:
    """The steps that changed something, without the service's name."""
    return [
        step["name"].removeprefix(f"{NAME}: ")
        for step in row_of_service(result)["steps"]
        if step["state"] == "changed"
    ]
