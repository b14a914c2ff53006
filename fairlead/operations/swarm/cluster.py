"""Hosts as one Docker Swarm: made, joined, asked, left on request.

Source: "Swarm mode" in Docker's documentation, and POST /swarm/join of the engine's API.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Check, Fact, Phase, Registered, Step, Word

PORTS = "2377/tcp, 7946/tcp, 7946/udp and 4789/udp"
ME = """docker info --format \
'{{.Swarm.NodeID}} {{range .Swarm.RemoteManagers}}{{if eq .NodeID $.Swarm.NodeID}}{{.Addr}}{{end}}{{end}}'"""
# The swarm, the address by which the others know this host (that of the connection, else of the way out, else the first there is), and curl.
LOOK = """docker info --format '{{json .Swarm}}' || exit 2
set -- $SSH_CONNECTION
at=${3:-$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p')}
echo "${at:-$(ip -o -4 addr show scope global 2>/dev/null | awk '{sub("/.*", "", $4); print $4; exit}')}"
command -v curl"""
# ADDRESS: what `swarm init` prints holds the join token.
INIT = 'exec docker swarm init --advertise-addr "$1" >/dev/null'
UNINIT = """[ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = active ] || exit 0
[ "$(docker node ls -q | wc -l)" = 1 ] || { echo "others have joined meanwhile: it stays" >&2; exit 1; }
docker swarm leave --force"""
NOT_OURS = "whoever that swarm belongs to takes it out (docker swarm leave), then again; fairlead never takes a host out of a swarm by itself"
# "ID ADDRESS" of the manager; the token on stdin. `docker swarm join` has it among its words, where every user of the host reads it: hence the API.
JOIN = """command -v curl >/dev/null || exit 3
socket=$(docker context inspect --format '{{.Endpoints.docker.Host}}') || exit 4
IFS= read -r token || [ -n "$token" ] || exit 4
code=$(printf '{"ListenAddr":"0.0.0.0:2377","RemoteAddrs":["%s"],"JoinToken":"%s"}' "${1#* }" "$token" |
  curl -s -m 60 -o /dev/null -w '%{http_code}' --unix-socket "${socket#unix://}" -H 'Content-Type: application/json' --data-binary @- \
    http://docker/swarm/join) || exit 4
case $code in 200) ;; 503) exit 5 ;; *) exit 6 ;; esac"""
JOINED = (
    (
        3,
        "curl is missing there: the join token is given to the engine by its API, for a command line can be read by everybody",
    ),
    (4, "the engine's API does not answer"),
    (5, f"the manager cannot be reached from here; between the hosts {PORTS} have to be open"),
    (6, "the engine refused to join; its own log says why"),
)
# "ID ADDRESS" of the manager: what JOIN began is taken back; a swarm of somebody else is never left.
UNJOIN = """case $(docker info --format '{{.Swarm.LocalNodeState}} {{range .Swarm.RemoteManagers}}{{.NodeID}} {{end}}') in
  inactive*) ;; pending* | error*) docker swarm leave --force ;; *" ${1%% *} "*) docker swarm leave ;; esac"""
ID, TOKEN = "swarm node", "join token"


# What is known of a host


def fact() -> Fact:
    return Fact("swarm", ("sh", "-c", LOOK), known)


def known(code: int, text: str) -> Mapping[str, Any]:
    """The swarm of `docker info` (LocalNodeState, ControlAvailable, NodeID, RemoteManagers, Error), `address`, `curl`; {} where it says nothing."""
    first, address, curl = (*text.strip().split("\n"), "", "")[:3]
    try:
        return json.loads(first) | {"address": address, "curl": curl}
    except ValueError:
        return {}


def described(found: Mapping[str, Any]) -> str:
    """What a host is in its swarm, in a few words."""
    word = found.get("LocalNodeState", "")
    if word != "active":
        return ": ".join(filter(None, (word or "the engine does not say", found.get("Error", ""))))
    return (
        "manager"
        if found.get("ControlAvailable")
        else f"worker of {', '.join(_managers(found).values())}"
    )


def check(ask: Ask[Any], manager: str) -> Check:
    """Is this host in the manager's swarm, or can it be?"""
    mine, leads = ask.facts.get("swarm") or {}, ask.target.host == manager
    foreign = _is_in(mine) and (
        not mine["ControlAvailable"]
        if leads
        else manager in ask.around and _node(ask, manager) not in _managers(mine)
    )
    wanted = (
        "a manager, or in no swarm yet" if leads else f"in the swarm of {manager}, or in none yet"
    )
    return Check(
        name="swarm",
        ok=mine.get("LocalNodeState") in ("active", "inactive") and not foreign,
        wanted=wanted,
        found=described(mine) + ("" if leads or not foreign else ": another swarm"),
        why="a stack runs in a swarm",
        remedy=NOT_OURS
        if foreign
        else "unlock it (docker swarm unlock), or look at the engine's log",
    )


def tools(ask: Ask[Any]) -> Check:
    """Can the join token be given to the engine?"""
    found = ask.facts.get("swarm") or {}
    curl = found.get("curl", "")
    why = "the engine gets the join token by its API: of a command line every user of the host can read it"
    return Check(
        name="curl",
        ok=bool(curl or _is_in(found)),
        wanted="curl, to join a swarm",
        found=curl or "none",
        why=why,
        remedy="install it",
    )


def _is_in(found: Mapping[str, Any]) -> bool:
    return found.get("LocalNodeState") == "active"


def _managers(found: Mapping[str, Any]) -> Mapping[str, str]:
    """Node -> address, of the managers of the swarm that a host is in."""
    return {one["NodeID"]: one["Addr"] for one in found.get("RemoteManagers") or ()}


def _around(ask: Ask[Any], host: str) -> Mapping[str, Any]:
    return ask.around.get(host, {}).get("swarm") or {}


def _node(ask: Ask[Any], host: str) -> str:
    """The ID of its node, "" where it is in no swarm."""
    return _around(ask, host).get("NodeID", "") if _is_in(_around(ask, host)) else ""


def manager(ask: Ask[Any]) -> str:
    """A host of this ask that manages a swarm already. Raises FairleadError where none does."""
    found = next(
        (host for host in ask.target.peers if _around(ask, host).get("ControlAvailable")), ""
    )
    if not found:
        raise FairleadError(
            ask.target.host,
            "none of the hosts manages a swarm",
            "the site may ask for one: swarm: {manager: ...}",
        )
    return found


# The swarm, made


def phases(ask: Ask[Any], manager: str) -> Iterator[Phase]:
    """This host's part in making one swarm of all hosts of the ask; nothing where it is one.

    Raises FairleadError, before anything is touched, for a host that is in another swarm, and where the manager is none of the ask.
    """
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
    one = check(ask, manager)
    if not one.ok:
        raise FairleadError(host, f"swarm: {one.found}; wanted: {one.wanted}", one.remedy)
    joining = [
        peer for peer in ask.target.peers if peer != manager and not _is_in(_around(ask, peer))
    ]
    if host == manager and not (_is_in(_around(ask, host)) and not joining):
        init = () if _is_in(_around(ask, host)) else (_init(ask),)
        yield Phase("swarm", (*init, _me(), *((_token(),) if joining else ())))
    yield Phase(
        "join", (_join(manager), _me()) if host in joining else ()
    )  # empty: it holds the order of the phases


def node(ask: Ask[Any], host: str) -> Word:
    """The ID of a host's node, perhaps followed by its address; of one that is only joining now, as a later phase may name it."""
    return _node(ask, host) or Registered(host, ID)


def _init(ask: Ask[Any]) -> Step:
    return Step(
        name="swarm",
        do=("sh", "-c", INIT, "init", ask.facts["swarm"]["address"]),
        undo=("sh", "-c", UNINIT),
        timeout=60,
    )


def _me() -> Step:
    return Step(name="node", do=("sh", "-c", ME), read_only=True, register=ID)


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
        do=("sh", "-c", JOIN, "join", Registered(manager, ID)),
        undo=("sh", "-c", UNJOIN, "join", Registered(manager, ID)),
        stdin=Registered(manager, TOKEN, secret=True),
        sensitive=True,
        timeout=90,
        exit_messages=JOINED,
    )


def leave(ask: Ask[Any]) -> Step:
    """This host leaves its swarm, on request; a manager only as the last that is there."""
    last = (
        ("sh", "-c", UNINIT)
        if (ask.facts.get("swarm") or {}).get("ControlAvailable")
        else ("docker", "swarm", "leave")
    )
    gone = ("sh", "-c", '[ "$(docker info --format "{{.Swarm.LocalNodeState}}")" = inactive ]')
    return Step(name="no swarm", unless=gone, do=last, timeout=60)
