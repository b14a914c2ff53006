"""Engines for workers in the lab: what they mount, the names in DNS, and their image in the
registry, which is a real one with HTCondor in it. The name server is a real one too, dnsmasq on n1.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from tests.e2e import htcondor, tier1
from tests.e2e.ground import each, sh, under
from tests.e2e.htcondor import Job
from tests.e2e.inv import NETWORK
from tests.e2e.tier1 import DAY, REFERENCE, Tier1, authority

DOMAIN = "tier1.lan"
NAMES = {"n2": ["vn0317", "vn0318"], "n3": ["vn0319"]}
RANGES = {"n2": f"{NETWORK}.144/28", "n3": f"{NETWORK}.160/28"}
ADDRESSES = {"vn0317": f"{NETWORK}.144", "vn0318": f"{NETWORK}.145", "vn0319": f"{NETWORK}.160"}
ENGINES = tuple(NAMES)
IMAGE = f"{REFERENCE}/sl6-umd3condv4:latest"
WORKER: dict[str, Any] = {
    "hosts": "n[2-3]",
    "names": NAMES,
    "domain": DOMAIN,
    "first_port": 4080,
    "patience": 30,
    "drain": 60,
}


def crl(ends: int = 30) -> str:
    """A list of revoked certificates of the lab's authority; days from now until which it is
    good."""
    signer = authority()
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateRevocationListBuilder(
        x509.load_pem_x509_certificate(signer.certificate.encode()).subject,
        now - 9 * DAY,
        now + ends * DAY,
    )
    key = serialization.load_pem_private_key(signer.key.encode(), None)
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def named(**others: str) -> None:
    """The name server knows the workers; `others` have another address there."""
    served(
        *(
            f"--host-record={name}.{DOMAIN},{address}"
            for name, address in (ADDRESSES | others).items()
        )
    )


def served(*records: str) -> None:
    """The name server on n1 answers with these records, as dnsmasq is told of them; without any it
    ends."""
    under("n1", '[ ! -f /run/names.pid ] || kill "$(cat /run/names.pid)"; sleep 0.2')
    if records:
        under("n1", sh.text("worker_names"), f"{NETWORK}.1", *records)


def mounted(ends: int = 30) -> None:
    each(sh.text("worker_mounted"), crl(ends), f"{NETWORK}.1", hosts=ENGINES)
    named()


def publish(release: str) -> None:
    """The worker's image of this release is what the registry has under its name."""
    htcondor.publish(IMAGE, release)


def as_made() -> None:
    """The hosts as the lab made them."""
    for host in ("n1", *ENGINES):
        under(host, sh.text("worker_unmounted"), NETWORK, host)
    tier1.as_made("n1", *ENGINES)


def site(
    tier: Tier1, name: str = "tier1", engine: dict[str, Any] | None = None, **worker: Any
) -> Path:
    """A site of three hosts: a registry, and two engines whose workers have addresses of their
    own."""
    return tier.site(
        name,
        hosts="n[1-3]",
        engine={"bridge": "br0", "port": "eth0", "ranges": RANGES} | (engine or {}),
        worker=WORKER | worker,
    )


def job(worker: str, seconds: int) -> Job:
    """A job of the pool's, which runs on that worker."""
    return Job(worker, seconds).runs()


def releases() -> dict[str, str]:
    """Worker -> the release it runs."""
    program = sh.text("worker_releases")
    return dict(
        line.split(" ", 1)
        for host, names in NAMES.items()
        for line in under(host, program, *names).splitlines()
    )
