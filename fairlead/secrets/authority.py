"""An authority of one's own, and the certificates that it signs.

Keys are RSA, forms are PEM; a certificate begins an hour ago, for clocks that go wrong.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fairlead.model.plan import Secret
from fairlead.secrets.certificates import private_key

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import ExtensionType, KeyUsage, Name

    Extension = tuple[ExtensionType, bool]  # and whether it is critical

CLIENT = ("digital_signature", "key_encipherment")
AUTHORITY = ("digital_signature", "content_commitment", "key_encipherment", "key_cert_sign")
USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign"),
)


def new_key(bits: int) -> Secret:
    """A new private key."""
    from cryptography.hazmat.primitives import serialization as forms
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    pem, pkcs8, plain = forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption()
    return Secret(key.private_bytes(pem, pkcs8, plain))


def new_authority(
    key: Secret,
    organization: str,
    name: str,
    days: int,
) -> Secret:
    """The certificate of an authority, signed by itself."""
    from cryptography import x509

    subject = _name(organization, name)
    extensions = (
        (x509.BasicConstraints(ca=True, path_length=1), True),
        (_usage(AUTHORITY), True),
    )
    return _signed(key, subject, key, subject, _after(days), extensions)


def issue(
    authority: Secret,
    authority_key: Secret,
    key: Secret,
    organization: str,
    name: str,
    days: int,
    serves: bool = False,
) -> Secret:
    """A certificate for a client, or with `serves` for a server too.

    It ends with the authority's at the latest.
    """
    from cryptography import x509
    from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

    issuer = x509.load_pem_x509_certificate(authority.reveal())
    uses = [Usage.SERVER_AUTH, Usage.CLIENT_AUTH] if serves else [Usage.CLIENT_AUTH]
    extensions = (
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(CLIENT), True),
        (x509.ExtendedKeyUsage(uses), False),
    )
    ends = min(_after(days), issuer.not_valid_after_utc)
    subject = _name(organization, name)
    return _signed(authority_key, issuer.subject, key, subject, ends, extensions)


def _name(organization: str, name: str) -> "Name":
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(allowed: tuple[str, ...]) -> "KeyUsage":
    from cryptography import x509

    flags = {usage: usage in allowed for usage in USAGES}
    return x509.KeyUsage(**flags, encipher_only=False, decipher_only=False)


def _after(days: int) -> "datetime":
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) + timedelta(days=days)


def _signed(
    issuer_key: Secret,
    issuer: "Name",
    key: Secret,
    subject: "Name",
    ends: "datetime",
    extensions: Iterable["Extension"],
) -> Secret:
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives import serialization as forms

    signer: Any = private_key(issuer_key)  # new_key makes RSA; x509's sign takes only some kinds
    public: Any = private_key(key).public_key()
    begins = _after(0) - timedelta(hours=1)
    builder = x509.CertificateBuilder(
        issuer, subject, public, x509.random_serial_number(), begins, ends
    )
    identifiers = (
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False),
    )
    for extension, critical in (*identifiers, *extensions):
        builder = builder.add_extension(extension, critical)
    return Secret(builder.sign(signer, hashes.SHA512()).public_bytes(forms.Encoding.PEM))
