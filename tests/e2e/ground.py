"""The lab's hosts as they are, seen from below: what stands there, and how to clear it away.

Nothing here goes through what is tested.
"""

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import yaml

from fairlead.operations import script
from tests.e2e.inv import NETWORK, ROOT, SITE, Said, inv

HOSTS = ("n1", "n2", "n3")
NAME = "perfsonar-testpoint"
STATE = "/var/lib/perfsonar-testpoint"
REMOTE = "https://psconfig.example.org/mesh.json"

sh = script.beside(__file__)


def under(
    host: str,
    program: str,
    *words: str,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    timeout: float = 60,
) -> str:
    """What a constant sh program prints on a host; it is entered from below, without ssh."""
    lab = ("sh", f"{ROOT}/lib/lab.sh", str(ROOT), NETWORK, "exec", host)
    done = subprocess.run(
        (*lab, "sh", "-c", program, "sh", *words),
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.stdout


def files(host: str) -> Path:
    """Where the root of a host is seen from this machine, as long as it is on."""
    return Path("/proc", (ROOT / host / "pid").read_text("utf-8").split()[0], "root")


def each(program: str, *words: str, hosts: Iterable[str] = HOSTS) -> dict[str, str]:
    """`under` on several hosts at once."""
    with ThreadPoolExecutor() as pool:
        return dict(
            zip(hosts, pool.map(lambda host: under(host, program, *words), hosts), strict=True)
        )


def listing(*hosts: str, of: str = "all") -> dict[str, str]:
    """What there is on the hosts. `of="containers"`: without fairlead's own journal and runs."""
    return each(sh.text("listing"), of, hosts=hosts or HOSTS)


def clear(*hosts: str) -> None:
    each(sh.text("clear"), hosts=hosts or HOSTS)


def container(host: str, name: str = NAME) -> str:
    """The ID of a container; "" where there is none."""
    return under(host, 'docker ps -aq --no-trunc --filter "name=^$1$"', name).strip()


def containers(host: str) -> dict[str, str]:
    """Name -> state."""
    return dict(
        line.split()
        for line in under(host, "docker ps -a --format '{{.Names}} {{.State}}'").splitlines()
    )


def all_run(release: str) -> bool:
    """Does a test point of this release run on every host, by `docker run`?"""
    return set(each(sh.text("launched_as"), NAME).values()) == {f"{release} \n"}


def version(host: str) -> str:
    """Of the stand-in that runs: 5.0.0."""
    words = under(host, 'docker exec "$1" pscheduler version', NAME).split()
    return words[1] if len(words) > 1 else ""


def remotes(host: str) -> str:
    return under(
        host, 'docker exec "$1" psconfig remote list | grep -o "https*://[^\\"]*"', NAME
    ).strip()


def publish(
    release: str,
    *,
    flavor: str = "supervisord",
    broken: bool = False,
    index: bool = False,
    image: str = "perfsonar/testpoint",
    tag: str = "",
) -> None:
    """A newer image appears in the lab's registry."""
    more = ("--broken",) * broken + ("--index",) * index + ((f"--tag={tag}",) if tag else ())
    said = inv(
        "lab.publish",
        "--host=n1",
        f"--image={image}",
        f"--version={release}",
        f"--flavor={flavor}",
        *more,
        timeout=660,
    )
    assert said.code == 0, said.err


def newest(release: str) -> None:
    """This release is what the registry has under both flavors' names."""
    for flavor, tag in (("supervisord", "latest"), ("systemd", "systemd")):
        if (
            f"{release} {flavor} sound"
            not in (ROOT / "published" / "perfsonar" / f"testpoint:{tag}").read_text()
        ):
            publish(release, flavor=flavor)


def site_with(folder: Path, **changes: Any) -> str:
    """The path of a copy of the lab's site in which sections and hosts are other.

    `changes` as {"perfsonar": {"launch": "compose"}, "hosts": {...}}.
    """
    site = yaml.safe_load(Path(SITE).read_text("utf-8"))
    for section, values in changes.items():
        site[section] = site.get(section, {}) | values
    path = folder / Path(SITE).name  # the name of a site is on the labels of its containers
    path.write_text(yaml.safe_dump(site, sort_keys=False), "utf-8")
    return str(path)


@contextmanager
def without_registry(*hosts: str) -> Iterator[None]:
    """These hosts, or all, do not reach the lab's registry."""
    hosts = hosts or HOSTS
    address = f"{NETWORK}.253"
    each('ip route replace unreachable "$1"', address, hosts=hosts)
    try:
        yield
    finally:
        each('ip route del unreachable "$1"', address, hosts=hosts)


def done(*argv: str, **more: Any) -> Said:
    """`inv ARGV`, which has to end well."""
    said = inv(*argv, **more)
    assert said.code == 0, f"{said.code}\n{said.err}\n{said.out}"
    return said


def eventually(answer: Callable[[], object], seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while not answer():
        assert time.monotonic() < until
        time.sleep(0.2)


def reboot(host: str) -> None:
    """An orderly one, as a person types it where systemd is PID 1; over when the host answers."""
    boot = "cat /proc/sys/kernel/random/boot_id"
    before = under(host, boot)
    under(host, "systemctl reboot")
    eventually(lambda: under(host, boot) not in ("", before), 60)
    eventually(lambda: inv("hosts.check", f"--host={host}").code == 0, 60)
    eventually(lambda: under(host, "docker info -f '{{.Name}}'") == f"{host}\n", 60)
