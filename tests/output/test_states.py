"""Every state that can occur has a look, in one place."""

import re
from pathlib import Path

import pytest

from fairlead.cli.secret_needs import state as secrets
from fairlead.model import results
from fairlead.output import live, states

OUTPUT = Path(states.__file__).parent
OCCUR = {
    "hosts": results.STATES,
    "steps": results.STEP_STATES,
    "checks": states.SEVERITIES,
    "secrets": secrets.STATES,
    "live rows": (live.HostProgress().state, *live.WORDS.values(), live.DONE, *live.ENDED),
}


@pytest.mark.parametrize("of", OCCUR)
def test_every_state_has_a_look(of: str) -> None:
    assert [state for state in OCCUR[of] if state not in states.LOOKS] == []


def test_no_look_is_of_a_state_that_does_not_occur() -> None:
    assert set(states.LOOKS) - {state for group in OCCUR.values() for state in group} == {""}


def test_a_check_that_does_not_say_blocks() -> None:
    checks = ({}, {"blocks": True}, {"blocks": False})
    assert [states.severity(check) for check in checks] == ["blocks", "blocks", "warns"]


def test_no_other_file_of_the_room_has_colours_of_states() -> None:
    names = "|".join(map(re.escape, filter(None, states.LOOKS)))
    styled = re.compile(rf'"(?:{names})": "(?:bold |dim|red|green|yellow|cyan|magenta)')
    others = [path for path in OUTPUT.glob("*.py") if path.name != "states.py"]
    assert [path.name for path in others if styled.search(path.read_text())] == []
