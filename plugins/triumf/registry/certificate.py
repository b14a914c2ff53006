"""The registry's certificate, looked at as its clients will: who signed it, for which name, until when."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from fairlead.api import Noun

DAY = 86400


class Shown(Noun):
    """A certificate that was read. `fault`: why clients would refuse it, "" where they would not; `ends` in seconds since the epoch."""

    fault: str
    ends: float = 0

    def days(self, now: float) -> int:
        return int((self.ends - now) // DAY)


def shown(pem: bytes, name: str, now: float, authority: bytes = b"") -> Shown:
    """What clients make of a certificate (its chain behind it) of the server `name` at `now`; `authority`: those whom they believe, if known."""
    from cryptography import x509

    try:
        chain = x509.load_pem_x509_certificates(pem)
        above = x509.load_pem_x509_certificates(authority) if authority else []
    except ValueError:
        return Shown("is no certificate in PEM form")
    ends = min(one.not_valid_after_utc.timestamp() for one in chain)
    return Shown(next(_faults(chain, above, name, now), ""), ends)


def _faults(chain: list[Any], above: list[Any], name: str, now: float) -> Iterator[str]:
    for one in chain:
        if one.not_valid_after_utc.timestamp() <= now:
            yield f"has expired on {one.not_valid_after_utc:%Y-%m-%d}"
        if one.not_valid_before_utc.timestamp() > now:
            yield f"is valid only from {one.not_valid_before_utc:%Y-%m-%d}"
    if not _names(chain[0], name):
        yield f"is not for {name} but for {', '.join(_held(chain[0])) or 'no host name (the engines do not look at the common name)'}"
    if not all(_signed(one, next_one) for one, next_one in pairwise(chain)):
        yield "has a chain behind it that does not hold together"
    if above and not any(_signed(chain[-1], one) for one in above):
        yield "is not signed by the authority that the site names"


def _held(certificate: Any) -> list[str]:
    """The host names it holds."""
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [
        *found.get_values_for_type(x509.DNSName),
        *map(str, found.get_values_for_type(x509.IPAddress)),
    ]


def _names(certificate: Any, name: str) -> bool:
    """Does it hold the name, or `*.` and what follows the name's first dot?"""
    held = [one.lower() for one in _held(certificate)]
    return name.lower() in held or f"*.{name.lower().partition('.')[2]}" in held


def _signed(last: Any, authority: Any) -> bool:
    """Is `last` the authority itself, or signed by it?"""
    from cryptography.exceptions import InvalidSignature

    if last == authority:
        return True
    try:
        last.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True
