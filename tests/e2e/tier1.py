"""A Tier-1 in the lab: an authority of its own, certificates that it issues, passwords, a site of
engines, registry and what a test wants.

The registry is Debian's docker-registry, a service of n1. Its faults: `full`, `halting`, and
certificates that `issue` makes wrong.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e import inv as commands
from tests.e2e.ground import clear, each, sh, under
from tests.e2e.inv import NETWORK, SITE, Said

NAME, PORT, ROOT = "n1", 5000, "/data/docker/registry"
REFERENCE = f"{NAME}:{PORT}"
DAY = dt.timedelta(days=1)
PASSWORD = 'correct "horse" \\battery'


@dataclass(frozen=True)
class Signed:
    """A certificate and its key, PEM."""

    certificate: str
    key: str


def issue(by: "Signed | None" = None, name: str = NAME, begins: int = -1, ends: int = 90) -> Signed:
    """A certificate for a host of this name; days from now. Without `by`: an authority, signed by
    itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    above = x509.load_pem_x509_certificate(by.certificate.encode()) if by else None
    signer = serialization.load_pem_private_key(by.key.encode(), None) if by else key
    made = x509.CertificateBuilder(
        above.subject if above else subject, subject, key.public_key(), x509.random_serial_number()
    )
    made = made.not_valid_before(now + begins * DAY).not_valid_after(now + ends * DAY)
    made = made.add_extension(x509.BasicConstraints(ca=not by, path_length=None), critical=True)
    if by:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Signed(made.sign(signer, hashes.SHA256()).public_bytes(pem).decode(), private.decode())


@cache
def authority() -> Signed:
    return issue(name="a grid authority", ends=900)


@cache
def server() -> Signed:
    return issue(authority())


@dataclass
class Tier1:
    """A site in `folder`, its secrets in the environment. `inv` is called with it."""

    folder: Path
    server: Signed = field(default_factory=server)
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secrets |= {
            "registry.ca": authority().certificate,
            "registry.pem": self.server.certificate,
            "registry.key": self.server.key,
            "registry.t1user": PASSWORD + "\n",
        }

    def site(self, name: str = "tier1", hosts: str = "n[1-2]", **parts: Any) -> Path:
        """A site file; `parts` replace or add keys of each part: engine={"room": 1}, worker={...};
        None takes a part away."""
        tls = {
            "certificate_secret": "registry.pem",
            "key_secret": "registry.key",
            "ca_secret": "registry.ca",
        }
        tls |= {
            "certificate": "/etc/grid-security/hostcert.pem",
            "key": "/etc/grid-security/hostkey.pem",
        }
        whole: dict[str, Any] = {
            "engine": {"bridge": "", "data_root": "/var/lib/docker", "room": 1},
            "registry": {
                "hosts": "n1",
                "name": NAME,
                "address": f"{NETWORK}.1",
                "root": ROOT,
                "tls": tls,
                "users": {"t1user": "registry.t1user"},
            },
        }
        for part, values in parts.items():
            whole[part] = None if values is None else whole.get(part, {}) | values
        text = {
            "extends": SITE,
            "secrets": {"environment": {}},
            "triumf": {"hosts": hosts} | {k: v for k, v in whole.items() if v is not None},
        }
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(text, sort_keys=False))
        return path

    def inv(self, *argv: str, site: Path | None = None, **more: Any) -> Said:
        path = site or self.folder / "tier1.yml"
        return commands.inv(*argv, FAIRLEAD_SITE=str(path), **(self.environment | more))

    @property
    def environment(self) -> dict[str, str]:
        return {
            "FAIRLEAD_SECRET_" + name.upper().replace(".", "_"): value
            for name, value in self.secrets.items()
        }


# The host of the registry, from below


def as_made(*hosts: str) -> None:
    """Hosts as the lab made them. Called before the first change, it notes how that was: call it at
    the begin and at the end of a file of tests."""
    clear(*hosts)
    each(sh.text("tier1_clear"), hosts=hosts)


def full(size: str) -> None:
    """The registry's folder becomes a small file system: 2m."""
    under(NAME, sh.text("tier1_small"), ROOT, size)


def halting(kib: int) -> None:
    """The registry dies as soon as this much of a push has arrived; its service stays down until
    somebody starts it."""
    detached = 'setsid -f sh -c "$1" halting "$2" "$3" </dev/null >/dev/null 2>&1'
    under(NAME, detached, sh.text("tier1_halting"), ROOT, str(kib))


def roomy() -> None:
    """The small file system is taken away again, with what lies in it."""
    under(
        NAME, 'systemctl stop docker-registry; umount "$1"; systemctl start docker-registry', ROOT
    )
