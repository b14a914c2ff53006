"""Who may pull and push: lines USER:HASH with bcrypt, the one hash that the registry takes. Made here, from secrets; no password reaches the host."""

from collections.abc import Iterable, Mapping

from fairlead.api import Secret, SecretError

LONGEST = 72  # bytes
COST = 10  # 2^10 rounds, some 60 ms: the registry asks at every request


def users(text: str) -> dict[str, str]:
    """USER -> HASH."""
    pairs = (
        line.partition(":")
        for line in text.splitlines()
        if ":" in line and not line.startswith("#")
    )
    return {name.strip(): hashed.strip() for name, _, hashed in pairs}


def written(text: str, passwords: Mapping[str, Secret], gone: Iterable[str] = ()) -> str:
    """The file with these users and without those that are `gone`. A hash that is right already stays, salt and all; others stay as they are."""
    before = users(text)
    after = before | {
        name: _hashed(name, before.get(name, ""), password) for name, password in passwords.items()
    }
    return "".join(f"{name}:{hashed}\n" for name, hashed in after.items() if name not in set(gone))


def _hashed(name: str, before: str, password: Secret) -> str:
    """The hash that was there, where it is this password's; else a new one. Raises SecretError."""
    import bcrypt

    if not 0 < len(password.reveal()) <= LONGEST or set(password.reveal()) & set(b"\0\r\n"):
        raise SecretError(
            f"the password of {name}",
            f"has to be one line of at most {LONGEST} bytes: bcrypt takes no more",
            "inv secrets.set",
        )
    return (
        before
        if fits(before, password)
        else bcrypt.hashpw(password.reveal(), bcrypt.gensalt(COST)).decode()
    )


def fits(hashed: str, password: Secret) -> bool:
    import bcrypt

    try:
        return bcrypt.checkpw(password.reveal(), hashed.encode())
    except ValueError:  # no hash of bcrypt's
        return False
