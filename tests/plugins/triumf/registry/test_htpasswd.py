"""The registry's file of users."""

import pytest

from fairlead.model.errors import SecretError
from fairlead.model.plan import Secret


def test_a_hash_that_is_right_stays_with_its_salt_and_others_are_left_alone() -> None:
    from fairlead_plugins.triumf.registry import htpasswd

    first = htpasswd.rendered("other:$2y$05$abc\n", {"t1user": Secret("one")})
    assert first.startswith("other:$2y$05$abc\nt1user:$2b$10$")
    assert htpasswd.rendered(first, {"t1user": Secret("one")}) == first
    second = htpasswd.rendered(first, {"t1user": Secret("two")}, removed=["other"])
    assert (
        second.count("\n"),
        second != first,
        htpasswd.fits(htpasswd.users(second)["t1user"], Secret("two")),
    ) == (1, True, True)
    assert not htpasswd.fits("{SHA}abc", Secret("two"))


@pytest.mark.parametrize("password", ["", "x" * 73, "two\nlines", "nul\0"])
def test_a_password_that_bcrypt_would_cut_or_refuse_is_told(password: str) -> None:
    from fairlead_plugins.triumf.registry import htpasswd

    with pytest.raises(
        SecretError,
        match="the password of t1user: has to be one line of at most 72 bytes: "
        "bcrypt takes no more; inv secrets.set",
    ):
        htpasswd.rendered("", {"t1user": Secret(password)})
