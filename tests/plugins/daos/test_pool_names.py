"""The pools that TAB offers are those that dmg lists."""

from typing import Any

import pytest

from fairlead.cli.cli_tasks import VerbTask
from fairlead.cli.flags import NameUse
from fairlead.cli.invocation import VerbCall
from fairlead.contract.component import ComponentVerb
from fairlead.contract.loader import Plugins
from fairlead.model.plan import Session
from fairlead.testing import BASE, ask_for
from fairlead_plugins.daos import pool
from fairlead_plugins.daos.common.pool_names import KIND, labels
from tests.plugins.daos.test_daos import in_service
from tests.plugins.daos.test_system import SITE, TANK, answer, members, pools, state_of

DMG = """\
Pool     Size   State Used Imbalance Disabled
----     ----   ----- ---- --------- --------
tank     17 GB  Ready 1%   0%        0/8
scratch  1.0 TB Ready 40%  3%        0/8

"""


@pytest.mark.parametrize(
    ("table", "names"),
    [
        (DMG, ["tank", "scratch"]),
        ("Pool  State\ntank  Ready\n", ["tank"]),
        ("No pools in system\n", []),
        ("", []),
        ("WARNING: an old certificate\r\n" + DMG.replace("\n", "\r\n"), ["tank", "scratch"]),
    ],
)
def test_the_first_column_below_the_heads_of_the_table_is_pools(table: str, names: list[str]):
    assert list(labels(table)) == names


def asked(plugins: Plugins, component: str, verb: str, **facts: Any) -> Any:
    current = in_service(ask_for(plugins, "daos.admin", "up", section=SITE), "admin")
    facts = {**BASE, "in_service": current, **facts}
    return plugins.ask(ask_for(plugins, component, verb, section=SITE, facts=facts))


def test_a_list_of_pools_is_learned(plugins: Plugins):
    session = asked(plugins, "daos.pool", "list")
    assert isinstance(session, Session)
    assert (session.lists.kind, list(session.lists.read(DMG))) == (KIND, ["tank", "scratch"])


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (state_of(answer(members("joined")), answer(pools(TANK))), {KIND: ("tank",)}),
        (state_of(answer(members("joined")), answer(pools())), {KIND: ()}),
        (state_of(answer(members("joined")), answer(None, "no pools for you")), {}),
        (state_of(answer(None, "unable to contact"), code=1), {}),
    ],
)
def test_a_status_of_dmg_has_the_pools_where_it_knows_them(
    plugins: Plugins, state: Any, names: Any
):
    assert asked(plugins, "daos.admin", "status", system=state).names == names


@pytest.mark.parametrize(
    ("function", "is_end"), [(pool.create, False), (pool.query, False), (pool.destroy, True)]
)
def test_a_pool_that_is_named_is_learned_and_one_that_is_destroyed_is_gone(function, is_end):
    verb = ComponentVerb(function.__name__, function)
    task = VerbTask(f"daos.pool.{verb.name}", verb.name, "daos", "pool", lambda: (verb,))
    call = task.make_call({"name": "tank"}, ())
    assert isinstance(call, VerbCall)
    assert call.uses == (NameUse(KIND, "tank", is_end),)
