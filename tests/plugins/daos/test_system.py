"""What a system says of itself by dmg, and what is asked of it before and after it stands still."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Check
from fairlead.testing import BASE, ask_for, plan_of
from fairlead_plugins.daos.common import commands
from tests.machine import SHELLS
from tests.plugins.daos.test_daos import beside, facts_with, in_service

SITE: Mapping[str, Any] = {"server": {"hosts": "n1"}, "admin": {"hosts": "n1"}, "insecure": True}
UNINITIALIZED = "system query failed: system is uninitialized (storage format required?)"


def answer(response: Any, error: str | None = None) -> str:
    """As dmg's OutputJSON() writes it."""
    document = {"response": response, "error": error, "status": -1 if error else 0}
    return json.dumps(document, indent=2) + "\n"


def members(*states: str) -> Any:
    return {"members": [{"rank": rank, "state": state} for rank, state in enumerate(states)]}


def pools(*rows: tuple[str, int, str, str]) -> Any:
    return {
        "pools": [
            {
                "label": label,
                "uuid": "0-0",
                "state": state,
                "rebuild": {"state": rebuild, "status": 0},
                "tier_stats": [{"total": 1}],
                "pool_layout_ver": layout,
            }
            for label, layout, state, rebuild in rows
        ]
    }


def state_of(ranks: str, of_pools: str = "", code: int = 0) -> Any:
    from fairlead_plugins.daos.common.system_state import parse

    return parse(0, f"--- system {code}\n{ranks}--- pools {code}\n{of_pools or answer(pools())}")


TANK = ("tank", 3, "Ready", "idle")
# what the system answers, where servers are and where they go -> the check that fails, its words
FOUND: Mapping[str, tuple[Any, str, str, str, str]] = {
    "all well": ((members("joined", "joined"), pools(TANK)), "2.6.5", "2.8.0", "", ""),
    "an engine away on purpose": (
        (members("joined", "AdminExcluded"), pools()),
        "2.6.5",
        "2.8.0",
        "",
        "",
    ),
    "an engine in error": (
        (members("joined", "errored"), pools()),
        "2.6.5",
        "2.8.0",
        "ranks",
        "1 errored",
    ),
    "an engine excluded": (
        (members("excluded"), pools()),
        "2.6.5",
        "2.6.6",
        "ranks",
        "0 excluded",
    ),
    "a pool that is rebuilding": (
        (members("joined"), pools(("tank", 3, "Ready", "busy"))),
        "2.6.5",
        "2.8.0",
        "pools",
        "tank Ready",
    ),
    "a pool of the layout before": (
        (members("joined"), pools(TANK, ("old", 2, "Ready", "idle"))),
        "2.6.5",
        "2.8.0",
        "layouts of pools",
        "old has layout 2",
    ),
    "a pool whose layout nobody says": (
        (members("joined"), pools(("tank", 0, "Ready", "idle"))),
        "2.6.5",
        "2.8.0",
        "layouts of pools",
        "tank: not known",
    ),
    "an old layout within a release": (
        (members("joined"), pools(("old", 2, "Ready", "idle"))),
        "2.6.4",
        "2.6.5",
        "",
        "",
    ),
    "layouts before 2.6": (
        (members("joined"), pools(("tank", 0, "Ready", ""))),
        "2.4.0",
        "2.6.5",
        "",
        "",
    ),
}


def asked(
    plugins: Plugins, verb: str, state: Any, servers: Mapping[str, Any], version: str
) -> dict[str, Check]:
    ask = ask_for(
        plugins,
        "daos.admin",
        verb,
        section={**SITE, "version": f"{version}-1.el9"},
        facts={**BASE, "system": state},
    )
    ask = msgspec.structs.replace(ask, components={"server": {"n1": servers}})
    return {check.name: check for check in plugins.ask(ask)}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_not_well_is_told_before_anything_stops(plugins: Plugins, name: str) -> None:
    (ranks, of_pools), runs, version, fails, found = FOUND[name]
    state = state_of(answer(ranks), answer(of_pools))
    checks = asked(plugins, "upgradable", state, facts_with(f"{runs}-1.el9"), version)
    failing = [check for check in checks.values() if not check.ok]
    assert [check.name for check in failing] == ([fails] if fails else [])
    assert not fails or (found in failing[0].found and failing[0].blocks)


@pytest.mark.parametrize(("version", "blocks"), [("2.8.0", True), ("2.6.6", False)])
def test_a_system_that_does_not_answer_blocks_the_way_to_another_release_alone(
    plugins: Plugins, version: str, blocks: bool
) -> None:
    state = state_of(answer(None, "system is stopped"), code=1)
    checks = asked(plugins, "upgradable", state, facts_with("2.6.5-1.el9"), version)
    (check,) = checks.values()
    assert (check.ok, check.blocks, check.found) == (False, blocks, "no: system is stopped")


@pytest.mark.parametrize("text", ["", "no configuration file provided: not found\n"])
def test_where_dmg_cannot_be_run_its_last_words_are_told(plugins: Plugins, text: str) -> None:
    from fairlead_plugins.daos.common.system_state import parse

    state = parse(1, text)
    checks = asked(plugins, "upgradable", state, facts_with("2.6.5-1.el9"), "2.8.0")
    words = text.strip() or "dmg could not be run"
    assert checks["the system answers dmg"].found == f"no: {words}"


def test_storage_that_was_never_formatted_stands_in_nobody_s_way(plugins: Plugins) -> None:
    state = state_of(answer(None, UNINITIALIZED), code=1)
    checks = asked(plugins, "upgradable", state, facts_with("2.6.5-1.el9"), "2.8.0")
    assert [check.ok for check in checks.values()] == [True]


def test_pools_made_since_are_told_before_a_way_back(plugins: Plugins) -> None:
    made = pools(TANK, ("new", 4, "Ready", "idle"))
    state = state_of(answer(members("joined")), answer(made))
    servers = beside("2.8.0-1.el9", "2.6.5-1.el9")
    check = asked(plugins, "returnable", state, servers, "2.8.0")["pools made since"]
    assert (check.ok, check.blocks, check.found) == (False, True, "new has layout 4")
    assert check.wanted == "none that DAOS 2.6 cannot read (layout 3)"
    state = state_of(answer(members("joined")), answer(pools(TANK)))
    assert asked(plugins, "returnable", state, servers, "2.8.0")["pools made since"].ok
    patch = beside("2.8.1-1.el9", "2.8.0-1.el9")
    state = state_of(answer(members("joined")), answer(made))
    assert asked(plugins, "returnable", state, patch, "2.8.1")["pools made since"].ok


@pytest.mark.parametrize(
    ("state", "well", "words"),
    [
        (state_of(answer(members("joined", "joined"))), True, "2 joined"),
        (state_of(answer(members("joined", "errored"))), False, "1 errored, 1 joined"),
        (state_of(answer(None, UNINITIALIZED), code=1), True, "none: never formatted"),
        (state_of(answer(None, "unable to contact"), code=1), False, "not known"),
    ],
)
def test_the_status_of_dmg_has_the_ranks(
    plugins: Plugins, state: Any, well: bool, words: str
) -> None:
    current = in_service(ask_for(plugins, "daos.admin", "up", section=SITE), "admin")
    facts = {**BASE, "in_service": current, "system": state}
    status = plugins.ask(ask_for(plugins, "daos.admin", "status", section=SITE, facts=facts))
    assert (status.well, dict(status.fields)["ranks"]) == (well, words)


def test_a_server_without_a_version_before_says_so_before_all_stops(plugins: Plugins) -> None:
    for facts, ok in (
        (beside("2.8.0-1.el9", "2.6.5-1.el9"), True),
        (facts_with("2.8.0-1.el9"), False),
    ):
        ask = ask_for(plugins, "daos.server", "returnable", section=SITE, facts=facts)
        (check,) = plugins.ask(ask)
        assert (check.ok, check.blocks) == (ok, True)


# The programs that run inside the admin's image


@pytest.fixture(params=sorted(SHELLS))
def at(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    (tmp_path / "sh").symlink_to(SHELLS[request.param])
    shutil.copy(Path(__file__).parent / "shell/dmg.sh", tmp_path / "dmg")
    (tmp_path / "dmg").chmod(0o755)
    return tmp_path


def run(at: Path, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    argv = commands.in_bash(program, *words)
    environment = os.environ | {"PATH": f"{at}:{os.environ['PATH']}", "AT": str(at)}
    return subprocess.run(
        [str(at / "sh"), *argv[1:]],
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


@pytest.mark.parametrize(
    ("states", "code", "words"),
    [
        (("joined", "joined"), 0, ""),
        (("joined", "adminexcluded"), 0, ""),
        (("joined", "errored", "errored"), 1, "ranks are 2 errored\n"),
        (("starting", "errored"), 1, "ranks are 1 errored 1 starting\n"),
    ],
)
def test_ranks_that_have_not_joined_are_told(
    at: Path, states: tuple[str, ...], code: int, words: str
) -> None:
    (at / "system.json").write_text(answer(members(*states)))
    result = run(at, "ranks_are", "joined", "adminexcluded")
    assert (result.returncode, result.stderr) == (code, words)


def test_no_answer_is_not_joined_yet_unformatted_storage_has_no_ranks(at: Path) -> None:
    (at / "fails").touch()
    (at / "system.json").write_text(answer(None, "unable to contact the DAOS Management Service"))
    assert run(at, "ranks_are", "joined").returncode == 2
    (at / "system.json").write_text(answer(None, UNINITIALIZED))
    assert run(at, "ranks_are", "joined").returncode == 0


@pytest.mark.parametrize(
    ("words", "code", "is_answered"),
    [
        ("connected to system daos_server", 0, True),
        ("system is uninitialized (storage format required?)", 1, True),
        ("DER_AGENT_COMM(-1035)", 1, False),
    ],
)
def test_a_client_is_answered_or_told_why_not(
    at: Path, words: str, code: int, is_answered: bool
) -> None:
    (at / "daos").write_text(f"#!/bin/sh\necho '{words}'; exit {code}\n")
    (at / "daos").chmod(0o755)
    result = run(at, "system_answers")
    assert (result.returncode == 0) == is_answered
    assert result.stderr == ("" if is_answered else f"{words}\n")


def test_every_pool_is_evicted(at: Path) -> None:
    (at / "pools.json").write_text(answer(pools(TANK, ("new", 4, "Ready", "idle"))))
    assert run(at, "nobody_connects").returncode == 1
    assert run(at, "evict").returncode == 0
    assert (at / "evicted").read_text() == "tank\nnew\n"
    (at / "pools.json").write_text(answer(pools()))
    assert run(at, "nobody_connects").returncode == 0


def test_what_is_printed_of_a_system_is_read(at: Path) -> None:
    from fairlead_plugins.daos.common.system_state import parse

    (at / "system.json").write_text(answer(members("joined")))
    (at / "pools.json").write_text(answer(pools(TANK)))
    state = parse(0, run(at, "system_state").stdout)
    (pool,) = state.pools
    assert (state.ranks, pool.label, pool.layout, state.error) == ({0: "joined"}, "tank", 3, "")


def test_nothing_is_asked_where_dmg_is_not_in_service_and_on_the_first_host_alone(
    plugins: Plugins,
) -> None:
    current = in_service(ask_for(plugins, "daos.admin", "up", section=SITE), "admin")
    for verb, name in (("joined", "ranks joined"), ("evict", "connections end")):
        for service, names in ((None, []), (current, [name])):
            facts = {**BASE, "in_service": service}
            ask = ask_for(plugins, "daos.admin", verb, section=SITE, facts=facts)
            assert [step.name for step in plan_of(plugins, ask)] == names
        ask = ask_for(
            plugins, "daos.admin", verb, section=SITE, facts=facts, host="n2", peers=("n1", "n2")
        )
        assert plan_of(plugins, ask) == ()


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("separate-agent", ["the system answers"]),
        ("gathered", ["the system answers"]),
        ("bare-metal-agent", []),
    ],
)
def test_clients_ask_the_system_where_their_agent_is_ours(
    plugins: Plugins, mode: str, names: list[str]
) -> None:
    section = {**SITE, "client": {"hosts": "n1", "mode": mode}}
    current = in_service(ask_for(plugins, "daos.client", "up", section=section), "client")
    for service, steps in ((current, names), (None, [])):
        facts = {**BASE, "in_service": service}
        ask = ask_for(plugins, "daos.client", "answers", section=section, facts=facts)
        assert [step.name for step in plan_of(plugins, ask)] == steps


def test_no_program_of_an_upgrade_speaks_of_formatting(plugins: Plugins) -> None:
    for name in ("ranks_are", "system_answers", "evict", "nobody_connects", "no_rank_is"):
        assert "format" not in " ".join(commands.in_bash(name)).replace("--format", "")
