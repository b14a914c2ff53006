"""Images from nothing on a real host: built by debootstrap, pushed, pulled and run elsewhere, signed; what goes wrong is a sentence."""

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.e2e import debian, tier1
from tests.e2e.depot import Depot
from tests.e2e.ground import each, under
from tests.e2e.inv import ROOT, Said
from tests.e2e.tier1 import REFERENCE, Tier1

HOSTS = ("n1", "n2")
IMAGE = f"{REFERENCE}/wn:latest"
KEYRING = "/etc/mirror.gpg"
CONDOR = "#!/bin/sh\n# a stand-in\necho \"condor_master $* on $(hostname), below $(tr '\\0' ' ' </proc/1/cmdline)\"\nexec sleep 600\n"
CLEAR = "rm -rf /var/lib/atomic /etc/mirror.gpg /dev/shm/fairlead-gpg.*"
PACKAGES = "sha256sum </var/lib/dpkg/status"
RUN = """docker run -d --name wn -h worker --cap-add SYS_ADMIN "$1" >/dev/null || exit; sleep 1; docker logs wn 2>&1
docker exec wn sh -c 'grep atlas001 /etc/passwd; grep atlas /etc/group; command -v ip; ls /usr/share/man >/dev/null 2>&1 || echo no man pages
  [ -n "$(ls /var/lib/apt/lists)" ] || echo no lists; stat -c 0%a /root/init'; docker rm -f wn >/dev/null"""
PUT = 'printf %s "$2" | base64 -d >"$1"'


@cache
def key(name: str = "images@triumf.example") -> tuple[str, str]:
    """A key of GPG, private and public."""
    with TemporaryDirectory() as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "")
        subprocess.run((*gpg, "--quick-generate-key", name, "ed25519", "sign", "never"), check=True, capture_output=True)
        both = [
            subprocess.run((*gpg, "--armor", f"--export{how}"), check=True, capture_output=True, text=True).stdout for how in ("-secret-keys", "")
        ]
        subprocess.run(("gpgconf", "--homedir", home, "--kill", "all"), check=True)
    return both[0], both[1]


@pytest.fixture(scope="module")
def mirror(depot: Depot) -> Iterator[str]:
    """Packages for n1, and the key that signs them; afterwards hosts are as the lab made them."""
    from base64 import b64encode

    tier1.as_made(*HOSTS)
    found = debian.repository(depot)
    under("n1", PUT, KEYRING, b64encode((depot.folder / "debian" / debian.KEYRING).read_bytes()).decode())
    yield found
    each(CLEAR, hosts=HOSTS)
    tier1.as_made(*HOSTS)


class Builder(Tier1):
    """A Tier-1 whose n1 builds worker images."""

    def recipe(self, mirror: str, **changes: Any) -> dict[str, Any]:
        return {
            "method": "debootstrap",
            "release": debian.SUITE,
            "mirror": mirror,
            "keyring": KEYRING,
            "stanzas": [{"name": "network", "packages": ["iproute2"]}],
            "passwd": ["atlas001:x:40001:4000::/home/atlas001:/bin/bash"],
            "group": ["atlas:x:4000:"],
            "files": [{"path": "/usr/sbin/condor_master", "content": CONDOR, "mode": "0755"}],
        } | changes

    def images(self, name: str = "tier1", worker: Any = None, **recipes: dict[str, Any]) -> Path:
        return self.site(name, image={"hosts": "n1", "sign_key": "image.gpg", "recipes": recipes}, **({"worker": worker} if worker else {}))


@pytest.fixture(scope="module")
def builder(mirror: str, tmp_path_factory: pytest.TempPathFactory) -> Builder:
    """A registry that serves, engines that are let in, and a site with one image that nobody has built yet."""
    found = Builder(tmp_path_factory.mktemp("images"))
    found.secrets |= {"image.gpg": key()[0], "image.pub": key()[1]}
    found.images(wn=found.recipe(mirror))
    said = found.inv("triumf.registry.up", "triumf.trust.up")
    assert said.code == 0, said.err
    return found


def written() -> list[str]:
    """Everything that n1 has on its disks beside the scratch and what fairlead, the engine and logs keep: path, kind, mode, owner, size, time."""
    disk = ROOT / "n1/disk"
    skipped = ("-path", f"{disk}/upper/data", "-o", "-path", f"{disk}/upper/tmp", "-o", "-path", f"{disk}/root/.docker")
    words = ("find", disk / "upper", disk / "root", disk / "home", "(", *skipped, ")", "-prune", "-o", "-printf", "%p %y %m %u %s %T@\n")
    return sorted(subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines())


def states(said: Said) -> dict[str, str]:
    return {step["name"].removeprefix("wn: "): step["state"] for step in said.rows["n1"]["steps"]}


def sizes(said: Said) -> dict[str, int]:
    """Stanza -> MB so far, as the operator is told."""
    told = ((step["name"].removeprefix("wn: "), step.get("said", "")) for step in said.rows["n1"]["steps"])
    return {name: int(words.split()[0]) for name, words in told if words.endswith("MB so far")}


def test_from_nothing_to_a_container_on_another_engine_then_nothing_more_to_do(builder: Builder) -> None:
    packages, before = under("n1", PACKAGES), written()
    said = builder.inv("triumf.image.up", "--json", timeout=600)
    assert said.code == 0, said.rows["n1"]["error"]
    assert (under("n1", PACKAGES), written()) == (packages, before)
    assert list(found := sizes(said)) == ["base", "stanza network", "stanza dumb-init", "slim"]
    assert found["base"] < found["stanza network"] > found["slim"]
    assert under("n1", "ls -A /data/docker/scratch /dev/shm") == "/data/docker/scratch:\n\n/dev/shm:\n"
    again = builder.inv("triumf.up", "--json", "--skip-preflight")
    assert (again.code, again.json["changed"]) == (0, False)
    ran = under("n2", RUN, IMAGE).splitlines()
    assert ran[0] == "condor_master -f on worker, below /usr/bin/dumb-init /bin/bash /root/init"
    assert ran[1:] == ["atlas001:x:40001:4000::/home/atlas001:/bin/bash", "atlas:x:4000:", "/usr/bin/ip", "no man pages", "no lists", "0755"]
