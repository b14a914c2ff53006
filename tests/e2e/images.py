"""What images from nothing need in the lab: a Debian to install from, keys of GPG, a site with
recipes."""

import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.e2e import debian, tier1
from tests.e2e.debian import Debian
from tests.e2e.depot import Depot
from tests.e2e.ground import each, sh, under
from tests.e2e.tier1 import Tier1

HOSTS = ("n1", "n2")
KEYRING = "/etc/mirror.gpg"
CONDOR = (sh.folder / "condor_stand_in.sh").read_text("utf-8")
CLEAR = (
    "rm -rf /var/lib/atomic /etc/mirror.gpg /etc/RPM-GPG-KEY-mirror /root/.rpmmacros "
    "/dev/shm/fairlead-gpg.*"
)
PUT = 'printf %s "$2" | base64 -d >"$1"'


@cache
def key(name: str = "images@triumf.example") -> tuple[str, str]:
    """A key of GPG, private and public."""
    with TemporaryDirectory() as home:
        gpg = ("gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", "")
        subprocess.run(
            (*gpg, "--quick-generate-key", name, "ed25519", "sign", "never"),
            check=True,
            capture_output=True,
        )
        both = [
            subprocess.run(
                (*gpg, "--armor", f"--export{how}"), check=True, capture_output=True, text=True
            ).stdout
            for how in ("-secret-keys", "")
        ]
        subprocess.run(("gpgconf", "--homedir", home, "--kill", "all"), check=True)
    return both[0], both[1]


@contextmanager
def mirrored(depot: Depot, of: Debian = debian.BOOKWORM) -> Iterator[str]:
    """Packages for n1, and the key that signs them; afterwards hosts are as the lab made them."""
    tier1.as_made(*HOSTS)
    found = debian.repository(depot, of)
    under(
        "n1",
        PUT,
        KEYRING,
        b64encode((depot.folder / of.shelf / debian.KEYRING).read_bytes()).decode(),
    )
    yield found
    each(CLEAR, hosts=HOSTS)
    tier1.as_made(*HOSTS)


class Builder(Tier1):
    """A Tier-1 whose n1 builds worker images."""

    def recipe(self, mirror: str, **changes: Any) -> dict[str, Any]:
        return {
            "method": "debootstrap",
            "release": debian.BOOKWORM.suite,
            "mirror": mirror,
            "keyring": KEYRING,
            "stanzas": [{"name": "network", "packages": ["iproute2"]}],
            "passwd": ["atlas001:x:40001:4000::/home/atlas001:/bin/bash"],
            "group": ["atlas:x:4000:"],
            "files": [{"path": "/usr/sbin/condor_master", "content": CONDOR, "mode": "0755"}],
        } | changes

    def images(self, name: str = "tier1", **recipes: dict[str, Any]) -> Path:
        return self.site(name, image={"hosts": "n1", "sign_key": "image.gpg", "recipes": recipes})
