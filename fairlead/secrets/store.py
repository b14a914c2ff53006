"""The age store: secrets/NAME.age beside plugins/ and sites/ of an ops repository.

What is read is decrypted in memory; what is written is encrypted first, for the recipients that
secrets/recipients names (fairlead.secrets.recipients).
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret
from fairlead.secrets import recipients
from fairlead.secrets.files import replace_all
from fairlead.secrets.identities import (
    PASSPHRASE,
    Identity,
    Unlock,
    available,
    passphrase_from,
    private_keys,
    public_keys,
    stanzas,
)
from fairlead.secrets.recipients import Recipient

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
IGNORE = "*\n!.gitignore\n!*.age\n!recipients\n"
AGE = b"age-encryption.org/v1\n"  # how each file begins


class Store:
    """The secrets of one ops repository. `unlock` asks for the passphrase of a key; what was read
    or unlocked once is remembered."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        unlock: Unlock,
    ):
        self.folder, self._environment, self._unlock = folder, environment, unlock
        self._read: dict[str, Secret] = {}
        self._opened: dict[str, Identity] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in self.folder.glob("*.age")))

    def __contains__(self, name: str) -> bool:
        return self.path(name).exists()

    def read(self, name: str, quietly: bool = False) -> Secret:
        """The value of a secret; `quietly` nobody is asked for a passphrase.

        Raises SecretError: it is not there, or none of our keys opens it.
        """
        if name not in self._read:
            unlock = self._known_passphrase if quietly else self._unlock
            self._read[name] = self._decrypted(name, unlock)
        return self._read[name]

    def write(self, name: str, value: Secret) -> None:
        """Encrypt for all recipients and put in place whole. Raises SecretError."""
        self.write_all({name: value})

    def write_all(self, values: Mapping[str, Secret]) -> None:
        """All are encrypted and lie on the disk before the first takes the place of an old one.

        Raises SecretError.
        """
        import pyrage

        keys = [recipients.age_recipient(recipient) for recipient in self.recipients()]
        files = {
            self.path(name): pyrage.encrypt(_not_empty(name, value), keys)
            for name, value in values.items()
        }
        replace_all(files)
        self._read.update(values)

    def rekey(self) -> tuple[str, ...]:
        """Encrypt every secret anew for the recipients of today; all are read before the first is
        written."""
        self.recipients()
        values = {name: self.read(name) for name in self.names()}
        self.write_all(values)
        return tuple(values)

    def recipients(self) -> tuple[Recipient, ...]:
        """Who can read what is written here.

        Raises SecretError for a line that is no key, and where there is none.
        """
        return recipients.read(self._recipients_file)

    def add(self, more: Iterable[Recipient]) -> tuple[Recipient, ...]:
        """Those of `more` that were no recipients yet; now they are."""
        path, ignore = self._recipients_file, self.folder / ".gitignore"
        is_filled = path.is_file() and path.read_text().strip()
        known = {recipient.key for recipient in self.recipients()} if is_filled else set()
        new = tuple(recipient for recipient in more if recipient.key not in known)
        self.folder.mkdir(exist_ok=True)
        if new:
            recipients.append(path, new)
        if not ignore.exists():
            replace_all({ignore: IGNORE.encode()}, 0o644)
        return new

    @property
    def _recipients_file(self) -> Path:
        return self.folder / "recipients"

    def is_stale(self, name: str) -> bool:
        """Was it encrypted for others than the recipients of today? (Age keys can only be
        counted.)"""
        tags = [recipient.tag for recipient in self.recipients()]
        return sorted(stanzas(self._bytes(name))) != sorted(tags)

    def opens(self) -> bool:
        """Is one of our own keys among the recipients?"""
        tags = {recipient.tag for recipient in self.recipients()} - {""}
        keys = {recipient.key for recipient in self.recipients()}
        return any(
            identity.tag in tags or keys & set(public_keys(identity))
            for identity in available(self._environment)
        )

    def path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise SecretError(
                "--name",
                f"{name!r} is no name of a secret",
                "letters, digits and . _ -, such as ps1.key",
            )
        return self.folder / f"{name}.age"

    def _bytes(self, name: str) -> bytes:
        where = f"secrets/{name}"
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            remedy = f"inv secrets.set --name={name}"
            raise SecretError(where, "there is no such secret", remedy) from None
        except OSError as error:
            raise SecretError(where, f"cannot be read: {error.strerror}", "") from None

    def _decrypted(self, name: str, unlock: Unlock) -> Secret:
        import pyrage

        data = self._bytes(name)
        if not data.startswith(AGE):
            raise SecretError(f"secrets/{name}", "is no age file", f"inv secrets.set --name={name}")
        mine = list(available(self._environment))
        for identity in mine:
            if not identity.fits(stanzas(data)):
                continue
            try:
                return Secret(pyrage.decrypt(data, self._keys(identity, unlock)))
            except pyrage.DecryptError as error:
                if "No matching keys" not in str(error):
                    what = f"is damaged: {error}"
                    raise SecretError(f"secrets/{name}", what, "bring it back from git") from None
        raise _not_opened(name, mine)

    def _keys(self, identity: Identity, unlock: Unlock) -> list[Any]:
        if identity.where not in self._opened:
            self._opened[identity.where] = identity.opened(unlock)
        return private_keys(self._opened[identity.where])

    def _known_passphrase(self, where: str) -> Secret:
        """The passphrase that needs no asking. Raises SecretError."""
        passphrase = passphrase_from(self._environment)
        if passphrase is None:
            remedy = f"name a file of mode 0600 in {PASSPHRASE}"
            raise SecretError(where, "has a passphrase", remedy)
        return passphrase


def _not_opened(name: str, mine: Iterable[Identity]) -> SecretError:
    where, files = f"secrets/{name}", ", ".join(identity.where for identity in mine)
    if not files:
        remedy = "name one in FAIRLEAD_IDENTITY, or inv secrets.init"
        return SecretError(where, "you have no key to open it with", remedy)
    return SecretError(
        where,
        f"none of your keys opens it ({files})",
        "have a recipient add your public key and run inv secrets.rekey",
    )


def _not_empty(name: str, value: Secret) -> bytes:
    if not value.reveal():
        raise SecretError(
            f"secrets/{name}",
            "an empty value is no secret",
            "give it on stdin, with --file, or type it",
        )
    return value.reveal()
