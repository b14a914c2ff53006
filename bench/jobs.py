"""The same job for every peer: to ask each host for some folders, or to make them; each folder is a
command of its own.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from bench.hosts import Fleet
from tests.trees import repository as ops

THERE = ("/etc", "/usr", "/var", "/opt", "/tmp", "/mnt", "/dev", "/root", "/home", "/proc")
PLUGIN = '''"""Folders, each a step."""
import msgspec
from fairlead.api import System
class Section(msgspec.Struct):
    """Hosts and their folders."""
    hosts: str
    folders: tuple[str, ...]
system = System(name="folders", about="folders", section=Section, components=("made",))
'''
COMPONENT = '''"""Folders, each a step."""
from fairlead.api import Ask, Step, Steps, hookimpl
@hookimpl
def up(ask: Ask) -> Steps:
    """Each folder is there."""
    return [
        Step(name=path, unless=("test", "-d", path), do=("mkdir", path), undo=("rmdir", path))
        for path in ask.section.folders
    ]
'''


@dataclass(frozen=True)
class Job:
    """Folders to be there on the first `count` hosts of a fleet; `port`: where it is reached;
    `known`: the name of a known_hosts; `extra`: more of `ssh` of the site.
    """

    name: str
    folders: tuple[str, ...]
    count: int
    port: int
    known: str = "known"
    extra: tuple[tuple[str, object], ...] = ()


def unchanged(steps: int, count: int, port: int) -> Job:
    return Job(f"unchanged{steps}", THERE[:steps], count, port)


def to_do(who: str, steps: int, count: int, port: int, turn: int) -> Job:
    """Folders that are not there yet: /var/tmp is each host's own."""
    folders = tuple(f"/var/tmp/{who}-{turn}-{number}" for number in range(steps))
    return Job(f"todo{who}{turn}", folders, count, port)


def repository(folder: Path, hosts: Fleet) -> Path:
    """An ops repository, and what every peer needs to reach the hosts."""
    files = {"folders/__init__.py": PLUGIN, "folders/made.py": COMPONENT}
    root = ops(folder, files)
    (folder / "known").write_text(hosts.known())
    for port in (hosts.near, hosts.far):
        ssh_config(folder, port).write_text(
            f"Host *\n Port {port}\n User root\n IdentityFile {hosts.server.key}\n"
            f" IdentitiesOnly yes\n UserKnownHostsFile {folder}/known\n LogLevel ERROR\n"
        )
    return root


def ssh_config(folder: Path, port: int) -> Path:
    return folder / f"ssh_config{port}"


def addresses(hosts: Fleet, job: Job) -> list[str]:
    return list(hosts.addresses.values())[: job.count]


def site(folder: Path, hosts: Fleet, job: Job) -> str:
    """The name of the site file for a job."""
    options = {"port": job.port, "user": "root", "identity": str(hosts.server.key)}
    names = zip(hosts.addresses, addresses(hosts, job), strict=False)
    ssh = {"config": str(ssh_config(folder, job.port)), "known_hosts": str(folder / job.known)}
    text = {
        "ssh": ssh | dict(job.extra),
        "hosts": {name: {"address": address} | options for name, address in names},
        "folders": {"hosts": f"n[1-{job.count}]", "folders": job.folders},
    }
    name = f"{job.name}-{job.known}-{job.count}-{job.port}{'-more' if job.extra else ''}"
    (folder / f"ops/sites/{name}.yml").write_text(json.dumps(text))
    return name
