"""Who can read what is written: lines of secrets/recipients, age keys and SSH public keys."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from fairlead.model.errors import SecretError
from fairlead.model.plan import Noun
from fairlead.secrets.files import replace_all
from fairlead.secrets.identities import tag_of

WHERE = "secrets/recipients"
HEAD = (
    "# Who can read the secrets here: age keys and SSH public keys (ed25519, rsa), one a line. "
    "After a change: inv secrets.rekey\n"
)


class Recipient(Noun):
    """One line of secrets/recipients. `tag`: how an encrypted file names it ("" for age keys, which
    it does not name)."""

    key: str
    comment: str = ""
    tag: str = ""

    @property
    def line(self) -> str:
        """As the file has it; a remark stands behind an age key after #."""
        comment = f"# {self.comment}" if self.comment and is_age(self.key) else self.comment
        return f"{self.key} {comment}".rstrip(" #")


def is_age(key: str) -> bool:
    return key.startswith("age1")


def parse(line: str, where: str) -> Recipient:
    """A line of the file, or the text of --recipient. Raises SecretError."""
    words = line.split("#")[0].split() if is_age(line) else line.split(maxsplit=2)
    if words[0].startswith(("ecdsa-", "sk-")):
        raise SecretError(
            where,
            f"age cannot encrypt for {words[0]} keys",
            "give an ed25519 or rsa key, or an age key",
        )
    if is_age(words[0]):
        recipient = Recipient(words[0], line.partition("#")[2].strip())
    else:
        recipient = Recipient(" ".join(words[:2]), "".join(words[2:]))
    age_recipient(recipient, where)
    if is_age(recipient.key):
        return recipient
    return msgspec.structs.replace(recipient, tag=tag_of(words[1]))


def age_recipient(recipient: Recipient, where: str = WHERE) -> Any:
    """The key as pyrage takes it (it has no types). Raises SecretError."""
    import pyrage

    kind = pyrage.x25519 if is_age(recipient.key) else pyrage.ssh
    try:
        return kind.Recipient.from_str(recipient.key)
    except pyrage.RecipientError:
        raise SecretError(
            where,
            f"{recipient.key[:40]!r} is no public key",
            "wanted age1..., ssh-ed25519 ... or ssh-rsa ...",
        ) from None


def read(path: Path) -> tuple[Recipient, ...]:
    """Those in a file. Raises SecretError for a line that is no key, and where there is none."""
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    recipients = tuple(
        parse(line, f"{WHERE}:{number}")
        for number, line in enumerate(lines, 1)
        if line.split("#")[0].strip()
    )
    if not recipients:
        raise SecretError(
            WHERE, "names nobody for whom secrets could be encrypted", "inv secrets.init"
        )
    return recipients


def append(path: Path, recipients: Iterable[Recipient]) -> None:
    """Put lines at the end of a file, which begins with a remark. Raises SecretError."""
    text = path.read_text("utf-8") if path.is_file() else HEAD
    if not text.endswith("\n"):
        text += "\n"
    lines = "".join(f"{recipient.line}\n" for recipient in recipients)
    replace_all({path: (text + lines).encode()}, 0o644)
