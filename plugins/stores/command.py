"""Secrets from a command that prints them, such as `pass show fairlead/NAME`."""

from typing import Annotated

from msgspec import Meta

from fairlead.api import Noun, Secret, SecretError, StoreAccess, hookimpl


class Settings(Noun, kw_only=True, forbid_unknown_fields=True):
    """The command, word for word; no shell reads it."""

    argv: Annotated[
        tuple[str, ...], Meta(min_length=1, description="the command; % is the name of the secret")
    ] = (
        "pass",
        "show",
        "fairlead/%",
    )
    absent: Annotated[
        tuple[int, ...],
        Meta(description="exit codes that say: there is no such secret. 1 is what pass says"),
    ] = (1,)
    timeout: Annotated[
        float, Meta(gt=0, le=600, description="seconds in which it has to answer")
    ] = 30


@hookimpl
def read_secret(name: str, access: StoreAccess) -> Secret | None:
    settings = access.settings
    argv = tuple(word.replace("%", name) for word in settings.argv)
    code, value, errors = access.run(argv, settings.timeout)
    if code in settings.absent:
        return None
    if code:
        last = "".join(errors.strip().splitlines()[-1:])
        raise SecretError(
            f"secrets/{name}",
            f"{' '.join(argv)} ended with {code}{f': {last}' if last else ''}",
            "run it by hand to see why",
        )
    return Secret.printed(value.reveal())
