"""The driver over real shells: a verb through all its parts, and what stops it."""

from typing import Any

import pytest

from fairlead.model.errors import CommandLineError, SecretError
from fairlead.model.plan import Ask, Fact, Phase, Registered, Step
from fairlead.runner import driver as run
from tests.driver import Driver, row, states
from tests.machine import tree
from tests.runner.toys import NO_LEASES, fails_on, leases_of, made_files, makes

pytestmark = pytest.mark.slow


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
    assert leases_of(driver) == NO_LEASES


def test_only_the_hosts_that_were_named(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    assert states(driver.perform("up", hosts=("n[2-3]",))) == {"n2": "changed", "n3": "changed"}
    assert driver["n1"].asked == []


def test_hosts_that_a_run_names_are_written_down_as_what_they_are(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    context = driver.context()
    site = context.site().with_runs(lambda group, run: ("n2",))
    context.site = lambda: site
    request = run.Request(verb="up", system="toy")
    assert states(run.perform(request, run.Common(hosts=("@failed",)), context)) == {
        "n2": "changed"
    }
    assert "inv toy.up --host=n2" in (driver["n2"].state / "journal").read_text()


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
    assert driver.watcher.events[0][:3] == ("began", "up", "test")
    assert driver.watcher.kinds("n1") == ["connected", "asked", "begin", "step", "ended"]


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
    assert (made_files(driver.folder), leases_of(driver)) == ([], NO_LEASES)


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

    component = {"up": says("up", 0.3), "down": says("down", 0.3)}
    driver.system("alpha", server=component, client=component)
    driver.system("beta", only=component)


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


def test_what_people_have_open_is_in_the_question(driver: Driver) -> None:
    """Of one host or several; nobody is asked where nothing is open, nor with --yes."""

    def in_use(ask: Ask) -> list[str]:
        return ["a session of ann"] if ask.target.host in ask.facts["open"] else []

    def verbs(*hosts: str) -> dict[str, Any]:
        fact = Fact("open", ("echo", *hosts), lambda code, text: text.split())
        return {
            "in_use": in_use,
            "facts": lambda ask: [fact],
            "down": lambda ask: (),
            "restart": lambda ask: (),
        }

    driver.system("toy", server=verbs("n2"))
    driver.system("idle", server=verbs())
    driver.perform("restart")
    driver.perform("restart", hosts=("n1",))
    driver.perform("restart", "idle")
    driver.perform("restart", yes=True)
    driver.perform("down")
    assert driver.questions == [
        "In use: n2: a session of ann. Go on with inv toy.restart?",
        "In use: n2: a session of ann. Take toy down on 3 hosts: n[1-3]?",
    ]
    driver.confirms = False
    with pytest.raises(CommandLineError, match="nothing was done"):
        driver.perform("restart")


def test_down_goes_the_other_way_and_asks(driver: Driver) -> None:
    several(driver)
    assert (driver.perform("down", "").code, order(driver)) == (0, ["only", "client", "server"])
    assert driver.questions == ["Take beta, alpha.client, alpha.server down on 3 hosts: n[1-3]?"]
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
    assert (driver.questions, made_files(driver.folder)) == (["Destroy all below 3 m on n1?"], [])


def test_what_destroys_only_with_a_flag_asks_only_with_it(driver: Driver) -> None:
    def wipe(ask: Any) -> Any:
        return makes(driver.folder)(ask)

    wipe.destroys, wipe.destroys_with = "all", "loud"
    driver.system(server={"wipe": wipe}, hosts="n1")
    driver.confirms = False
    assert driver.perform("wipe", component="server", options={"depth": "3"}).code == 0
    with pytest.raises(CommandLineError, match="nothing was done: the answer was no"):
        driver.perform("wipe", component="server", options={"depth": "3", "loud": True})
    assert driver.questions == ["Destroy all on n1?"]


def test_a_part_that_failed_ends_the_chain(driver: Driver) -> None:
    driver.system("alpha", server={"up": fails_on("n1")})
    driver.system("beta", only={"up": makes(driver.folder)})
    result = driver.perform("up", "")
    components = {row.component for row in result.hosts}
    assert (result.code, components, made_files(driver.folder)) == (1, {"server"}, [])


def test_a_host_that_is_offline_is_shown_as_skipped(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver.offline = "n2"
    result = driver.perform("up")
    assert (states(result), result.code) == ({"n1": "changed", "n3": "changed", "n2": "skipped"}, 0)
    assert row(result, "n2").error.startswith("n2: is marked offline in ")


def test_a_failure_on_one_host_leaves_the_others_as_they_were_asked_to_be(driver: Driver) -> None:
    driver.system(server={"up": fails_on("n2")})
    result = driver.perform("up")
    assert (states(result), result.code) == (
        {"n1": "changed", "n2": "rolled-back", "n3": "changed"},
        1,
    )
    assert row(result, "n2").error == "n2: work: oh no; what was begun is undone"
    assert leases_of(driver) == NO_LEASES


def test_a_phase_that_failed_somewhere_is_the_last(driver: Driver) -> None:
    def up(ask):
        return [
            Phase("first", tuple(fails_on("n3")(ask))),
            Phase("second", tuple(makes(driver.folder)(ask))),
        ]

    driver.system(server={"up": up})
    result = driver.perform("up")
    assert (states(result), made_files(driver.folder)) == (
        {"n1": "skipped", "n2": "skipped", "n3": "rolled-back"},
        [],
    )
    assert row(result, "n1").error == "n1: not brought up because of n3; work stays done"
    assert leases_of(driver) == NO_LEASES


def test_a_host_whose_syslog_does_not_hear_is_named_and_the_run_goes_on(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver.sections["syslog"] = True
    result = driver.perform("up", hosts=("n1",))
    socket = driver["n1"].folder / "log"
    assert (result.code, result.notes) == (
        0,
        (f"n1: its syslog has no line of it: there is no socket {socket}",),
    )
