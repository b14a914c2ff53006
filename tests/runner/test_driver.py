"""The driver over real shells: what is refused before anything happens, what is left alone because of others, who waits for whom."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.errors import CommandLineError, SecretError, SiteError
from fairlead.model.plan import Check, Fact, Phase, Registered, Session, Status, Step, not_
from fairlead.remote import programs, transaction
from fairlead.runner import sessions
from tests.driver import Driver, row, states
from tests.machine import a_run, tree, waited


def makes(folder: Path, name: str = "made", **more):
    """A verb that makes a file of each host's own."""

    def verb(ask):
        path = str(folder / f"{ask.target.component}-{name}-{ask.target.host}")
        return [
            Step(
                **{
                    "name": name,
                    "unless": ("test", "-e", path),
                    "do": ("touch", path),
                    "undo": ("rm", "-f", path),
                }
                | more
            )
        ]

    return verb


def fails_on(host: str, seconds: float = 0):
    def verb(ask):
        bad = ask.target.host == host
        return [
            Step(
                name="work",
                do=(
                    "sh",
                    "-c",
                    "sleep $1; echo oh no; exit $2",
                    "_",
                    str(seconds),
                    "4" if bad else "0",
                ),
                undo=("true",),
            )
        ]

    return verb


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if "made" in path.name)


def leases(driver: Driver) -> dict[str, list[str]]:
    return {
        name: list(transaction.runs(machine.connect())[1])
        for name, machine in driver.machines.items()
        if name != "local" and not machine.dead
    }


NONE = {"n1": [], "n2": [], "n3": []}


# the happy way


def test_a_verb_changes_once_and_is_two_channels_per_host(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    first, second = driver.perform("up"), driver.perform("up")
    assert (states(first), first.code, first.changed) == (
        {"n1": "changed", "n2": "changed", "n3": "changed"},
        0,
        True,
    )
    assert (states(second), second.code, second.changed) == (
        {"n1": "ok", "n2": "ok", "n3": "ok"},
        0,
        False,
    )
    assert [line.channels for line in driver["n1"].lines] == [2, 2]
    assert leases(driver) == NONE


def test_facts_reach_the_verb(driver: Driver) -> None:
    found = {}
    driver.system(
        server={
            "facts": lambda ask: [
                Fact("answer", ("echo", ask.verb), lambda code, said: said.strip())
            ],
            "status": lambda ask: (
                found.update(ask.facts)
                or Status(ask.target.host != "n2", (("answer", ask.facts["answer"]),))
            ),
        }
    )
    result = driver.perform("status")
    assert (states(result), result.code, row(result, "n1").fields) == (
        {"n1": "ok", "n2": "failed", "n3": "ok"},
        1,
        {"answer": "status"},
    )
    assert found["host"].uid == 0 or found["host"].user
    assert not driver["n1"].state.exists()


def test_only_the_hosts_that_were_named(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    assert states(driver.perform("up", hosts=("n[2-3]",))) == {"n2": "changed", "n3": "changed"}
    assert driver["n1"].asked == []


def test_drift_can_be_an_error(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    assert [
        driver.perform("up", dry_run=True, fail_on_changed=True).code,
        driver.perform("up").code,
        driver.perform("up", fail_on_changed=True).code,
    ] == [9, 0, 0]


def test_observers_hear_of_everything_in_order(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)}, hosts="n1")
    driver.perform("up")
    assert driver.watcher.told[0][:3] == ("began", "up", "test")
    assert driver.watcher.kinds("n1") == ["connected", "asked", "begin", "step", "ended"]


# dry-run and explain


def test_a_dry_run_changes_nothing_and_shows_every_command(driver: Driver) -> None:
    driver.system(
        server={
            "up": lambda ask: [
                Phase("one", (Step(name="token", do=("echo", "s3cret"), register="token"),)),
                Phase(
                    "two",
                    (
                        Step(
                            name="join",
                            do=("join", Registered("n1", "token", secret=True)),
                            unless=("false",),
                        ),
                    ),
                ),
            ]
        }
    )
    before = {name: tree(machine.folder) for name, machine in driver.machines.items()}
    result = driver.perform("up", dry_run=True)
    assert [
        (step.name, step.state, step.commands, step.phase) for step in row(result, "n1").steps
    ] == [
        ("token", "would-change", (("echo", "s3cret"),), "one"),
        ("join", "would-change", (("join", "<n1:token>"),), "two"),
    ]
    assert states(result) == dict.fromkeys(("n1", "n2", "n3"), "would-change")
    assert {name: tree(machine.folder) for name, machine in driver.machines.items()} == before


def test_explain_prints_what_a_person_would_type(driver: Driver) -> None:
    step = Step(
        name="make it",
        unless=not_(("test", "-e", "/a b")),
        do=("sh", "-c", "echo 'x'"),
        until=("true",),
        run_as="daos",
    )
    driver.system(server={"up": lambda ask: [step]}, hosts="n1")
    result = driver.perform("up", explain=True)
    assert row(result, "n1").explain == "\n".join(
        [
            "# make it  (as daos)",
            "#   unless: ! test -e '/a b'",
            """sh -c 'echo '"'"'x'"'"''""",
            "#   until: true",
        ]
    )
    assert not driver["n1"].state.exists()


# refused before anything


def test_an_unreachable_host_stops_a_change_before_any(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].dead = True
    result = driver.perform("up")
    assert (states(result), result.code) == (
        {"n1": "skipped", "n2": "unreachable", "n3": "skipped"},
        5,
    )
    assert row(result, "n1").error == "n1: nothing was changed here, because of the other hosts"
    assert (made(driver.folder), leases(driver)) == ([], {"n1": [], "n3": []})


def test_an_unreachable_host_can_be_left_out(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].dead = True
    result = driver.perform("up", skip_unreachable=True)
    assert (states(result), result.code) == ({"n1": "changed", "n2": "skipped", "n3": "changed"}, 0)


def test_an_unreachable_host_does_not_stop_those_who_only_look(driver: Driver) -> None:
    driver.system(server={"status": lambda ask: Status(True, ())})
    driver["n2"].dead = True
    result = driver.perform("status")
    assert (states(result), result.code) == ({"n1": "ok", "n2": "unreachable", "n3": "ok"}, 5)


def test_an_error_of_a_hook_on_one_host_stops_all(driver: Driver) -> None:
    def up(ask):
        if ask.target.host == "n2":
            raise SecretError("n2", "no password for the archive", "inv secrets.set")
        return makes(driver.folder)(ask)

    driver.system(server={"up": up})
    result = driver.perform("up")
    assert (states(result), result.code, row(result, "n2").error) == (
        {"n1": "skipped", "n2": "failed", "n3": "skipped"},
        7,
        "n2: no password for the archive; inv secrets.set",
    )
    assert (made(driver.folder), leases(driver)) == ([], NONE)


def test_an_error_of_facts_stops_all(driver: Driver) -> None:
    def facts(ask):
        raise SiteError("test.yml", "no flavor", "say which")

    driver.system(server={"facts": facts, "up": makes(driver.folder)})
    result = driver.perform("up")
    assert (set(states(result).values()), result.code, made(driver.folder)) == ({"failed"}, 3, [])


def check(ok: bool, blocks: bool = True, fix=()) -> Check:
    return Check(
        name="port",
        ok=ok,
        wanted="free",
        found="taken by sshd",
        remedy="move it",
        blocks=blocks,
        fix=fix,
    )


def test_preflight_blocks_before_anything(driver: Driver) -> None:
    driver.system(
        server={
            "preflight": lambda ask: [check(ask.target.host != "n2")],
            "up": makes(driver.folder),
        }
    )
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "failed", "n3": "skipped"}, 4)
    assert row(result, "n2").error == ("n2: port: taken by sshd; see inv toy.preflight --host=n2")
    assert row(result, "n3").error == "n3: nothing was changed here: preflight blocks other hosts"
    assert (made(driver.folder), leases(driver)) == ([], NONE)


def test_preflight_can_be_skipped_and_warnings_block_nobody(driver: Driver) -> None:
    driver.system(server={"preflight": lambda ask: [check(False)], "up": makes(driver.folder)})
    driver.system(
        "mild",
        server={
            "preflight": lambda ask: [check(False, blocks=False)],
            "up": makes(driver.folder, "made too"),
        },
    )
    assert driver.perform("up", skip_preflight=True).code == 0
    assert driver.perform("up", "mild").code == 0


def test_preflight_tells_and_mends(driver: Driver) -> None:
    path = driver.folder / "mended"
    fix = (Step(name="mend", do=("touch", str(path))),)
    driver.system(
        server={
            "facts": lambda ask: [
                Fact("there", ("test", "-e", str(path)), lambda code, said: code == 0)
            ],
            "preflight": lambda ask: [check(ask.facts["there"], fix=fix)],
        },
        hosts="n1",
    )
    told, mended = driver.perform("preflight"), driver.perform("preflight", fix=("safe",))
    assert (told.code, row(told, "n1").checks[0]["fixable"], row(told, "n1").checks[0]["ok"]) == (
        4,
        True,
        False,
    )
    assert (mended.code, states(mended), row(mended, "n1").checks[0]["ok"]) == (
        0,
        {"n1": "changed"},
        True,
    )
    assert leases(driver) == NONE


def test_a_fix_that_has_a_name_is_done_only_by_it(driver: Driver) -> None:
    def named(word: str) -> Check:
        fix = (Step(name=f"mend {word}", do=("touch", str(driver.folder / word))),)
        return Check(
            name=word,
            ok=False,
            wanted="off",
            found="on",
            remedy="turn it off",
            blocks=False,
            fix=fix,
            fix_name="" if word == "bulb" else word,
        )

    driver.system(server={"preflight": lambda ask: [named("bulb"), named("lamp")]}, hosts="n1")

    def mended(*words: str) -> list[str]:
        return [step.name for step in row(driver.perform("preflight", fix=words), "n1").steps]

    assert [mended("safe"), mended("lamp"), mended("safe", "lamp")] == [
        ["mend bulb"],
        ["mend lamp"],
        ["mend bulb", "mend lamp"],
    ]
    assert driver.perform("preflight", fix=("lmap",)).notes == (
        "--fix=lmap: toy has lamp, safe to fix",
    )


# several parts


def several(driver: Driver, **verbs) -> None:
    log = driver.folder / "log"

    def says(word: str, seconds: float):
        def verb(ask):
            text = f"{word} {ask.target.component} {ask.target.host}"
            return [
                Step(
                    name=word,
                    do=(
                        "sh",
                        "-c",
                        'sleep "$3"; echo "$1" >>"$2"',
                        "_",
                        text,
                        str(log),
                        str(seconds if ask.target.host == "n1" else 0),
                    ),
                )
            ]

        return verb

    one = {"up": says("up", 0.3), "down": says("down", 0.3)}
    driver.system("alpha", server=one, client=one)
    driver.system("beta", only=one)


def order(driver: Driver) -> list[str]:
    lines = [line.split() for line in (driver.folder / "log").read_text().splitlines()]
    return (
        list(dict.fromkeys(component for _, component, _ in lines))
        if len(lines) == 9
        else [str(lines)]
    )


def test_parts_are_barriers_in_the_order_of_the_site(driver: Driver) -> None:
    several(driver)
    assert (driver.perform("up", "").code, order(driver)) == (0, ["server", "client", "only"])


def test_down_goes_the_other_way_and_asks(driver: Driver) -> None:
    several(driver)
    assert (driver.perform("down", "").code, order(driver)) == (0, ["only", "client", "server"])
    assert driver.asked == ["Take beta, alpha.client, alpha.server down on 3 hosts: n[1-3]?"]
    driver.confirms = False
    with pytest.raises(CommandLineError, match="nothing was done: the answer was no"):
        driver.perform("down", "")


def test_what_destroys_data_is_asked_for_in_its_own_words(driver: Driver) -> None:
    def wipe(ask: Any) -> Any:
        return makes(driver.folder)(ask)

    wipe.destroys = "all below {depth} m"
    driver.system(server={"wipe": wipe}, hosts="n1")
    driver.confirms = False
    assert (
        driver.perform("wipe", component="server", options={"depth": "3"}, dry_run=True).code == 0
    )
    with pytest.raises(CommandLineError, match="nothing was done: the answer was no"):
        driver.perform("wipe", component="server", options={"depth": "3"})
    assert (driver.asked, made(driver.folder)) == (["Destroy all below 3 m on n1?"], [])


def test_a_part_that_failed_ends_the_chain(driver: Driver) -> None:
    driver.system("alpha", server={"up": fails_on("n1")})
    driver.system("beta", only={"up": makes(driver.folder)})
    result = driver.perform("up", "")
    assert (result.code, {one.component for one in result.hosts}, made(driver.folder)) == (
        1,
        {"server"},
        [],
    )


def test_a_host_that_is_offline_is_shown_as_skipped(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver.offline = "n2"
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "changed", "n3": "changed", "n2": "skipped"}, 0)
    assert row(result, "n2").error.startswith("n2: is marked offline in ")


# failures


def test_a_failure_on_one_host_leaves_the_others_as_they_were_asked_to_be(driver: Driver) -> None:
    driver.system(server={"up": fails_on("n2")})
    result = driver.perform("up")
    assert (states(result), result.code) == (
        {"n1": "changed", "n2": "rolled-back", "n3": "changed"},
        1,
    )
    assert row(result, "n2").error == "n2: work: oh no; what was begun is undone"
    assert leases(driver) == NONE


def test_a_gate_that_fails_says_that_the_old_one_is_back(driver: Driver) -> None:
    steps = [
        Step(name="start", do=("true",), undo=("true",)),
        Step(name="healthy", until=("false",), timeout=0.2, every=0.05, gate=True),
    ]
    driver.system(server={"upgrade": lambda ask: steps}, hosts="n1")
    result = driver.perform("upgrade")
    assert (states(result), result.code) == ({"n1": "rolled-back"}, 8)
    assert (
        row(result, "n1").error
        == "n1: healthy: it did not become so within 0.2 s; the old one is back"
    )


def test_a_phase_that_failed_somewhere_is_the_last(driver: Driver) -> None:
    def up(ask):
        return [
            Phase("first", tuple(fails_on("n3")(ask))),
            Phase("second", tuple(makes(driver.folder)(ask))),
        ]

    driver.system(server={"up": up})
    result = driver.perform("up")
    assert (states(result), made(driver.folder)) == (
        {"n1": "changed", "n2": "changed", "n3": "rolled-back"},
        [],
    )
    assert leases(driver) == NONE


def test_a_step_that_took_too_long_is_told_from_one_that_was_killed(driver: Driver) -> None:
    driver.system(
        server={"up": lambda ask: [Step(name="slow", do=("sleep", "9"), timeout=0.2)]}, hosts="n1"
    )
    driver.system(
        "dead",
        server={"up": lambda ask: [Step(name="killed", do=("sh", "-c", "kill -9 $$"))]},
        hosts="n1",
    )
    assert row(driver.perform("up"), "n1").error.startswith("n1: slow: was ended after 0.2 s")
    assert row(driver.perform("up", "dead"), "n1").error.startswith("n1: killed: Killed")


# leases


def test_all_leases_or_none(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].ask(lease=a_run(who="bob@home", what="inv toy.down"))
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "locked", "n3": "skipped"}, 6)
    assert row(result, "n2").error.startswith("n2: bob@home works on toy here since ")
    assert (made(driver.folder), leases(driver)) == ([], {"n1": [], "n2": ["toy"], "n3": []})


def test_what_stands_apart_on_one_host_does_not_wait_for_each_other(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)}, runs_on="local", apart="hosts")
    driver["local"].ask(lease=a_run(system="toy.n-4-5"))
    assert set(states(driver.perform("up")).values()) == {"changed"}
    driver["local"].ask(lease=a_run(system="toy.n-1-3", who="bob@home"))
    assert row(driver.perform("up"), "n1").error.startswith(
        "local: bob@home works on toy.n-1-3 here since "
    )


def test_whoever_waits_goes_on_when_the_lease_is_free(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    bob = a_run(who="bob@home")
    driver["n2"].ask(lease=bob)
    threading.Timer(
        0.5,
        lambda: transaction.tell(driver["n2"].connect(), programs.release_program, "toy", bob.name),
    ).start()
    result = driver.perform("up", wait=20)
    assert set(states(result).values()) == {"changed"}
    assert [
        (one.host, one.text) for one in driver.watcher.told if getattr(one, "kind", "") == "waiting"
    ][0] == ("n2", "bob@home")


def test_two_who_want_the_same_hosts_both_come_through(driver: Driver) -> None:
    driver.system(server={"up": lambda ask: [Step(name="work", do=("sleep", "0.2"))]})
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(driver.perform("up", wait=40)), daemon=True)
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(50)
    assert [result.code for result in results] == [0, 0]


def test_looking_is_never_refused(driver: Driver) -> None:
    driver.system(server={"status": lambda ask: Status(True, ()), "up": makes(driver.folder)})
    driver["n2"].ask(lease=a_run())
    assert (driver.perform("status").code, driver.perform("up", dry_run=True).code) == (0, 0)


def test_an_ask_knows_the_facts_of_every_host_around(driver: Driver) -> None:
    told: dict[str, dict[str, str]] = {}

    def status(ask: Any) -> Status:
        told[ask.target.host] = {host: facts["name"] for host, facts in ask.around.items()}
        return Status(True, ())

    driver.system(
        server={
            "status": status,
            "facts": lambda ask: [
                Fact("name", ("echo", ask.target.host), lambda code, text: text.strip())
            ],
        }
    )
    driver.perform("status", hosts=("n[1-2]",))
    assert told == {"n1": {"n1": "n1", "n2": "n2"}, "n2": {"n1": "n1", "n2": "n2"}}


def test_a_host_with_nothing_to_run_is_passed_over(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_stdin", lambda: None)
    driver.system(
        server={
            "exec": lambda ask: (
                Session(("sh", "-c", "echo here; exit 3")) if ask.target.host == "n2" else None
            )
        }
    )
    result = driver.perform("exec")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "failed", "n3": "skipped"}, 3)
    assert driver.watcher.printed == {"n2": b"here\n"}


# runs that nobody saw end


def test_a_run_that_ended_unseen_is_told_of_once(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)}, hosts="n1")
    name = driver["n1"].do(Step(name="a", do=("true",))).name
    (driver["n1"].state / "runs" / name / "seen").unlink()
    notes = [driver.perform("up").notes for _ in range(2)]
    assert notes == [
        (f"n1: run {name} of ann@desk (inv toy.up) lost its operator and finished by itself",),
        (),
    ]


def test_a_run_that_was_left_open_comes_first(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder), "status": lambda ask: Status(True, ())})
    name = driver["n2"].do(Step(name="a", do=("true",))).name
    (driver["n2"].state / "runs" / name / "state").unlink()
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "locked", "n3": "skipped"}, 6)
    assert row(result, "n2").error == (
        f"n2: run {name} of ann@desk (inv toy.up) was left in the middle (power cut, or its worker was killed);"
        " bring it to one side: inv runs.recover --host=n2"
    )
    assert (made(driver.folder), leases(driver)) == ([], NONE)
    looked = driver.perform("status")
    assert (looked.code, len(looked.notes), "was left in the middle" in looked.notes[0]) == (
        0,
        1,
        True,
    )


def test_a_host_that_is_lost_meanwhile_is_unreachable_and_finishes(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.machine import Cut

    monkeypatch.setattr(transaction, "PAUSE", 0.05)
    monkeypatch.setattr(transaction, "PATIENCE", 0.2)
    path = driver.folder / "made"
    driver.system(
        server={
            "up": lambda ask: [
                Step(name="slow", do=("sh", "-c", 'sleep 0.6; touch "$1"', "_", str(path)))
            ]
        },
        hosts="n1",
    )
    driver["n1"].cut = Cut(b" begin 1 .", stays=True)
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "unreachable"}, 5)
    assert "it ends by itself: inv runs.follow --host=n1" in row(result, "n1").error
    waited(path.exists)
    time.sleep(0.1)
    driver["n1"].dead = False
    assert [one.state for one in driver["n1"].ask().runs] == ["changed"]
