"""The age store: secrets/NAME.age beside plugins/ and sites/ of an ops repository. Sole user of pyrage.

What is read is decrypted in memory; what is written is encrypted first. Recipients are lines of secrets/recipients: age keys and SSH public keys.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from fairlead.model.errors import SecretError
from fairlead.model.plan import Noun, Secret
from fairlead.secrets.files import replace_all
from fairlead.secrets.identities import (
    PASSPHRASE,
    Identity,
    Unlock,
    found,
    passphrase_from,
    stanzas,
    tag_of,
)

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
IGNORE = "*\n!.gitignore\n!*.age\n!recipients\n"
HEAD = "# Who can read the secrets here: age keys and SSH public keys (ed25519, rsa), one a line. After a change: inv secrets.rekey\n"


class Recipient(Noun):
    """One line of secrets/recipients. `tag`: how an encrypted file names it ("" for age keys, which it does not name)."""

    key: str
    comment: str = ""
    tag: str = ""


class Store:
    """The secrets of one ops repository. `unlock` asks for the passphrase of a key; what was read or unlocked once is remembered."""

    def __init__(self, folder: Path, environment: Mapping[str, str], unlock: Unlock):
        self.folder, self._environment, self._unlock = folder, environment, unlock
        self._read: dict[str, Secret] = {}
        self._opened: dict[str, Identity] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(path.stem for path in self.folder.glob("*.age")))

    def __contains__(self, name: str) -> bool:
        return self.path(name).exists()

    def read(self, name: str, quietly: bool = False) -> Secret:
        """The value of a secret; `quietly` nobody is asked for a passphrase. Raises SecretError: it is not there, or none of our keys opens it."""
        if name not in self._read:
            self._read[name] = self._decrypted(name, self._given if quietly else self._unlock)
        return self._read[name]

    def write(self, name: str, value: Secret) -> None:
        """Encrypt for all recipients and put in place whole. Raises SecretError."""
        self.write_all({name: value})

    def write_all(self, values: Mapping[str, Secret]) -> None:
        """All are encrypted and lie on the disk before the first takes the place of an old one. Raises SecretError."""
        import pyrage

        keys = [_key(recipient.key) for recipient in self.recipients()]
        files = {
            self.path(name): pyrage.encrypt(_full(name, value).reveal(), keys)
            for name, value in values.items()
        }
        replace_all(files)
        self._read.update(values)

    def rekey(self) -> tuple[str, ...]:
        """Encrypt every secret anew for the recipients of today; all are read before the first is written."""
        self.recipients()
        values = {name: self.read(name) for name in self.names()}
        self.write_all(values)
        return tuple(values)

    def recipients(self) -> tuple[Recipient, ...]:
        """Who can read what is written here. Raises SecretError for a line that is no key, and where there is none."""
        path = self.folder / "recipients"
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        read = tuple(
            recipient(line, f"secrets/recipients:{number}")
            for number, line in enumerate(lines, 1)
            if line.split("#")[0].strip()
        )
        if not read:
            raise SecretError(
                "secrets/recipients",
                "names nobody for whom secrets could be encrypted",
                "inv secrets.init",
            )
        return read

    def add(self, more: Iterable[Recipient]) -> tuple[Recipient, ...]:
        """Those of `more` that were no recipients yet; now they are."""
        path = self.folder / "recipients"
        known = (
            {one.key for one in self.recipients()}
            if path.is_file() and path.read_text().strip()
            else set()
        )
        new = tuple(one for one in more if one.key not in known)
        self.folder.mkdir(exist_ok=True)
        if new:
            before = path.read_text("utf-8") if path.is_file() else HEAD
            lines = "".join(
                f"{one.key} {'# ' * one.key.startswith('age1')}{one.comment}".rstrip(" #") + "\n"
                for one in new
            )
            replace_all(
                {path: (before + "\n" * (not before.endswith("\n")) + lines).encode()}, 0o644
            )
        if not (self.folder / ".gitignore").exists():
            replace_all({self.folder / ".gitignore": IGNORE.encode()}, 0o644)
        return new

    def is_stale(self, name: str) -> bool:
        """Was it encrypted for others than the recipients of today? (Age keys can only be counted.)"""
        return sorted(stanzas(self._bytes(name))) != sorted(one.tag for one in self.recipients())

    def opens(self) -> bool:
        """Is one of our own keys among the recipients?"""
        tags, keys = (
            {one.tag for one in self.recipients()} - {""},
            {one.key for one in self.recipients()},
        )
        return any(
            identity.tag in tags or keys & set(public(identity))
            for identity in found(self._environment)
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
        path = self.path(name)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise SecretError(
                f"secrets/{name}", "there is no such secret", f"inv secrets.set --name={name}"
            ) from None
        except OSError as error:
            raise SecretError(f"secrets/{name}", f"cannot be read: {error.strerror}", "") from None

    def _decrypted(self, name: str, unlock: Unlock) -> Secret:
        import pyrage

        data = self._bytes(name)
        if not data.startswith(b"age-encryption.org/v1\n"):
            raise SecretError(f"secrets/{name}", "is no age file", f"inv secrets.set --name={name}")
        mine = list(found(self._environment))
        for identity in (one for one in mine if one.fits(stanzas(data))):
            try:
                return Secret(pyrage.decrypt(data, self._keys(identity, unlock)))
            except pyrage.DecryptError as error:
                if "No matching keys" not in str(error):
                    raise SecretError(
                        f"secrets/{name}", f"is damaged: {error}", "bring it back from git"
                    ) from None
        asked = ", ".join(one.where for one in mine)
        what = (
            f"none of your keys opens it ({asked})" if mine else "you have no key to open it with"
        )
        remedy = (
            "have a recipient add your public key and run inv secrets.rekey"
            if mine
            else "name one in FAIRLEAD_IDENTITY, or inv secrets.init"
        )
        raise SecretError(f"secrets/{name}", what, remedy)

    def _keys(self, identity: Identity, unlock: Unlock) -> list[object]:
        if identity.where not in self._opened:
            self._opened[identity.where] = identity.opened(unlock)
        return _private(self._opened[identity.where])

    def _given(self, where: str) -> Secret:
        """The passphrase that needs no asking."""
        given = passphrase_from(self._environment)
        if given is None:
            raise SecretError(
                where, "has a passphrase", f"name a file of mode 0600 in {PASSPHRASE}"
            )
        return given


def recipient(line: str, where: str) -> Recipient:
    """A line of the file, or the text of --recipient. Raises SecretError."""
    words = line.split("#")[0].split() if line.startswith("age1") else line.split(maxsplit=2)
    if words[0].startswith(("ecdsa-", "sk-")):
        raise SecretError(
            where,
            f"age cannot encrypt for {words[0]} keys",
            "give an ed25519 or rsa key, or an age key",
        )
    is_age = words[0].startswith("age1")
    key = words[0] if is_age else " ".join(words[:2])
    _key(key, where)
    comment = line.partition("#")[2].strip() if is_age else "".join(words[2:])
    return Recipient(key, comment, "" if is_age else tag_of(words[1]))


def _key(key: str, where: str = "secrets/recipients") -> object:
    import pyrage

    try:
        return (
            pyrage.x25519.Recipient.from_str(key)
            if key.startswith("age1")
            else pyrage.ssh.Recipient.from_str(key)
        )
    except pyrage.RecipientError:
        raise SecretError(
            where,
            f"{key[:40]!r} is no public key",
            "wanted age1..., ssh-ed25519 ... or ssh-rsa ...",
        ) from None


def _private(identity: Identity) -> list[object]:
    """What pyrage decrypts with. Raises SecretError."""
    import pyrage

    try:
        if identity.kind == "ssh":
            return [pyrage.ssh.Identity.from_buffer(identity.text.reveal())]
        lines = identity.text.reveal().decode("ascii", "replace").split("\n")
        return [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.startswith("AGE-SECRET-KEY-1")
        ]
    except pyrage.IdentityError as error:
        raise SecretError(
            identity.where,
            f"is no key that age can use: {error}",
            "name another one in FAIRLEAD_IDENTITY",
        ) from None


def public(identity: Identity) -> tuple[str, ...]:
    """The public halves of age identities; those of SSH keys lie beside them."""
    return (
        tuple(str(key.to_public()) for key in _private(identity)) if identity.kind == "age" else ()
    )


def _full(name: str, value: Secret) -> Secret:
    if not value.reveal():
        raise SecretError(
            f"secrets/{name}",
            "an empty value is no secret",
            "give it on stdin, with --file, or type it",
        )
    return value
