"""The state of a secret: there or not, from where, until when."""

import time
from collections.abc import Callable

from fairlead.cli.secret_needs.requirements import Recipes, Requirement
from fairlead.model.errors import SecretError
from fairlead.model.plan import Noun, SecretSpec
from fairlead.runner.context import StoredSecret

DAY = 86400  # seconds
STATES = ("ok", "missing", "ending", "expired", "closed", "unusable", "changed", "would-change")
GOOD = frozenset({"ok", "changed", "would-change"})


class SecretState(Noun, kw_only=True):
    """`ends` in seconds since the epoch, None: it does not. `error`: one sentence."""

    state: str  # one of STATES; ending: within the time asked about, closed: cannot be opened
    source: str = ""
    ends: float | None = None
    error: str = ""


def state_of(
    spec: SecretSpec,
    find: Callable[[str], StoredSecret | None],
    now: float,
    within: float,
) -> SecretState:
    """The state at `now`, in seconds since the epoch.

    What ends in less than `within` seconds is `ending`.
    """
    try:
        secret = find(spec.name)
    except SecretError as error:
        return SecretState(state="closed", error=str(error))
    if secret is None:
        return SecretState(state="missing")
    try:
        ends = spec.ends(secret.value) if spec.ends else None
    except SecretError as error:
        return SecretState(state="unusable", source=secret.source, error=str(error))
    except ValueError as error:
        sentence = f"secrets/{spec.name}: {error}"
        return SecretState(state="unusable", source=secret.source, error=sentence)
    state = _state(ends, now, within)
    fault = "" if state == "expired" else _fault(spec, secret, find, now)
    return SecretState(
        state="unusable" if fault else state, source=secret.source, ends=ends, error=fault
    )


def _fault(
    spec: SecretSpec,
    secret: StoredSecret,
    find: Callable[[str], StoredSecret | None],
    now: float,
) -> str:
    """What `up` would say of it; "" for nothing, and while one that it has to fit is missing."""
    if not spec.check:
        return ""
    try:
        stored = {name: find(name) for name in spec.fits}
        values = {name: other.value for name, other in stored.items() if other}
        if len(values) == len(stored):
            spec.check({**values, spec.name: secret.value}, now)
    except SecretError as error:
        return f"{error.where}: {error.what}"
    return ""


def _state(ends: float | None, now: float, within: float) -> str:
    if ends is None or ends > now + within:
        return "ok"
    return "expired" if ends <= now else "ending"


def remedy(requirement: Requirement, current: SecretState, recipes: Recipes) -> str:
    """What to type where it is not as it should be; "" where it is."""
    name = requirement.name
    if current.state in GOOD or current.state == "closed":
        return ""
    if name not in recipes:
        return f"inv secrets.set --name={name}"
    flags = "--generate" if current.state == "missing" else f"--rotate --name={name}"
    return f"inv {requirement.system}.secrets {flags}"


def until(ends: float | None, now: float) -> str:
    """`2027-03-01 (98 days)`, `2026-01-02 (expired)`, "" where it does not end."""
    if ends is None:
        return ""
    if ends <= now:
        return f"{day(ends)} (expired)"
    days = int((ends - now) // DAY)
    return f"{day(ends)} (1 day)" if days == 1 else f"{day(ends)} ({days} days)"


def day(ends: float) -> str:
    """2027-03-01, by UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(ends))
