"""What fairlead is measured beside, installed in a folder outside the tree, and how each of them
says a job (bench/jobs.py). Every peer is left as fast as it goes: all hosts at once, where it has a
limit 32; Ansible with pipelining, ControlPersist and `raw` where a question is all.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from bench.hosts import Fleet
from bench.jobs import Job, addresses, site, ssh_config

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fairlead-bench"
PACKAGES = ("ansible-core", "pyinfra", "fabric", "rust-just")
WIDTH = 32  # hosts at a time
INV = (sys.executable, "-P", "-m", "fairlead")
FABRIC = """import sys
from concurrent.futures import ThreadPoolExecutor
from fabric import Config, Connection
config = Config(runtime_ssh_path=sys.argv[1])
def each(host):
    with Connection(host, config=config) as connection:
        for command in sys.argv[3].split(";"):
            connection.run(command, hide=True)
hosts = sys.argv[2].split()
with ThreadPoolExecutor(len(hosts)) as pool:
    list(pool.map(each, hosts))
"""
Words = tuple[str, ...]


def program(name: str) -> str:
    """The path of a peer's program; "" where it is not installed."""
    own = CACHE / "venv/bin" / name
    return str(own) if own.exists() else shutil.which(name) or ""


def install() -> None:
    """The peers, once, by pip into a venv; OpenSSH and make are the system's.

    One that cannot be had is left out of the figures.
    """
    if (CACHE / "venv/done").exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
    for package in PACKAGES:
        pip = [CACHE / "venv/bin/pip", "install", "-q", package]
        subprocess.run(pip, check=False, stderr=subprocess.DEVNULL)
    (CACHE / "venv/done").touch()


def versions() -> dict[str, str]:
    """What is measured, and its version."""
    asked = {
        "OpenSSH": ("ssh", "-V"),
        "Ansible": (program("ansible"), "--version"),
        "pyinfra": (program("pyinfra"), "--version"),
        "Fabric": (program("fab"), "--version"),
        "make": (program("make"), "--version"),
        "just": (program("just"), "--version"),
    }
    found = {name: _version(words) for name, words in asked.items() if words[0]}
    return {"Python": platform.python_version()} | found


def _version(words: Words) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "".join(re.findall(r"\d+\.\d[\w.]*", done.stdout + done.stderr)[:1])


# each says the job in its own words; all take (folder, hosts, job)


def openssh(folder: Path, hosts: Fleet, job: Job) -> Words:
    """One connect-and-exec for a host."""
    return _xargs(folder, hosts, job, " && ".join(f"test -d {path}" for path in job.folders))


def openssh_true(folder: Path, hosts: Fleet, job: Job) -> Words:
    return _xargs(folder, hosts, job, "true")


def _xargs(folder: Path, hosts: Fleet, job: Job, command: str) -> Words:
    ssh = f"ssh -F {ssh_config(folder, job.port)} HOST '{command}'"
    names = " ".join(addresses(hosts, job))
    return ("sh", "-c", f'printf "%s\\n" {names} | xargs -P {WIDTH} -I HOST {ssh}')


def fabric(folder: Path, hosts: Fleet, job: Job) -> Words:
    """A `run` for each folder, over one connection for a host."""
    script = _written(folder / "with_fabric.py", FABRIC)
    commands = ";".join(f"test -d {path}" for path in job.folders)
    names = " ".join(addresses(hosts, job))
    python = str(CACHE / "venv/bin/python")
    return (python, script, str(ssh_config(folder, job.port)), names, commands)


def pyinfra(folder: Path, hosts: Fleet, job: Job) -> Words:
    """A `files.directory` for each folder."""
    data = {
        "ssh_port": job.port,
        "ssh_user": "root",
        "ssh_key": str(hosts.server.key),
        "ssh_known_hosts_file": str(folder / "known"),
        "ssh_strict_host_key_checking": "yes",
    }
    names = ", ".join(repr(address) for address in addresses(hosts, job))
    fleet = f"fleet = [(name, {data!r}) for name in [{names}]]\n"
    lines = "".join(f"files.directory(name={p!r}, path={p!r})\n" for p in job.folders)
    inventory = _written(folder / f"pyinfra{job.name}{job.count}{job.port}.py", fleet)
    text = f"from pyinfra.operations import files\n{lines}"
    deploy = _written(folder / f"pyinfra{job.name}.py", text)
    return (program("pyinfra"), inventory, deploy, "-y")


def ansible(folder: Path, hosts: Fleet, job: Job) -> Words:
    """A `raw` for each folder that is there, a `file` for one that is to be made."""
    if job.name.startswith("todo"):
        tasks = "".join(f"    - file: {{path: {p}, state: directory}}\n" for p in job.folders)
    else:
        raw = "    - raw: test -d {}\n      changed_when: false\n"
        tasks = "".join(map(raw.format, job.folders))
    play = f"- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}"
    inventory = "".join(f"{address}\n" for address in addresses(hosts, job))
    path = _written(folder / f"ansible{job.count}", inventory)
    return (program("ansible-playbook"), "-i", path, _written(folder / f"{job.name}.yml", play))


def ansible_environment(folder: Path, port: int, turn: str) -> dict[str, str]:
    """No connection of an earlier turn is used."""
    sockets = folder / f"cp{turn}"
    sockets.mkdir(exist_ok=True)
    return {
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_FORKS": str(WIDTH),
        "ANSIBLE_SSH_ARGS": f"-F {ssh_config(folder, port)} -o ControlMaster=auto"
        " -o ControlPersist=10s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets),
        "ANSIBLE_LOCAL_TEMP": str(folder / "ansible-local"),
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_RETRY_FILES_ENABLED": "0",
    }


def fairlead(folder: Path, hosts: Fleet, job: Job) -> Words:
    return (*INV, "folders.up", f"--site={site(folder, hosts, job)}", "--yes")


def _written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


Peer = Callable[[Path, Fleet, Job], Words]
ALL: dict[str, Peer] = {"OpenSSH": openssh}
ALL |= {"Fabric": fabric, "pyinfra": pyinfra, "Ansible": ansible, "fairlead": fairlead}
PROGRAMS = {"Fabric": "fab", "pyinfra": "pyinfra", "Ansible": "ansible-playbook"}


def installed() -> list[str]:
    """Those of ALL that can be measured here."""
    return [name for name in ALL if name not in PROGRAMS or program(PROGRAMS[name])]
