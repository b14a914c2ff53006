"""An ops repository with DAOS on the lab's three hosts.

A server is on n1, agents and clients on n2 and n3, dmg on n3; n1 builds for all.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from resource import RLIMIT_MEMLOCK, RLIMIT_NOFILE, getrlimit
from typing import Any

import yaml

from tests.e2e.ground import clear, each, sh, under
from tests.e2e.inv import NETWORK, REPOSITORY, SITE, Said
from tests.e2e.ops import Repository
from tests.e2e.terminal import Terminal

STATE = "/var/lib/daos-docker"


def limits() -> dict[str, Any]:
    """As much of what a server takes of its host as there is on this machine.

    Its engines can give no more than they have.
    """
    status = Path("/proc/self/status").read_text()
    (capabilities,) = re.findall(r"^CapEff:\s*([0-9a-f]+)", status, re.MULTILINE)
    if int(capabilities, 16) >> 24 & 1:  # CAP_SYS_RESOURCE: all of it
        return {}
    most = {
        name: getrlimit(kind)[1]
        for name, kind in (("memlock", RLIMIT_MEMLOCK), ("nofile", RLIMIT_NOFILE))
    }
    return {"privileged": False, "ulimits": most}


SECTION = {
    "version": "2.4.0-2.el8",
    "build_host": "n1",
    "registry": f"{NETWORK}.253:5000",
    "server": {
        "hosts": "n1",
        "patience": 15,
        **limits(),
        "config": {
            "disable_vfio": True,
            "allow_thp": True,  # this machine's are as they are; before 2.6.5 it is left out
            "access_points": ["n1"],
            "control_metadata": {"path": f"{STATE}/metadata"},
            "engines": [
                {
                    "targets": 1,
                    "fabric_iface": "eth0",
                    "storage": [
                        {"class": "ram", "scm_mount": "/mnt/daos0", "scm_size": 1},
                        {
                            "class": "file",
                            "bdev_list": ["/tmp/daos-bdev0"],
                            "bdev_size": 1,
                            "bdev_roles": ["data", "meta", "wal"],
                        },
                    ],
                }
            ],
        },
    },
    "agent": {
        "patience": 10,
        "config": {
            "access_points": ["n1"],
            "fabric_ifaces": [{"numa_node": 0, "devices": [{"iface": "eth0", "domain": "eth0"}]}],
        },
    },
    "client": {"hosts": "n[2-3]", "mode": "separate-agent"},
    "admin": {"hosts": "n3", "config": {"hostlist": ["n1"]}},
}
OF_MACHINE = "vm.max_map_count"  # a warning that hangs on the machine the lab is on
UNTOLD = ("server elsewhere", "agent on this host")  # asked by preflight of one component alone
CONTAINERS = "docker ps --no-trunc --format '{{.Names}} {{.ID}}' | sort"


class Cluster(Repository):
    """DAOS as the site says; secrets are in the repository's own store."""

    def __init__(self, folder: Path, packages: dict[str, list[str]], **changes: Any):
        super().__init__(folder)
        (folder / "plugins" / "daos").symlink_to(REPOSITORY / "plugins" / "daos")
        self.section = SECTION | packages
        self.say(**changes)
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "id")],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        self.done("secrets.init")

    @property
    def environment(self) -> dict[str, str]:
        return super().environment | {"FAIRLEAD_IDENTITY": str(self.folder / "id")}

    def say(self, **changes: Any) -> None:
        """Change the section."""
        self.section = self.section | changes
        self.site.write_text(yaml.safe_dump({"extends": SITE, "daos": self.section}))

    def done(self, *argv: str, **more: Any) -> Said:
        """`inv ARGV`, which has to end well."""
        result = self.inv(*argv, **({"timeout": 300} | more))
        assert result.code == 0, f"{argv}: {result.code}\n{result.err}\n{result.out}"
        return result

    def daos(self, *words: str) -> Said:
        """A command in the client on n2."""
        return self.inv("daos.client.exec", "--host=n2", "--", *words)

    def format(self) -> int:
        """Format the storage, as a person at a terminal, who has to type the site's name."""
        with Terminal("daos.admin.format", **self.environment) as terminal:
            terminal.waits_for("go on: ")
            terminal.type("x\r")
            return terminal.ended(60)


@contextmanager
def with_pool(folder: Path, packages: dict[str, list[str]]) -> Iterator[Cluster]:
    """A server of 2.4.0 with a pool, an agent and a client; dmg, all of EL8."""
    bare()
    cluster = Cluster(folder, packages, client={"hosts": "n2", "mode": "separate-agent"})
    cluster.done("daos.secrets", "--generate")
    cluster.done("daos.build", "daos.up")
    cluster.done("daos.admin.exec", "--", "dmg", "storage", "format")
    cluster.done("daos.pool.create", "--name=tank")
    yield cluster
    bare()


def failing(checks: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names of those that are not so, but for what hangs on this machine, and what servers of
    2.4 tell nobody.
    """
    names = [check["name"] for check in checks if not check["ok"]]
    return [name for name in names if name not in (OF_MACHINE, *UNTOLD)]


def bare() -> None:
    """Nothing of DAOS stands on any host."""
    clear()
    each(sh.text("daos_clear"), STATE)


def images() -> dict[str, str]:
    """What is built or fetched on each host: names, IDs, times of creation."""
    return each(sh.text("daos_images"))


def containers() -> dict[str, str]:
    return each(CONTAINERS)


def on_server(script: str, *words: str) -> str:
    return under("n1", script, *words)
