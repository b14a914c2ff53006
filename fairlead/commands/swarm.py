"""Hosts as one Docker Swarm: made, joined, asked, left on request.

Source: "Swarm mode" in Docker's documentation, and POST /swarm/join of the engine's API.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.errors import FairleadError
from fairlead.plan import Ask, Check, Fact, Kept, Phase, Step

PORTS = "2377/tcp, 7946/tcp, 7946/udp and 4789/udp"
ME = """docker info --format \
'{{.Swarm.NodeID}} {{range .Swarm.RemoteManagers}}{{if eq .NodeID $.Swarm.NodeID}}{{.Addr}}{{end}}{{end}}'"""
# The address by which the others know this host: that of the connection, else of the way out, else the first there is.
ADDRESS = """docker info --format '{{json .Swarm}}' || exit 2
set -- $SSH_CONNECTION
[ -z "$3" ] || { echo "$3"; exit 0; }
out=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \\([0-9.]*\\).*/\\1/p')
[ -z "$out" ] || { echo "$out"; exit 0; }
ip -o -4 addr show scope global 2>/dev/null | awk '{sub("/.*", "", $4); print $4; exit}'"""
# ADDRESS: what `swarm init` prints holds the join token.
INIT = 'exec docker swarm init --advertise-addr "$1" >/dev/null'
UNINIT = """[ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = active ] || exit 0
[ "$(docker node ls -q | wc -l)" = 1 ] || { echo "others have joined meanwhile: it stays" >&2; exit 1; }
docker swarm leave --force"""
# "ID ADDRESS" of the manager, its NAME: are we of its swarm? Prints our ID.
MEMBER = """managers=$(docker info --format '{{range .Swarm.RemoteManagers}}{{.NodeID}} {{end}}') || exit 2
case " $managers" in *" ${1%% *} "*) exec docker info --format '{{.Swarm.NodeID}}' ;; esac
at=$(docker info --format '{{range .Swarm.RemoteManagers}}{{.Addr}} {{end}}')
echo "it belongs to another swarm (of ${at% }), not to that of $2" >&2
exit 1"""
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
    (3, "curl is missing there: the join token is given to the engine by its API, for a command line can be read by everybody"),
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
    return Fact("swarm", ("sh", "-c", ADDRESS), known)


def known(code: int, text: str) -> Mapping[str, Any]:
    """The swarm of `docker info` (LocalNodeState, ControlAvailable, NodeID, RemoteManagers, Error), and `address`; {} where it says nothing."""
    first, _, rest = text.strip().partition("\n")
    try:
        return json.loads(first) | {"address": rest.strip()} if not code else {}
    except ValueError:
        return {}


def state(ask: Ask[Any]) -> str:
    """active, inactive, pending, locked, error; "" where the engine did not say."""
    return (ask.facts.get("swarm") or {}).get("LocalNodeState", "")


def managers(ask: Ask[Any]) -> str:
    """The addresses of the managers of the swarm that this host is in."""
    return ", ".join(one["Addr"] for one in (ask.facts.get("swarm") or {}).get("RemoteManagers") or ())


def described(ask: Ask[Any]) -> str:
    """What this host is in its swarm, in a few words."""
    found = ask.facts.get("swarm") or {}
    if state(ask) != "active":
        return f"{state(ask) or 'the engine does not say'}{': ' * bool(found.get('Error'))}{found.get('Error', '')}"
    return "manager" if found.get("ControlAvailable") else f"worker of {managers(ask)}"


def check(ask: Ask[Any], manager: str) -> Check:
    """Is this host in a swarm, or can it be?"""
    leads = ask.target.host == manager
    foreign = leads and state(ask) == "active" and not ask.facts["swarm"].get("ControlAvailable")
    return Check(
        name="swarm",
        ok=state(ask) in ("active", "inactive") and not foreign,
        wanted="a manager, or in no swarm yet" if leads else f"in the swarm of {manager}, or in none yet",
        found=described(ask),
        why="a stack runs in a swarm",
        remedy=NOT_OURS if foreign else "unlock it (docker swarm unlock), or look at the engine's log",
    )


# The swarm, made


def phases(ask: Ask[Any], manager: str) -> Iterator[Phase]:
    """This host's part in making one swarm of all hosts of the ask. Later phases may name its node: see `node`.

    Whoever is in a swarm says so before anything is made. Raises FairleadError for a state of this host that nothing can be made of.
    """
    refuse(ask, manager)
    if ask.target.host == manager:
        yield from _of_manager(ask)
    elif state(ask) == "active":
        words = ("sh", "-c", MEMBER, "member", Kept(manager, ID), manager)
        yield Phase("membership", (Step(name="of this swarm", do=words, reads=True, keep=ID, remedy=NOT_OURS),))
    else:
        yield Phase("join", (_join(manager), _me()))


def node(host: str) -> Kept:
    """The ID of a host's node, perhaps followed by its address."""
    return Kept(host, ID)


def refuse(ask: Ask[Any], manager: str) -> None:
    """Raises FairleadError where no swarm can be made with this host."""
    one = check(ask, manager)
    if not one.ok:
        raise FairleadError(ask.target.host, f"swarm: {one.found}; wanted: {one.wanted}", one.remedy)


def _of_manager(ask: Ask[Any]) -> Iterator[Phase]:
    if state(ask) == "active":
        yield Phase("swarm", (_me(), _token()))
        return
    address = ask.facts["swarm"]["address"]
    init = Step(name="swarm", do=("sh", "-c", INIT, "init", address), undo=("sh", "-c", UNINIT), timeout=60)
    yield Phase("swarm", (Step(name="no swarm yet", do=("echo", "none"), reads=True, keep=ID),))
    yield Phase("init", (init, _me(), _token()))


def _me() -> Step:
    return Step(name="node", do=("sh", "-c", ME), reads=True, keep=ID)


def _token() -> Step:
    return Step(name="join token", do=("docker", "swarm", "join-token", "-q", "worker"), reads=True, keep=TOKEN, sensitive=True)


def _join(manager: str) -> Step:
    return Step(
        name=f"in the swarm of {manager}",
        do=("sh", "-c", JOIN, "join", Kept(manager, ID)),
        undo=("sh", "-c", UNJOIN, "join", Kept(manager, ID)),
        stdin=Kept(manager, TOKEN, secret=True),
        sensitive=True,
        timeout=90,
        means=JOINED,
    )


def leave(ask: Ask[Any]) -> Step:
    """This host leaves its swarm, on request; a manager only as the last that is there."""
    last = ("sh", "-c", UNINIT) if (ask.facts.get("swarm") or {}).get("ControlAvailable") else ("docker", "swarm", "leave")
    gone = ("sh", "-c", '[ "$(docker info --format "{{.Swarm.LocalNodeState}}")" = inactive ]')
    return Step(name="no swarm", unless=gone, do=last, timeout=60)
