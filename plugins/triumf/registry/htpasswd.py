"""Who may pull and push: lines USER:HASH with bcrypt, the one hash that the registry takes.

Made here, from secrets; no password reaches the host.
"""

from collections.abc import Iterable, Mapping

from fairlead.api import Secret, SecretError

LONGEST = 72  # bytes
LENGTH = 24  # random bytes of a new password
COST = 10  # 2^10 rounds, some 60 ms: the registry asks at every request


def users(text: str) -> dict[str, str]:
    """USER -> HASH."""
    lines = (line for line in text.splitlines() if ":" in line and not line.startswith("#"))
    pairs = (line.partition(":") for line in lines)
    return {name.strip(): digest.strip() for name, _, digest in pairs}


def rendered(text: str, passwords: Mapping[str, Secret], removed: Iterable[str] = ()) -> str:
    """The file with these users and without those that are `removed`.

    A hash that is right already stays, salt and all; others stay as they are.
    """
    hashes = users(text)
    for name, password in passwords.items():
        hashes[name] = _hash(name, hashes.get(name, ""), password)
    for name in removed:
        hashes.pop(name, None)
    return "".join(f"{name}:{digest}\n" for name, digest in hashes.items())


def _hash(name: str, before: str, password: Secret) -> str:
    """The hash that was there, where it is this password's; else a new one. Raises SecretError."""
    import bcrypt

    value = password.reveal()
    if not 0 < len(value) <= LONGEST or set(value) & set(b"\0\r\n"):
        raise SecretError(
            f"the password of {name}",
            f"has to be one line of at most {LONGEST} bytes: bcrypt takes no more",
            "inv secrets.set",
        )
    if fits(before, password):
        return before
    return bcrypt.hashpw(value, bcrypt.gensalt(COST)).decode()


def fits(digest: str, password: Secret) -> bool:
    """Is it the bcrypt hash of this password?"""
    import bcrypt

    try:
        return bcrypt.checkpw(password.reveal(), digest.encode())
    except ValueError:  # no hash of bcrypt's
        return False
