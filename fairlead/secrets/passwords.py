"""Passwords made here."""

from collections.abc import Callable, Mapping

from fairlead.model.plan import Secret


def password_maker(size: int) -> Callable[[Mapping[str, Secret]], Secret]:
    """For SecretSpec.make: a function that makes a new password, of `size` random bytes in URL-safe
    base64 (4 characters for 3 bytes)."""

    def make(of: Mapping[str, Secret]) -> Secret:
        from secrets import token_urlsafe

        return Secret(token_urlsafe(size))

    return make
