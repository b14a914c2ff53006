"""Key files as ssh takes them: what a file is, its public half, the certificates to a key."""

import base64
import binascii
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import paramiko

MAGIC = b"openssh-key-v1\0"
LARGEST = 1 << 20  # bytes of a key file
PUBLIC = re.compile(r"\s*(?:ssh|ecdsa|sk)-[a-z0-9@.-]+\s+([A-Za-z0-9+/=]+)")
PRIVATE = re.compile(r"-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----(.*?)-----END ", re.DOTALL)


def text(path: Path) -> str:
    """What stands in it. Raises OSError."""
    with open(path, "rb") as file:
        return file.read(LARGEST).decode(errors="replace")


def public_half(path: Path) -> bytes:
    """The public half of a key: in the file itself, else in the .pub beside it; b"" where it is in
    neither.
    """
    for name in (path, Path(f"{path}.pub")):
        try:
            if blob := _blob(text(name)):
                return blob
        except OSError:
            continue
    return b""


def fault(path: Path) -> str:
    """What is wrong with a key file that cannot be used, for the end of a sentence."""
    try:
        content = text(path)
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    if PUBLIC.match(content):
        return f"{path} is a public key, and the agent does not have its private half"
    match = PRIVATE.search(content)
    if not match:
        return f"{path} is no private key"
    if _is_locked(match[1], match[2]):
        return f"{path} cannot be opened without a passphrase: ssh-add it"
    return f"{path} is a private key that cannot be read: is it whole?"


def openness(path: Path) -> str:
    """Why ssh does not take the file: others may read it; "" where they may not."""
    state = os.stat(path)
    mode = stat.S_IMODE(state.st_mode)
    if state.st_uid != os.getuid() or not mode & 0o077:
        return ""
    return f"{path} is open to others (mode {mode:04o}) and not used: chmod 600 {path}"


def belongs(certificate: bytes, blob: bytes) -> bool:
    """Whether a certificate is one for the key of that public half."""
    kind, _, rest = _parts(certificate, 2)
    plain, fields = _parts(blob, 1)
    return kind.startswith(plain) and b"-cert-" in kind and rest.startswith(fields)


def certificates(paths: tuple[str, ...]) -> "list[paramiko.pkey.PublicBlob]":
    """Those that are there and can be read."""
    import paramiko

    loaded = []
    for path in paths:
        try:
            loaded.append(paramiko.pkey.PublicBlob.from_file(path))
        except (OSError, ValueError):
            continue
    return loaded


def _blob(content: str) -> bytes:
    if match := PUBLIC.match(content):
        return _decoded(match[1])
    match = PRIVATE.search(content)
    data = _decoded(match[2]) if match and match[1].startswith("OPENSSH") else b""
    if not data.startswith(MAGIC):
        return b""
    try:
        *_, rest = _parts(data[len(MAGIC) :], 3)  # cipher, key derivation, its options
        return _parts(rest[4:], 1)[0]
    except ValueError:
        return b""


def _is_locked(kind: str, body: str) -> bool:
    if not kind.startswith("OPENSSH"):
        return "ENCRYPTED" in kind or "ENCRYPTED" in body
    try:
        return _parts(_decoded(body)[len(MAGIC) :], 1)[0] != b"none"
    except ValueError:
        return False


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode("".join(body.split()))
    except (binascii.Error, ValueError):
        return b""


def _parts(data: bytes, number: int) -> list[bytes]:
    """So many length-prefixed strings, and what follows them. Raises ValueError."""
    parts = []
    for _ in range(number):
        end = 4 + int.from_bytes(data[:4], "big")
        if len(data) < max(end, 4):
            raise ValueError("it ends too early")
        parts.append(data[4:end])
        data = data[end:]
    return [*parts, data]
