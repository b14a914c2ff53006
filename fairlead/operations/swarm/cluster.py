"""Hosts as one Docker Swarm: made, joined, asked, left on request.

Source: "Swarm mode" in Docker's documentation, and POST /swarm/join of the engine's API.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Check, Fact, Phase, Registered, Step, Word
from fairlead.operations import script

sh = script.beside(__file__)

PORTS = "2377/tcp, 7946/tcp, 7946/udp and 4789/udp"
INIT = 'exec docker swarm init --advertise-addr "$1" >/dev/null'  # it prints the join token
IS_OUT = '[ "$(docker info --format "{{.Swarm.LocalNodeState}}")" = inactive ]'
NOT_OURS = (
    "whoever that swarm belongs to takes it out (docker swarm leave), then again; "
    "fairlead never takes a host out of a swarm by itself"
)
BY_ITS_API = (
    "curl is missing there: the join token is given to the engine by its API, "
    "for a command line can be read by everybody"
)
JOIN_ERRORS = (
    (3, BY_ITS_API),
    (4, "the engine's API does not answer"),
    (5, f"the manager cannot be reached from here; between the hosts {PORTS} have to be open"),
    (6, "the engine refused to join; its own log says why"),
)
ID, TOKEN = "swarm node", "join token"


# What is known of a host


def fact() -> Fact:
    """`swarm`: the swarm that a host is in, as `swarm_info` reads it."""
    return Fact("swarm", sh("look"), swarm_info)


def swarm_info(code: int, text: str) -> Mapping[str, Any]:
    """The swarm of `docker info`, with `address` and `curl`; {} where it says nothing.

    Of the engine: LocalNodeState, ControlAvailable, NodeID, RemoteManagers, Error.
    """
    first, address, curl = (*text.strip().split("\n"), "", "")[:3]
    try:
        return json.loads(first) | {"address": address, "curl": curl}
    except ValueError:
        return {}


def described(swarm: Mapping[str, Any]) -> str:
    """What a host is in its swarm, in a few words."""
    word, error = swarm.get("LocalNodeState", ""), swarm.get("Error", "")
    if word != "active":
        return ": ".join(filter(None, (word or "the engine does not say", error)))
    if swarm.get("ControlAvailable"):
        return "manager"
    return f"worker of {', '.join(_managers(swarm).values())}"


def check(ask: Ask, manager: str) -> Check:
    """Is this host in the manager's swarm, or can it be?"""
    swarm, leads = _swarm(ask), ask.target.host == manager
    is_foreign = _is_in(swarm) and _is_other_swarm(ask, manager)
    another = ": another swarm" if is_foreign and not leads else ""
    membership = f"in the swarm of {manager}, or in none yet"
    return Check(
        name="swarm",
        ok=swarm.get("LocalNodeState") in ("active", "inactive") and not is_foreign,
        wanted="a manager, or in no swarm yet" if leads else membership,
        found=described(swarm) + another,
        why="a stack runs in a swarm",
        remedy=NOT_OURS
        if is_foreign
        else "unlock it (docker swarm unlock), or look at the engine's log",
    )


def _is_other_swarm(ask: Ask, manager: str) -> bool:
    """Is the swarm that this host is in another than the manager's, as far as that has answered?"""
    if ask.target.host == manager:
        return not _swarm(ask)["ControlAvailable"]
    return manager in ask.around and _node(ask, manager) not in _managers(_swarm(ask))


def tools(ask: Ask) -> Check:
    """Can the join token be given to the engine?"""
    curl = _swarm(ask).get("curl", "")
    why = (
        "the engine gets the join token by its API: "
        "of a command line every user of the host can read it"
    )
    return Check(
        name="curl",
        ok=bool(curl or _is_in(_swarm(ask))),
        wanted="curl, to join a swarm",
        found=curl or "none",
        why=why,
        remedy="install it",
    )


def _swarm(ask: Ask) -> Mapping[str, Any]:
    """What this host says of its swarm; {} where nothing is known."""
    return ask.facts.get("swarm") or {}


def _is_in(swarm: Mapping[str, Any]) -> bool:
    return swarm.get("LocalNodeState") == "active"


def _managers(swarm: Mapping[str, Any]) -> Mapping[str, str]:
    """Node -> address, of the managers of the swarm that a host is in."""
    managers = swarm.get("RemoteManagers") or ()
    return {manager["NodeID"]: manager["Addr"] for manager in managers}


def _around(ask: Ask, host: str) -> Mapping[str, Any]:
    return ask.around.get(host, {}).get("swarm") or {}


def _node(ask: Ask, host: str) -> str:
    """The ID of its node, "" where it is in no swarm."""
    return _around(ask, host).get("NodeID", "") if _is_in(_around(ask, host)) else ""


def manager(ask: Ask) -> str:
    """A host of this ask that manages a swarm already. Raises FairleadError where none does."""
    for host in ask.target.peers:
        if _around(ask, host).get("ControlAvailable"):
            return host
    raise FairleadError(
        ask.target.host,
        "none of the hosts manages a swarm",
        "the site may ask for one: swarm: {manager: ...}",
    )


# The swarm, made


def phases(ask: Ask, manager: str) -> Iterator[Phase]:
    """This host's part in making one swarm of all hosts of the ask; nothing where it is one.

    Raises FairleadError, before anything is touched, for a host that is in another swarm, and where
    the manager is none of the ask.
    """
    host = ask.target.host
    _refuse_others(ask, manager)
    answering = [peer for peer in ask.target.peers if peer in ask.around]  # --skip-unreachable
    joining = [peer for peer in answering if peer != manager and not _is_member(ask, peer)]
    if host == manager and (joining or not _is_member(ask, host)):
        init = () if _is_member(ask, host) else (_init(ask),)
        yield Phase("swarm", (*init, _me(), *((_token(),) if joining else ())))
    join = (_join(manager), _me()) if host in joining else ()
    yield Phase("join", join)  # empty: it holds the order of the phases


def _refuse_others(ask: Ask, manager: str) -> None:
    """Raises FairleadError for a host that cannot be in the manager's swarm."""
    host = ask.target.host
    if manager not in ask.target.peers:
        remedy = (
            f"name {manager} too: --host"
            if manager in ask.target.everywhere
            else f"add {manager} to the hosts of this component in the site"
        )
        raise FairleadError(
            host,
            f"the swarm is led by {manager}, which is not among the hosts of this command",
            remedy,
        )
    result = check(ask, manager)
    if not result.ok:
        raise FairleadError(host, f"swarm: {result.found}; wanted: {result.wanted}", result.remedy)


def _is_member(ask: Ask, host: str) -> bool:
    return _is_in(_around(ask, host))


def node(ask: Ask, host: str) -> Word:
    """The ID of a host's node, perhaps followed by its address.

    Of one that is only joining now it is a word as a later phase may name it.
    """
    return _node(ask, host) or Registered(host, ID)


def _init(ask: Ask) -> Step:
    return Step(
        name="swarm",
        do=("sh", "-c", INIT, "init", ask.facts["swarm"]["address"]),
        undo=sh("leave_last"),
        timeout=60,
    )


def _me() -> Step:
    return Step(name="node", do=sh("node"), read_only=True, register=ID)


def _token() -> Step:
    return Step(
        name="join token",
        do=("docker", "swarm", "join-token", "-q", "worker"),
        read_only=True,
        register=TOKEN,
        sensitive=True,
    )


def _join(manager: str) -> Step:
    return Step(
        name=f"in the swarm of {manager}",
        do=sh("join", Registered(manager, ID)),
        undo=sh("unjoin", Registered(manager, ID)),
        stdin=Registered(manager, TOKEN, secret=True),
        sensitive=True,
        timeout=90,
        exit_messages=JOIN_ERRORS,
    )


def leave(ask: Ask) -> Step:
    """This host leaves its swarm, on request; a manager only as the last that is there."""
    is_manager = _swarm(ask).get("ControlAvailable")
    return Step(
        name="no swarm",
        unless=("sh", "-c", IS_OUT),
        do=sh("leave_last") if is_manager else ("docker", "swarm", "leave"),
        timeout=60,
    )
