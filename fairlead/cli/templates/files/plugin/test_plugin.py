"""SYSTEM, asked on hosts that do not exist."""

from pathlib import Path

import pytest

from fairlead.api import FairleadError
from fairlead.testing import HOSTS, ask_for, faults, plan_of, plugins_in

PLUGINS = plugins_in(Path(__file__).resolve().parents[1] / "plugins")
VERBS = PLUGINS.component("SYSTEM", "server").verbs
SECTION = {"hosts": "n1", "port": 8081}


def test_up_from_nothing():
    ask = ask_for(PLUGINS, "SYSTEM.server", "up", section=SECTION)
    steps = {step.name: step for step in plan_of(PLUGINS, ask)}
    assert list(steps) == ["image", "state", "container", "healthy"]
    assert steps["container"].do[-1] == "8081"


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_well_formed_on_every_host(verb, host):
    ask = ask_for(PLUGINS, "SYSTEM.server", verb, section=SECTION, facts=HOSTS[host])
    try:
        answer = PLUGINS.ask(ask)
    except FairleadError as error:  # one sentence: nothing to restart, no engine
        pytest.skip(str(error))
    assert list(faults(answer)) == []
