"""Certificates and their keys, judged before they are sent anywhere. Everything is in memory.

A fault is why a certificate would be refused, a few words that follow its name; "" is none.
`now` is in seconds since the epoch. fairlead.secrets.authority makes certificates.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from fairlead.model.errors import SecretError
from fairlead.model.plan import Noun, Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes, PublicKeyTypes
    from cryptography.x509 import Certificate

DAY = 86400  # seconds
NO_CERTIFICATE = "is no certificate in PEM form"
OTHER_AUTHORITY = "is signed by another authority"
NO_HOST_NAME = "no host name (the engines do not look at the common name)"


class Verdict(Noun):
    """What clients make of a server's certificate: `fault`, and when it ends (epoch seconds)."""

    fault: str
    ends: float = 0

    def days(self, now: float) -> int:
        """Whole days that are left."""
        return int((self.ends - now) // DAY)


def pair(
    certificate: str,
    key: str,
    secrets: Mapping[str, Secret],
    now: float,
) -> tuple[Secret, Secret]:
    """The certificate (its chain behind it) and the key of these names, once they fit each other
    and the certificate is valid at `now`. Raises SecretError."""
    mine = _named_certificate(certificate, secrets)
    where = f"secrets/{certificate}"
    if _public_bytes(_named_key(key, secrets).public_key()) != _public_bytes(mine.public_key()):
        raise SecretError(
            where,
            f"does not belong to the key secrets/{key}",
            "put the server's own certificate first, its chain behind it",
        )
    if fault := _expired(mine, now):
        raise SecretError(where, fault, "have it renewed, then inv secrets.set")
    if fault := _premature(mine, now):
        raise SecretError(where, fault, "look at the clocks")
    return secrets[certificate], secrets[key]


def _named_certificate(name: str, secrets: Mapping[str, Secret]) -> "Certificate":
    try:
        return _chain(secrets[name].reveal())[0]
    except ValueError:
        remedy = f"inv secrets.set --name={name} --file=..."
        raise SecretError(f"secrets/{name}", NO_CERTIFICATE, remedy) from None


def _named_key(name: str, secrets: Mapping[str, Secret]) -> "PrivateKeyTypes":
    try:
        return private_key(secrets[name])
    except (ValueError, TypeError):
        raise SecretError(
            f"secrets/{name}",
            "is no private key in PEM form, or has a passphrase",
            "store it without one: the store encrypts it",
        ) from None


def ends(certificate: Secret) -> float:
    """When a certificate expires (the first, where a chain stands behind it), in seconds since the
    epoch. Raises ValueError."""
    try:
        return _chain(certificate.reveal())[0].not_valid_after_utc.timestamp()
    except ValueError:
        raise ValueError(NO_CERTIFICATE) from None


def fault(
    certificate: Secret,
    name: str,
    authority: Secret,
    now: float,
    key: Secret | None = None,
) -> str:
    """The fault of a certificate for the common name `name`, signed by `authority`.

    `key`: the private key that has to belong to it.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        mine = x509.load_pem_x509_certificate(certificate.reveal())
        mine.verify_directly_issued_by(x509.load_pem_x509_certificate(authority.reveal()))
    except InvalidSignature:
        return OTHER_AUTHORITY
    except (ValueError, TypeError) as error:
        return OTHER_AUTHORITY if "issuer" in str(error).lower() else NO_CERTIFICATE
    faults = [_untimely(mine, now), _misnamed(mine, name)]
    if key:
        faults.append(_misfit(mine, key))
    return next(filter(None, faults), "")


def server_verdict(
    pem: bytes,
    name: str,
    now: float,
    authority: bytes = b"",
) -> Verdict:
    """What clients make of a certificate (its chain behind it) of the server `name` at `now`.

    `authority`: the certificates that they believe, in PEM form, where these are known.
    """
    try:
        chain = _chain(pem)
        trusted = _chain(authority) if authority else []
    except ValueError:
        return Verdict(NO_CERTIFICATE)
    ends = min(certificate.not_valid_after_utc.timestamp() for certificate in chain)
    return Verdict(next(_server_faults(chain, trusted, name, now), ""), ends)


def _server_faults(
    chain: "list[Certificate]",
    trusted: "list[Certificate]",
    name: str,
    now: float,
) -> Iterator[str]:
    for certificate in chain:
        if fault := _untimely(certificate, now):
            yield fault
    if not _is_for(chain[0], name):
        yield f"is not for {name} but for {', '.join(_host_names(chain[0])) or NO_HOST_NAME}"
    if not all(_is_signed(lower, upper) for lower, upper in pairwise(chain)):
        yield "has a chain behind it that does not hold together"
    if trusted and not any(_is_signed(chain[-1], authority) for authority in trusted):
        yield "is not signed by the authority that the site names"


def _chain(pem: bytes) -> "list[Certificate]":
    """Raises ValueError: there is none, or one is damaged."""
    from cryptography import x509

    return x509.load_pem_x509_certificates(pem)


def _untimely(certificate: "Certificate", now: float) -> str:
    return _expired(certificate, now) or _premature(certificate, now)


def _expired(certificate: "Certificate", now: float) -> str:
    end = certificate.not_valid_after_utc
    return f"has expired on {end:%Y-%m-%d}" if end.timestamp() <= now else ""


def _premature(certificate: "Certificate", now: float) -> str:
    begin = certificate.not_valid_before_utc
    return f"is valid only from {begin:%Y-%m-%d}" if begin.timestamp() > now else ""


def _misnamed(certificate: "Certificate", name: str) -> str:
    from cryptography.x509.oid import NameOID

    attributes = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    names = [str(attribute.value) for attribute in attributes]
    if names == [name]:
        return ""
    return f"has the common name {', '.join(names) or '(none)'}, not {name}"


def _misfit(certificate: "Certificate", key: Secret) -> str:
    try:
        public = _public_bytes(private_key(key).public_key())
        return (
            ""
            if public == _public_bytes(certificate.public_key())
            else "does not belong to its key"
        )
    except (ValueError, TypeError):
        return "has a key that is none in PEM form, or has a passphrase"


def _host_names(certificate: "Certificate") -> list[str]:
    from cryptography import x509

    kind = x509.SubjectAlternativeName
    try:
        names = certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return []
    addresses = map(str, names.get_values_for_type(x509.IPAddress))
    return [*names.get_values_for_type(x509.DNSName), *addresses]


def _is_for(certificate: "Certificate", name: str) -> bool:
    """Does it have the name, or `*.` and what follows the name's first dot?"""
    names = [host_name.lower() for host_name in _host_names(certificate)]
    return name.lower() in names or f"*.{name.lower().partition('.')[2]}" in names


def _is_signed(certificate: "Certificate", authority: "Certificate") -> bool:
    """Is it the authority itself, or signed by it?"""
    from cryptography.exceptions import InvalidSignature

    if certificate == authority:
        return True
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def private_key(pem: Secret) -> "PrivateKeyTypes":
    """A key without a passphrase. Raises ValueError, TypeError."""
    from cryptography.hazmat.primitives import serialization as forms

    return forms.load_pem_private_key(pem.reveal(), None)


def _public_bytes(key: "PublicKeyTypes") -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    return key.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
