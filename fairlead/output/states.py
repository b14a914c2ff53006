"""How each state looks, of whatever it is one: a host, a step, a check, a secret, a live row."""

from collections.abc import Mapping
from typing import Any

from fairlead.model.plan import Noun


class Look(Noun):
    """`style`: Rich's, "" for none. `bad`: its row stands last, and says what is wrong."""

    style: str = ""
    bad: bool = False


RED = Look("bold red", bad=True)
UNUSABLE = Look("bold red")  # of a secret, which has a table of its own
PLAIN = Look()
LOOKS: Mapping[str, Look] = {
    # hosts and steps: model/results.py, STATES and STEP_STATES
    "ok": Look("green"),
    "changed": Look("yellow"),
    "would-change": Look("cyan"),
    "skipped": Look("dim"),
    "failed": RED,
    "rolled-back": Look("bold magenta", bad=True),
    "unreachable": RED,
    "locked": Look("bold yellow", bad=True),
    "stuck": RED,
    "undone": PLAIN,
    "not-run": PLAIN,
    # checks that failed: SEVERITIES
    "warns": Look("yellow", bad=True),
    "blocks": RED,
    # secrets: cli/secret_needs/state.py
    "ending": Look("bold yellow"),
    **dict.fromkeys(("missing", "expired", "closed", "unusable"), UNUSABLE),
    # live rows: live.py
    **dict.fromkeys(("connecting", "connected", "looked", "waiting", "cancelled"), PLAIN),
    **dict.fromkeys(("running", "undoing", "done", "ended", ""), PLAIN),
}
SEVERITIES = ("warns", "blocks")


def style_of(state: str) -> str:
    """The Rich style of a state; "" for what is no state."""
    return LOOKS.get(state, PLAIN).style


def is_bad(state: str) -> bool:
    """Does it say that something is wrong?"""
    return LOOKS.get(state, PLAIN).bad


def severity(check: Mapping[str, Any]) -> str:
    """The state of a check that failed, as docs/json.md has it: one of SEVERITIES."""
    return SEVERITIES[bool(check.get("blocks", True))]
