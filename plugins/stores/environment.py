"""Secrets from the environment: FAIRLEAD_SECRET_PS1_KEY is ps1.key. For a CI that keeps them so."""

import re

from fairlead.api import Noun, Secret, StoreAccess, hookimpl


class Settings(Noun, forbid_unknown_fields=True):
    """There is nothing to say."""


@hookimpl
def read_secret(name: str, access: StoreAccess) -> Secret | None:
    return access.variable("FAIRLEAD_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper()))
