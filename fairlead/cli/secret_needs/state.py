"""How a secret stands: there or not, from where, until when."""

import time
from collections.abc import Callable

from fairlead.cli.secret_needs.requirements import Need, Recipes
from fairlead.model.errors import SecretError
from fairlead.model.plan import Noun, SecretSpec
from fairlead.runner.context import StoredSecret

DAY = 86400
STATES = ("ok", "missing", "ending", "expired", "closed", "unusable", "changed", "would-change")
GOOD = frozenset({"ok", "changed", "would-change"})


class SecretState(Noun, kw_only=True):
    """`ends` in seconds since the epoch, None: it does not. `error`: one sentence."""

    state: str  # one of STATES: `ending` within the time that was asked about, `closed`: cannot be opened
    source: str = ""
    ends: float | None = None
    error: str = ""


def standing(
    spec: SecretSpec, find: Callable[[str], StoredSecret | None], now: float, within: float
) -> SecretState:
    """How it stands at `now` (seconds since the epoch); what ends in less than `within` seconds is `ending`."""
    try:
        found = find(spec.name)
    except SecretError as error:
        return SecretState(state="closed", error=str(error))
    if found is None:
        return SecretState(state="missing")
    try:
        ends = spec.ends(found.value) if spec.ends else None
    except (SecretError, ValueError) as error:
        said = str(error) if isinstance(error, SecretError) else f"secrets/{spec.name}: {error}"
        return SecretState(state="unusable", source=found.source, error=said)
    return SecretState(state=_state(ends, now, within), source=found.source, ends=ends)


def _state(ends: float | None, now: float, within: float) -> str:
    if ends is None:
        return "ok"
    return "expired" if ends <= now else "ending" if ends <= now + within else "ok"


def remedy(need: Need, found: SecretState, recipes: Recipes) -> str:
    """What to type where it is not as it should be; "" where it is."""
    name = need.spec.name
    if found.state in GOOD or found.state == "closed":
        return ""
    if name not in recipes:
        return f"inv secrets.set --name={name}"
    return f"inv {need.system}.secrets " + (
        "--generate" if found.state == "missing" else f"--rotate --name={name}"
    )


def until(ends: float | None, now: float) -> str:
    """`2027-03-01 (98 days)`, `2026-01-02 (expired)`, "" where it does not end."""
    if ends is None:
        return ""
    left = int((ends - now) // DAY)
    return f"{day(ends)} ({'expired' if ends <= now else f'{left} day' + 's' * (left != 1)})"


def day(ends: float) -> str:
    """2027-03-01, by UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(ends))
