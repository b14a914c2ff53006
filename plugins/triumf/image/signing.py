"""Signatures of images, in the form of `atomic sign` and `skopeo standalone-sign`:
containers-signature(5).

A signature is an OpenPGP message that holds a JSON text: which digest, under which name. It lies in
two places: as NAME@sha256=HEX/signature-N below `image.signatures` on the host that builds, where
atomic and skopeo look; and in the registry as an image of its own, NAME:sha256-HEX.sig, which every
engine that may pull may read. For whoever starts containers: `needs(ask)`, and
`checked(ask, reference)` once the image is there.
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import Ask, CommandLineError, SecretSpec, Step, script

from ..site import Triumf

sh = script.beside(__file__)


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    """The public key that signatures have to match, where the site wants them."""
    worker = ask.section.worker
    if worker and worker.signed and worker.signer:
        yield SecretSpec(name=worker.signer, about="public key that images have to be signed with")


def checked(ask: Ask[Any], reference: str) -> Iterator[Step]:
    """No container starts from an image whose signature does not match: for the step after the one
    that pulls `reference`, HOST:PORT/NAME:TAG.

    Nothing where the site does not ask for it (`worker.signed`). It changes nothing, and needs gpg
    and the engine's own login.
    """
    worker = ask.section.worker
    if worker and worker.signed:
        yield _signed_by(ask, worker.signer, reference)


def verifier(section: Triumf) -> str:
    """The secret that holds the key which signatures have to match. Raises CommandLineError."""
    signer = section.worker.signer if section.worker else ""
    sign_key = section.image.sign_key if section.image else ""
    key = signer or sign_key
    if not key or not section.registry:
        raise CommandLineError(
            "inv triumf.image.verify",
            "the site has no key or no registry",
            "give worker.signer or image.sign_key, and registry",
        )
    return key


def verified(ask: Ask[Any], reference: str) -> Step:
    """It is signed with the site's key; the key may be the private one, so nothing of it is
    shown."""
    return _signed_by(ask, verifier(ask.section), reference)


def _signed_by(ask: Ask[Any], key: str, reference: str) -> Step:
    """Is the image signed with this key, as it is and under this name?"""
    return _step(
        f"signature of {reference}",
        ask,
        key,
        reference,
        read_only=True,
        do=sh("signature", *split(reference)),
    )


def signed(ask: Ask[Any], reference: str) -> Step:
    """It is signed with the site's private key: in the registry, and below image.signatures."""
    image, words = ask.section.image, split(reference)
    return _step(
        f"sign {reference}",
        ask,
        image.sign_key,
        reference,
        unless=sh("signed", *words),
        compares=True,
        do=sh("sign", *words, image.signatures),
        undo=sh("sweep_keys"),
    )


def _step(name: str, ask: Ask[Any], key: str, reference: str, **more: Any) -> Step:
    return Step(
        name=name,
        stdin=ask.secrets[key],
        sensitive=True,
        timeout=300,
        exit_messages=exit_messages(reference, key),
        **more,
    )


def split(reference: str) -> tuple[str, str]:
    """Repository and tag; a port is no tag."""
    front, colon, last = reference.rpartition(":")
    return (front, last) if colon and "/" not in last else (reference, "latest")


def exit_messages(reference: str, key: str) -> tuple[tuple[int, str], ...]:
    """What the exit codes of signature.sh and sign.sh mean."""
    registry = reference.partition("/")[0]
    return (
        (14, f"{registry} does not let this host in: inv triumf.trust.up"),
        (
            15,
            f"{registry} cannot be reached: inv triumf.registry.status, and is the way there open?",
        ),
        (21, f"{reference} is not on this host with a digest of {registry}: pull it first"),
        (22, f"{reference} is not signed: inv triumf.image.sign"),
        (
            23,
            f"the signature of {reference} does not match: "
            f"it is by none of the keys of secrets/{key}, has expired or is damaged",
        ),
        (
            24,
            f"what is signed is not {reference} as it is: "
            "the signature is for another image or another name; inv triumf.image.sign",
        ),
        (25, "there is no gpg on this host: install the package gnupg"),
        (26, "there is no tmpfs on this host for the key: /dev/shm should be one"),
        (27, f"secrets/{key} is no key that gpg can read: gpg --export --armor KEY"),
        (28, f"{registry} has a signature for {reference} that is none"),
        (
            29,
            f"secrets/{key} cannot sign: it is no private key, has expired, "
            "or wants a passphrase, which it may not have",
        ),
    )
