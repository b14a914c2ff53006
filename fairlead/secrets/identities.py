"""The keys with which we open secrets, age identities and SSH keys, and which of them an encrypted
file asks for.

An age file names the SSH keys that open it by 4 bytes of a hash (age's ssh recipients), and an
OpenSSH private key says its public half before its passphrase is known; so nobody is asked for the
passphrase of a key that would not fit.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from fairlead.model import operator
from fairlead.model.errors import SecretError
from fairlead.model.plan import Noun, Secret
from fairlead.secrets.files import first_line, read_private

STANZAS = ("X25519", "ssh-ed25519", "ssh-rsa")  # the kinds of keys that we know of
PASSPHRASE = "FAIRLEAD_PASSPHRASE_FILE"
TRIES = 3  # as ssh-keygen and ssh: so often is a passphrase typed
OWN = (".config/fairlead/identity", ".ssh/id_ed25519", ".ssh/id_rsa")
OPENSSH = re.compile(rb"-----BEGIN OPENSSH PRIVATE KEY-----\s(.*?)-----END", re.DOTALL)

Unlock = Callable[[str], Secret]  # the name of a key -> its passphrase


class Identity(Noun):
    """One file with a key (or, for age, several). `tag`: how an age file names it, "" where it
    cannot be told from outside."""

    where: str
    text: Secret
    kind: str  # age | ssh
    tag: str = ""
    locked: bool = False

    def fits(self, tags: tuple[str, ...]) -> bool:
        """May it open a file that names these?"""
        if self.kind == "age":
            return "" in tags
        return not self.tag or self.tag in tags

    def opened(self, unlock: Unlock) -> "Identity":
        """The same without its passphrase, in memory. Raises SecretError."""
        if not self.locked:
            return self
        from cryptography.hazmat.primitives import serialization as forms

        is_openssh = OPENSSH.search(self.text.reveal())
        load = forms.load_ssh_private_key if is_openssh else forms.load_pem_private_key
        key = self._unlocked(load, unlock)
        pem, openssh, plain = forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption()
        text = Secret(key.private_bytes(pem, openssh, plain))
        return msgspec.structs.replace(self, text=text, locked=False)

    def _unlocked(self, load: Callable[[bytes, bytes], Any], unlock: Unlock) -> Any:
        """The key, as cryptography has it; a person may mistype, a file says the same again."""
        refused: list[Secret] = []
        while len(refused) < TRIES:
            passphrase = unlock(self.where)
            if passphrase in refused:
                break
            try:
                return load(self.text.reveal(), passphrase.reveal())
            except (ValueError, TypeError):
                refused.append(passphrase)
        remedy = f"try again, or look at {PASSPHRASE}"
        raise SecretError(self.where, "the passphrase does not open it", remedy)


def available(environment: Mapping[str, str]) -> Iterator[Identity]:
    """The keys that we have: the file that FAIRLEAD_IDENTITY names, else those of OWN that are
    there. Raises SecretError."""
    path = environment.get("FAIRLEAD_IDENTITY", "")
    if path:
        yield identity(Path(path), "FAIRLEAD_IDENTITY")
        return
    home = Path(environment.get("HOME") or operator.home())
    for name in OWN:
        if (home / name).exists():
            yield identity(home / name)


def own_public_key(environment: Mapping[str, str]) -> str:
    """The public half of the key that we would decrypt with. Raises SecretError."""
    for identity in available(environment):
        if identity.kind == "age":
            return f"{public_keys(identity)[0]} # {environment.get('USER', '')}"
        beside = Path(f"{identity.where}.pub")
        if beside.is_file():
            return beside.read_text("utf-8").strip()
    raise SecretError(
        "inv secrets.init",
        "you have no key of your own that age knows",
        "make one with ssh-keygen -t ed25519, or name a --recipient",
    )


def identity(path: Path, variable: str = "") -> Identity:
    """The key in a file, which an environment variable may have named.

    Raises SecretError: it cannot be read, is open to others, or is no key that age knows.
    """
    text = read_private(path, variable)
    where, data = str(path), text.reveal()
    if b"AGE-SECRET-KEY-1" in data:
        return Identity(where, text, "age")
    if data.startswith(b"age-encryption.org/"):
        raise SecretError(
            where,
            "is an age identity behind a passphrase",
            "store it without one (mode 0600), or use an SSH key",
        )
    openssh = OPENSSH.search(data)
    if openssh:
        return _openssh(where, text, openssh[1])
    if b"-----BEGIN RSA PRIVATE KEY-----" in data:
        return Identity(where, text, "ssh", locked=b"ENCRYPTED" in data)
    raise SecretError(
        where, "is no key that age knows", "wanted an age identity, or an ed25519 or rsa key of SSH"
    )


def _openssh(where: str, text: Secret, armored: bytes) -> Identity:
    kind, cipher, tag = _clear_part(armored, where)
    if kind not in ("ssh-ed25519", "ssh-rsa"):
        raise SecretError(
            where,
            f"age cannot decrypt with a key of the kind {kind}",
            "name an ed25519 or rsa key, or an age identity, in FAIRLEAD_IDENTITY",
        )
    return Identity(where, text, "ssh", tag, locked=cipher != "none")


def private_keys(identity: Identity) -> list[Any]:
    """The keys as pyrage takes them (it has no types). Raises SecretError."""
    import pyrage

    try:
        if identity.kind == "ssh":
            return [pyrage.ssh.Identity.from_buffer(identity.text.reveal())]
        return [pyrage.x25519.Identity.from_str(line) for line in _age_keys(identity)]
    except pyrage.IdentityError as error:
        raise SecretError(
            identity.where,
            f"is no key that age can use: {error}",
            "name another one in FAIRLEAD_IDENTITY",
        ) from None


def _age_keys(identity: Identity) -> Iterator[str]:
    for line in identity.text.reveal().decode("ascii", "replace").split("\n"):
        if line.startswith("AGE-SECRET-KEY-1"):
            yield line.strip()


def public_keys(identity: Identity) -> tuple[str, ...]:
    """The public halves of age identities; those of SSH keys lie beside them.

    Raises SecretError.
    """
    if identity.kind != "age":
        return ()
    return tuple(str(key.to_public()) for key in private_keys(identity))


def passphrase_from(environment: Mapping[str, str]) -> Secret | None:
    """What FAIRLEAD_PASSPHRASE_FILE names: its first line. Raises SecretError."""
    path = environment.get(PASSPHRASE, "")
    return first_line(read_private(Path(path), PASSPHRASE)) if path else None


def stanzas(data: bytes) -> tuple[str, ...]:
    """For whom an age file is encrypted: the tag of each SSH key, "" for each age key.

    Source: age-encryption.org/v1, ssh recipients.
    """
    header = data.partition(b"\n---")[0].decode("ascii", "replace")
    lines = [line.split() for line in header.split("\n") if line.startswith("-> ")]
    return tuple(_tag_in(words) for words in lines if words[1] in STANZAS)


def _tag_in(words: list[str]) -> str:
    return "" if words[1] == "X25519" else words[2]


def tag_of(blob: str) -> str:
    """How age files name an SSH key, given its base64 part."""
    return _tag(base64.b64decode(blob))


def _tag(wire: bytes) -> str:
    return base64.b64encode(hashlib.sha256(wire).digest()[:4]).decode().rstrip("=")


def _clear_part(armored: bytes, where: str) -> tuple[str, str, str]:
    """Kind, cipher and tag of an OpenSSH private key, which stand before what is encrypted
    (openssh-key-v1). Raises SecretError."""
    try:
        data = base64.b64decode(armored).removeprefix(b"openssh-key-v1\0")
        cipher, data = _string(data)
        _kdf, data = _string(data)
        _kdf_options, data = _string(data)
        wire, _ = _string(data[4:])
        return _string(wire)[0].decode(), cipher.decode(), _tag(wire)
    except (ValueError, IndexError):
        raise SecretError(
            where, "is a damaged key", "name another one in FAIRLEAD_IDENTITY"
        ) from None


def _string(data: bytes) -> tuple[bytes, bytes]:
    """A string of SSH's wire form (RFC 4251: its length in 4 bytes first), and what follows it."""
    end = 4 + int.from_bytes(data[:4], "big")
    if len(data) < end:
        raise ValueError("cut short")
    return data[4:end], data[end:]
