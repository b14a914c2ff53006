"""Certificates and their keys, looked at before they are sent anywhere. Everything is done in memory."""

from collections.abc import Mapping

from fairlead.errors import SecretError
from fairlead.plan import Secret

NO_CERTIFICATE = "is no certificate in PEM form"


def pair(certificate: str, key: str, secrets: Mapping[str, Secret], now: float) -> tuple[Secret, Secret]:
    """The certificate (its chain behind it) and the key of these names, once they fit each other and are valid at `now` (seconds since the epoch).

    Raises SecretError.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization as forms

    try:
        chain = x509.load_pem_x509_certificates(secrets[certificate].reveal())
    except ValueError:
        raise SecretError(f"secrets/{certificate}", NO_CERTIFICATE, f"inv secrets.set --name={certificate} --file=...") from None
    try:
        private = forms.load_pem_private_key(secrets[key].reveal(), None)
    except (ValueError, TypeError):
        raise SecretError(
            f"secrets/{key}", "is no private key in PEM form, or has a passphrase", "store it without one: the store encrypts it"
        ) from None
    if _public(private.public_key()) != _public(chain[0].public_key()):
        raise SecretError(
            f"secrets/{certificate}", f"does not belong to the key secrets/{key}", "put the server's own certificate first, its chain behind it"
        )
    ends = chain[0].not_valid_after_utc
    if ends.timestamp() <= now:
        raise SecretError(f"secrets/{certificate}", f"has expired on {ends:%Y-%m-%d}", "have it renewed, then inv secrets.set")
    if chain[0].not_valid_before_utc.timestamp() > now:
        raise SecretError(f"secrets/{certificate}", f"is valid only from {chain[0].not_valid_before_utc:%Y-%m-%d}", "look at the clocks")
    return secrets[certificate], secrets[key]


def ends(certificate: Secret) -> float:
    """When a certificate expires (the first, where a chain stands behind it), in seconds since the epoch. Raises ValueError."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(certificate.reveal())[0].not_valid_after_utc.timestamp()
    except ValueError:
        raise ValueError(NO_CERTIFICATE) from None


def _public(key: object) -> bytes:
    from cryptography.hazmat.primitives import serialization as forms

    return key.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
