"""Certificates and their keys, looked at before they are sent anywhere. Everything is done in memory."""

from collections.abc import Iterable, Mapping
from typing import Any

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret

NO_CERTIFICATE = "is no certificate in PEM form"


def pair(
    certificate: str, key: str, secrets: Mapping[str, Secret], now: float
) -> tuple[Secret, Secret]:
    """The certificate (its chain behind it) and the key of these names, once they fit each other and are valid at `now` (seconds since the epoch).

    Raises SecretError.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization as forms

    try:
        chain = x509.load_pem_x509_certificates(secrets[certificate].reveal())
    except ValueError:
        raise SecretError(
            f"secrets/{certificate}",
            NO_CERTIFICATE,
            f"inv secrets.set --name={certificate} --file=...",
        ) from None
    try:
        private = forms.load_pem_private_key(secrets[key].reveal(), None)
    except (ValueError, TypeError):
        raise SecretError(
            f"secrets/{key}",
            "is no private key in PEM form, or has a passphrase",
            "store it without one: the store encrypts it",
        ) from None
    if _public(private.public_key()) != _public(chain[0].public_key()):
        raise SecretError(
            f"secrets/{certificate}",
            f"does not belong to the key secrets/{key}",
            "put the server's own certificate first, its chain behind it",
        )
    ends = chain[0].not_valid_after_utc
    if ends.timestamp() <= now:
        raise SecretError(
            f"secrets/{certificate}",
            f"has expired on {ends:%Y-%m-%d}",
            "have it renewed, then inv secrets.set",
        )
    if chain[0].not_valid_before_utc.timestamp() > now:
        raise SecretError(
            f"secrets/{certificate}",
            f"is valid only from {chain[0].not_valid_before_utc:%Y-%m-%d}",
            "look at the clocks",
        )
    return secrets[certificate], secrets[key]


def ends(certificate: Secret) -> float:
    """When a certificate expires (the first, where a chain stands behind it), in seconds since the epoch. Raises ValueError."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(certificate.reveal())[
            0
        ].not_valid_after_utc.timestamp()
    except ValueError:
        raise ValueError(NO_CERTIFICATE) from None


def _public(key: object) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    return key.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)


# An authority of one's own, and what it signs. Keys are RSA, forms are PEM; a certificate begins an hour ago, for clocks that go wrong


def key(bits: int) -> Secret:
    """A new private key."""
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import rsa

    made = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return Secret(
        made.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    )


def authority(key: Secret, organization: str, name: str, days: int) -> Secret:
    """The certificate of an authority, signed by itself."""
    from cryptography import x509

    subject, usage = (
        _name(organization, name),
        ("digital_signature", "content_commitment", "key_encipherment", "key_cert_sign"),
    )
    extensions = ((x509.BasicConstraints(ca=True, path_length=1), True), (_usage(*usage), True))
    return _signed(_private(key), subject, _private(key).public_key(), subject, days, extensions)


def issued(
    authority: Secret,
    authority_key: Secret,
    key: Secret,
    organization: str,
    name: str,
    days: int,
    serves: bool = False,
) -> Secret:
    """A certificate for a client, or with `serves` for a server too. It ends with the authority's at the latest."""
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    above = x509.load_pem_x509_certificate(authority.reveal())
    used = x509.ExtendedKeyUsage([*([Usage.SERVER_AUTH] if serves else []), Usage.CLIENT_AUTH])
    extensions = (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage("digital_signature", "key_encipherment"), True),
        (used, False),
    )
    public = _private(key).public_key()
    return _signed(
        _private(authority_key),
        above.subject,
        public,
        _name(organization, name),
        days,
        extensions,
        above.not_valid_after_utc,
    )


def fault(
    certificate: Secret, name: str, authority: Secret, now: float, key: Secret | None = None
) -> str:
    """What is wrong with a certificate for the part `name` at `now`, in words; "": nothing. `key`: what has to belong to it."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        found, above = (
            x509.load_pem_x509_certificate(certificate.reveal()),
            x509.load_pem_x509_certificate(authority.reveal()),
        )
        found.verify_directly_issued_by(above)
    except InvalidSignature:
        return "is signed by another authority"
    except (ValueError, TypeError) as error:
        return (
            "is signed by another authority"
            if "issuer" in str(error).lower()
            else "is no certificate in PEM form"
        )
    return _when(found, now) or _whose(found, name) or (_fits(found, key) if key else "")


def _when(found: Any, now: float) -> str:
    if found.not_valid_after_utc.timestamp() <= now:
        return f"has expired on {found.not_valid_after_utc:%Y-%m-%d}"
    return (
        f"is valid only from {found.not_valid_before_utc:%Y-%m-%d}"
        if found.not_valid_before_utc.timestamp() > now
        else ""
    )


def _whose(found: Any, name: str) -> str:
    from cryptography.x509.oid import NameOID

    names = [str(part.value) for part in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return (
        "" if names == [name] else f"has the common name {', '.join(names) or '(none)'}, not {name}"
    )


def _fits(found: Any, key: Secret) -> str:
    try:
        return (
            ""
            if _public(_private(key).public_key()) == _public(found.public_key())
            else "does not belong to its key"
        )
    except (ValueError, TypeError):
        return "has a key that is none in PEM form, or has a passphrase"


def _private(key: Secret) -> Any:
    from cryptography.hazmat.primitives import serialization as forms

    return forms.load_pem_private_key(key.reveal(), None)


def _name(organization: str, name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(*on: str) -> Any:
    from cryptography import x509

    flags = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
    )
    return x509.KeyUsage(
        **{flag: flag in on for flag in flags}, encipher_only=False, decipher_only=False
    )


def _signed(
    by: Any,
    issuer: Any,
    public: Any,
    subject: Any,
    days: int,
    extensions: Iterable[tuple[Any, bool]],
    latest: Any = None,
) -> Secret:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization as forms

    now = datetime.now(UTC)
    last = now + timedelta(days=days)
    made = x509.CertificateBuilder(
        issuer,
        subject,
        public,
        x509.random_serial_number(),
        now - timedelta(hours=1),
        min(last, latest or last),
    )
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    made = made.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical)
    return Secret(made.sign(by, hashes.SHA512()).public_bytes(forms.Encoding.PEM))
