"""The swarm as data: who makes it, who joins, who is refused, and what each is told."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Noun, Registered, Target
from fairlead.operations.swarm import cluster

ALONE = {
    "LocalNodeState": "inactive",
    "ControlAvailable": False,
    "NodeID": "",
    "RemoteManagers": None,
    "address": "10.0.0.1",
    "curl": "/usr/bin/curl",
}


def member(node: str, manager: str = "m", **more: Any) -> dict[str, Any]:
    managers = [{"NodeID": manager, "Addr": "10.0.0.1:2377"}]
    return (
        ALONE
        | {
            "LocalNodeState": "active",
            "NodeID": node,
            "RemoteManagers": managers,
            "ControlAvailable": node == manager,
        }
        | more
    )


def ask_on(
    host: str, around: Mapping[str, Any], peers: tuple[str, ...] = ("n1", "n2", "n3")
) -> Ask:
    facts = {name: {"swarm": swarm} for name, swarm in around.items()}
    target = Target(
        site="x", host=host, system="s", component="c", section=None, peers=peers, everywhere=peers
    )
    return Ask("up", target, facts[host], Noun(), around=facts)


def planned(host: str, around: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    return [
        (phase.name, [step.name for step in phase.steps])
        for phase in cluster.phases(ask_on(host, around), "n1")
    ]


NOTHING = dict.fromkeys(("n1", "n2", "n3"), ALONE)
WHOLE = {"n1": member("m"), "n2": member("b"), "n3": member("c")}


def test_from_nothing_the_manager_makes_it_and_the_others_join_behind_a_barrier() -> None:
    assert planned("n1", NOTHING) == [("swarm", ["swarm", "node", "join token"]), ("join", [])]
    assert planned("n2", NOTHING) == [("join", ["in the swarm of n1", "node"])]


def test_where_it_is_nothing_is_done_and_no_token_is_asked_for() -> None:
    assert [planned(host, WHOLE) for host in WHOLE] == [[("join", [])]] * 3


def test_one_that_is_missing_joins() -> None:
    around = WHOLE | {"n3": ALONE}
    assert planned("n1", around) == [("swarm", ["node", "join token"]), ("join", [])]
    assert [planned(host, around)[-1][1] for host in ("n2", "n3")] == [
        [],
        ["in the swarm of n1", "node"],
    ]


def test_the_token_is_kept_from_every_command_line() -> None:
    (first, _), ((_, steps),) = (
        ((phase, phase.steps) for phase in cluster.phases(ask_on("n1", NOTHING), "n1")),
        ((phase, phase.steps) for phase in cluster.phases(ask_on("n2", NOTHING), "n1")),
    )
    token, join = first[1][2], steps[0]
    assert (token.do, token.sensitive, token.register) == (
        ("docker", "swarm", "join-token", "-q", "worker"),
        True,
        "join token",
    )
    assert (join.stdin, join.sensitive) == (Registered("n1", "join token", secret=True), True)
    assert not any(isinstance(word, Registered) and word.secret for word in (*join.do, *join.undo))


def test_a_node_is_known_or_named_by_what_will_be_kept() -> None:
    assert [cluster.node(ask_on("n1", WHOLE | {"n3": ALONE}), host) for host in ("n2", "n3")] == [
        "b",
        Registered("n3", "swarm node"),
    ]


@pytest.mark.parametrize(
    ("host", "around", "words"),
    [
        (
            "n2",
            WHOLE | {"n2": member("b", "x")},
            "n2: swarm: worker of 10.0.0.1:2377: another swarm; "
            "wanted: in the swarm of n1, or in none yet",
        ),
        (
            "n2",
            NOTHING | {"n2": member("x", "x")},
            "n2: swarm: manager: another swarm; wanted: in the swarm of n1, or in none yet",
        ),
        (
            "n1",
            NOTHING | {"n1": member("a", "x")},
            "n1: swarm: worker of 10.0.0.1:2377; wanted: a manager, or in no swarm yet",
        ),
        (
            "n1",
            NOTHING | {"n1": ALONE | {"LocalNodeState": "locked"}},
            "n1: swarm: locked; wanted: a manager, or in no swarm yet",
        ),
        (
            "n3",
            NOTHING | {"n3": {}},
            "n3: swarm: the engine does not say; wanted: in the swarm of n1, or in none yet",
        ),
    ],
)
def test_what_is_refused_before_anything_is_touched(
    host: str, around: Mapping[str, Any], words: str
) -> None:
    with pytest.raises(FairleadError) as refused:
        tuple(cluster.phases(ask_on(host, around), "n1"))
    assert str(refused.value).startswith(words)


def test_without_the_manager_there_is_no_swarm() -> None:
    with pytest.raises(
        FairleadError,
        match="n2: the swarm is led by n1, which is not among the hosts of this command; add n1 to",
    ):
        tuple(cluster.phases(ask_on("n2", {"n2": member("b")}, ("n2",)), "n1"))
    assert cluster.check(
        ask_on("n2", {"n2": member("b")}, ("n2",)), "n1"
    ).ok  # who manages it cannot be seen from here


def test_a_manager_is_found_where_the_site_names_none() -> None:
    assert cluster.manager(ask_on("n2", WHOLE)) == "n1"
    with pytest.raises(
        FairleadError, match="n2: none of the hosts manages a swarm; the site may ask for one"
    ):
        cluster.manager(ask_on("n2", NOTHING))


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (
            0,
            '{"LocalNodeState":"inactive"}\n10.0.0.7\n/usr/bin/curl\n',
            {"LocalNodeState": "inactive", "address": "10.0.0.7", "curl": "/usr/bin/curl"},
        ),
        (
            1,
            '{"LocalNodeState":"inactive"}\n10.0.0.7\n',
            {"LocalNodeState": "inactive", "address": "10.0.0.7", "curl": ""},
        ),
        (2, "Cannot connect to the Docker daemon", {}),
        (127, "", {}),
    ],
)
def test_what_a_host_says_of_itself(code: int, text: str, expected: Mapping[str, Any]) -> None:
    assert cluster.swarm_info(code, text) == expected


def test_a_join_needs_curl_where_there_is_one_to_come() -> None:
    assert [
        cluster.tools(ask_on("n1", {"n1": swarm})).ok
        for swarm in (ALONE, ALONE | {"curl": ""}, member("m", curl=""))
    ] == [True, False, True]


def test_down_never_leaves_a_swarm_and_leaving_asks_what_it_is() -> None:
    worker, last = (cluster.leave(ask_on(host, WHOLE)) for host in ("n2", "n1"))
    assert worker.do == ("docker", "swarm", "leave")
    assert last.do == cluster.sh("leave_last")
    assert json.dumps(worker.unless).count("inactive") == 1
