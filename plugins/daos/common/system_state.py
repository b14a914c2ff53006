"""What DAOS says of itself by dmg: ranks and pools, as `dmg --json` prints them.

Source: SystemQueryResp and ListPoolsResp in src/control/lib/control of DAOS; "pool_layout_ver" of a
pool is listed from 2.6 on.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import NOT_KNOWN, Argv, Ask, Fact, Noun, Status, docker, looks_ahead, script

from . import commands, containers, sessions, stack

VERBS = frozenset({"upgradable", "returnable", "status"})  # those that ask for it
WELL = frozenset({"joined", "adminexcluded"})  # states of ranks; the second is meant to be away
UNFORMATTED = re.compile(r"uninitialized|format required")

sh = script.beside(__file__)


class Pool(Noun, kw_only=True):
    """A pool; `layout`: the version of its layout, None where dmg does not say."""

    label: str
    state: str
    layout: int | None = None
    rebuild: str = ""


class SystemState(Noun, kw_only=True):
    """What a system says of itself.

    `error`: why it does not, "": it answered. `is_formatted`: it has ranks at all. `ranks`: each
    with its state, in lower case. `pools_error`: why it does not say which pools there are.
    """

    error: str = ""
    is_formatted: bool = True
    ranks: Mapping[int, str] = {}
    pools: tuple[Pool, ...] = ()
    pools_error: str = ""


def facts(ask: Ask[Any]) -> Iterator[Fact]:
    """`system`, asked on the first host with dmg."""
    is_wanted = ask.verb in VERBS or looks_ahead(ask)
    if is_wanted and ask.target.host == ask.target.peers[0]:
        yield Fact("system", argv(ask, *commands.in_bash("system_state")), parse, timeout=60)


def argv(ask: Ask[Any], *words: str) -> Argv:
    """The words where dmg is: in a session of its own, in what is kept up, in a task."""
    if stack.is_launched(ask, "admin"):
        return sh("in_task", "docker", "daos-admin", *words)
    if sessions.are_of(ask, "admin"):
        return sessions.run_once(ask, "admin", *words)
    return docker.inside(containers.container(ask, "admin"), *words)


def described(status: Status, ask: Ask[Any]) -> Status:
    """A status of dmg, and the ranks of the system as it says: that a control plane listens says
    nothing of its engines.
    """
    state: SystemState | None = ask.facts.get("system")
    if state is None:
        return status
    if not state.is_formatted:
        return Status(status.healthy, (*status.fields, ("ranks", "none: never formatted")))
    counts = Counter(state.ranks.values())
    words = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    is_well = bool(state.ranks) and set(counts) <= WELL
    field = ("ranks", NOT_KNOWN if state.error else words or "none")
    return Status(status.healthy and is_well, (*status.fields, field))


def parse(code: int, text: str) -> SystemState:
    """What system_state.sh prints, read."""
    parts = re.split(r"^--- (\w+) (\d+)\n", text, flags=re.MULTILINE)[1:]
    answers = {
        name: _answer(int(exit_code), body)
        for name, exit_code, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }
    if "system" not in answers:
        last = text.strip().splitlines()[-1:] or ["dmg could not be run"]
        return SystemState(error=last[0])
    (response, error), (pools, pools_error) = answers["system"], answers.get("pools", ({}, ""))
    if error:
        is_formatted = not UNFORMATTED.search(error)
        return SystemState(error=error if is_formatted else "", is_formatted=is_formatted)
    members = response.get("members") or ()
    return SystemState(
        ranks={int(member["rank"]): str(member["state"]).lower() for member in members},
        pools=tuple(map(_pool, pools.get("pools") or ())),
        pools_error=pools_error,
    )


def _answer(code: int, text: str) -> tuple[Mapping[str, Any], str]:
    """The response of a command, or its error in its own words."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}, (text.strip().splitlines()[-1:] or [f"dmg ended with {code}"])[0]
    error = document.get("error") or ("" if code == 0 else f"dmg ended with {code}")
    return document.get("response") or {}, error


def _pool(row: Mapping[str, Any]) -> Pool:
    rebuild = row.get("rebuild") or {}
    return Pool(
        label=row.get("label") or str(row.get("uuid", "")),
        state=str(row.get("state", "")),
        layout=row.get("pool_layout_ver") or None,
        rebuild=str(rebuild.get("state", "")).lower(),
    )
