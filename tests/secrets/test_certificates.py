"""A certificate and its key are looked at before they are sent."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric import ed25519

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret
from fairlead.secrets.certificates import pair

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def key(phrase: str = "") -> tuple[ed25519.Ed25519PrivateKey, Secret]:
    made = ed25519.Ed25519PrivateKey.generate()
    how = forms.BestAvailableEncryption(phrase.encode()) if phrase else forms.NoEncryption()
    return made, Secret(made.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, how))


def certificate(
    of: ed25519.Ed25519PrivateKey, begin: datetime = BEGIN, end: datetime = END
) -> Secret:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ps1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(of.public_key())
        .serial_number(7)
    )
    return Secret(
        made.not_valid_before(begin)
        .not_valid_after(end)
        .sign(of, None)
        .public_bytes(forms.Encoding.PEM)
    )


def refusal(now: datetime, **secrets: Secret) -> str:
    with pytest.raises(SecretError) as refused:
        pair("c", "k", secrets, now.timestamp())
    return str(refused.value)


def test_a_pair_that_fits_is_given_back():
    made, secret = key()
    secrets = {"c": certificate(made), "k": secret}
    assert pair("c", "k", secrets, BEGIN.timestamp()) == (secrets["c"], secrets["k"])


def test_every_refusal_is_one_sentence():
    made, secret = key()
    mine, (_, other), (_, locked) = certificate(made), key(), key("open")
    assert [
        refusal(BEGIN, c=Secret("x"), k=secret),
        refusal(BEGIN, c=mine, k=Secret("x")),
        refusal(BEGIN, c=mine, k=locked),
        refusal(BEGIN, c=mine, k=other),
        refusal(END, c=mine, k=secret),
        refusal(datetime(2025, 1, 1, tzinfo=UTC), c=mine, k=secret),
    ] == [
        "secrets/c: is no certificate in PEM form; inv secrets.set --name=c --file=...",
        (
            "secrets/k: is no private key in PEM form, or has a passphrase; store it without "
            "one: the store encrypts it"
        ),
        (
            "secrets/k: is no private key in PEM form, or has a passphrase; store it without "
            "one: the store encrypts it"
        ),
        (
            "secrets/c: does not belong to the key secrets/k; put the server's own certificate "
            "first, its chain behind it"
        ),
        "secrets/c: has expired on 2027-01-01; have it renewed, then inv secrets.set",
        "secrets/c: is valid only from 2026-01-01; look at the clocks",
    ]
