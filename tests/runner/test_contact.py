"""The first round trip: facts reach the verb, and who cannot be reached stops a change."""

from typing import Any

from fairlead.model.errors import SiteError
from fairlead.model.plan import NOT_KNOWN, Fact, Status, Step
from tests.driver import Driver, row, states
from tests.machine import Cut
from tests.runner.toys import leases_of, made_files, makes


def test_facts_reach_the_verb(driver: Driver) -> None:
    facts_of_last: dict[str, Any] = {}

    def facts(ask: Any) -> list[Fact]:
        return [Fact("answer", ("echo", ask.verb), lambda code, text: text.strip())]

    def status(ask: Any) -> Status:
        facts_of_last.update(ask.facts)
        assert ask.host == ask.facts["host"]
        return Status(ask.target.host != "n2", (("answer", ask.facts["answer"]),))

    driver.system(server={"facts": facts, "status": status})
    result = driver.perform("status")
    assert (states(result), result.code, row(result, "n1").fields) == (
        {"n1": "ok", "n2": "failed", "n3": "ok"},
        1,
        {"answer": "status"},
    )
    assert set(facts_of_last) == {"answer", "host"}
    assert facts_of_last["host"].uid == 0 or facts_of_last["host"].user
    assert (driver.programs("fl_ask_fact 0"), driver["n1"].state.exists()) == (
        {"n1": 1, "n2": 1, "n3": 1},
        False,
    )


def test_what_a_verb_reads_in_some_case_alone_is_asked_when_it_is_read(driver: Driver) -> None:
    def facts(ask: Any) -> list[Fact]:
        return [Fact("answer", ("echo", "yes"), lambda code, text: text.strip())]

    def status(ask: Any) -> Status:
        on_demand = ask.facts.get("answer") and (ask.selinux, ask.facts["engine"].name, ask.compose)
        return Status(True, (("on demand", on_demand), ("known", ask.selinux == "Disabled")))

    driver.system(hosts="n1", server={"facts": facts, "status": status})
    result = driver.perform("status")
    assert row(result, "n1").fields == {"on demand": ("Disabled", "docker", ""), "known": True}
    first, *more = driver["n1"].asked
    assert ("getenforce" in first, "info_of" in first, len(more)) == (True, False, 2)


def test_a_host_that_is_lost_when_more_is_asked_is_unreachable(driver: Driver) -> None:
    def status(ask: Any) -> Status:
        if ask.facts.get("answer"):
            driver["n1"].dead = True
            driver["n1"].cut = Cut()
        return Status(True, (("engine", ask.facts.get("answer") and ask.engine.name),))

    answer = Fact("answer", ("echo", "yes"), lambda code, text: text.strip())
    driver.system(hosts="n1", server={"facts": lambda ask: [answer], "status": status})
    result = driver.perform("status")
    assert (states(result), result.code) == ({"n1": "unreachable"}, 5)


def test_what_is_not_known_is_not_well(driver: Driver) -> None:
    """A healthy Status with a field that could not be asked, wherever it stands inside."""
    unknown: dict[str, Any] = {
        "n1": 3,
        "n2": NOT_KNOWN,
        "n3": [{"worker": "w1", "jobs": NOT_KNOWN}],
    }
    driver.system(
        server={"status": lambda ask: Status(True, (("nodes", unknown[ask.target.host]),))}
    )
    result = driver.perform("status")
    assert (states(result), result.code, row(result, "n2").fields) == (
        {"n1": "ok", "n2": "failed", "n3": "failed"},
        1,
        {"nodes": "not known"},
    )


def test_a_status_that_is_not_well_names_what_leads_on(driver: Driver) -> None:
    verbs = {"status": lambda ask: Status(ask.target.host == "n1", (("container", "none"),))}
    driver.system("bare", server=verbs)
    driver.system(server=verbs | {"up": lambda ask: []})
    assert [row(driver.perform("status"), host).error for host in ("n1", "n2")] == [
        "",
        "n2: not well; inv toy.up --host=n2 brings it there, or says what is in the way",
    ]
    assert row(driver.perform("status", "bare"), "n2").error == ""


def test_an_ask_knows_the_facts_of_every_host_around(driver: Driver) -> None:
    names: dict[str, dict[str, str]] = {}

    def status(ask: Any) -> Status:
        names[ask.target.host] = {host: facts["name"] for host, facts in ask.around.items()}
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
    assert names == {"n1": {"n1": "n1", "n2": "n2"}, "n2": {"n1": "n1", "n2": "n2"}}


def test_an_unreachable_host_stops_a_change_before_any(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].dead = True
    result = driver.perform("up")
    assert (states(result), result.code) == (
        {"n1": "skipped", "n2": "unreachable", "n3": "skipped"},
        5,
    )
    assert row(result, "n1").error == (
        "n1: nothing was changed here because of n2: --skip-unreachable goes on without"
    )
    assert (made_files(driver.folder), leases_of(driver)) == ([], {"n1": [], "n3": []})


def test_an_unreachable_host_of_one_component_stops_a_change_before_the_first_component(
    driver: Driver,
) -> None:
    """Servers have new certificates, and agents would not get them."""
    up = {"up": makes(driver.folder)}
    driver.system(server=up, agent=up)
    driver["n3"].dead = True
    result = driver.perform("up")
    assert (result.code, made_files(driver.folder)) == (5, [])
    assert {(entry.component, entry.host, entry.state) for entry in result.hosts} == {
        (component, host, "unreachable" if host == "n3" else "skipped")
        for component in ("server", "agent")
        for host in ("n1", "n2", "n3")
    }
    assert driver.perform("up", skip_unreachable=True).code == 0


def test_a_component_knows_the_facts_of_those_before_it(driver: Driver) -> None:
    seen: dict[str, Any] = {}

    def facts(ask: Any) -> list[Fact]:
        return [Fact("name", ("echo", ask.target.component), lambda code, text: text.strip())]

    def status(ask: Any) -> Status:
        names = {
            component: {host: facts["name"] for host, facts in hosts.items()}
            for component, hosts in ask.components.items()
        }
        seen[ask.target.component] = names
        return Status(True, ())

    verbs = {"facts": facts, "status": status}
    driver.system(hosts="n1", server=verbs, agent=verbs)
    driver.perform("status")
    assert seen == {"server": {}, "agent": {"server": {"n1": "server"}}}


def asks(*, well: bool = True) -> dict[str, Any]:
    """Verbs of a component that wants a fact of its own, and the selinux of the host."""

    def answer(code: int, text: str) -> str:
        if not well:
            raise ValueError("no such answer")
        return text.strip()

    def read(ask: Any) -> tuple[tuple[str, str], ...]:
        return (("selinux", ask.selinux), ("own", ask.facts["own"]))

    return {
        "facts": lambda ask: [Fact("own", ("echo", ask.target.component), answer)],
        "status": lambda ask: Status(True, read(ask)),
    }


def test_the_components_of_a_verb_that_changes_nothing_ask_a_host_once(driver: Driver) -> None:
    driver.system(hosts="n1", server=asks(), agent=asks())
    driver.system("other", hosts="n1", app=asks())
    result = driver.perform("status", "")
    assert [entry.fields for entry in result.hosts] == [
        {"own": component, "selinux": "Disabled"} for component in ("server", "agent", "app")
    ]
    (program,) = driver["n1"].asked
    assert program.count("\nfl_ask_fact ") == 4


def test_an_answer_that_is_not_understood_fails_the_component_that_wants_it(
    driver: Driver,
) -> None:
    driver.system(hosts="n1", server=asks(), agent=asks(well=False), client=asks())
    result = driver.perform("status")
    assert [(entry.component, entry.state) for entry in result.hosts] == [
        ("server", "ok"),
        ("agent", "failed"),
        ("client", "ok"),
    ]


def test_a_host_that_cannot_be_reached_is_not_sought_again_by_the_next_component(
    driver: Driver,
) -> None:
    driver.system(hosts="n1", server=asks(), agent=asks())
    sought, machine = [], driver["n1"]
    machine.dead = True
    machine.connect = lambda connect=machine.connect: sought.append(1) or connect()
    assert [entry.state for entry in driver.perform("status").hosts] == ["unreachable"] * 2
    assert len(sought) == 1


def test_what_stands_for_all_components_is_asked_again_only_after_a_change(driver: Driver) -> None:
    """Here the first component changes n1, and finds n2 as it should be."""
    (driver.folder / "n2.made").touch()

    def up(ask: Any) -> list[Step]:
        made = driver.folder / f"{ask.target.host}.made"
        is_right = ask.selinux == "Disabled"
        return [Step(name="make", unless=("test", "-e", str(made)), do=("touch", str(made)))][
            :is_right
        ]

    verbs = asks() | {"up": up}
    driver.system(hosts="n[1-2]", server=verbs, agent=verbs)
    assert driver.perform("up").code == 0
    assert driver.programs("getenforce") == {"n1": 2, "n2": 1}
    assert driver.programs("fl_ask_fact 0") == {"n1": 2, "n2": 2}  # their own, under the lease


def test_an_unreachable_host_can_be_left_out(driver: Driver) -> None:
    driver.system(server={"up": makes(driver.folder)})
    driver["n2"].dead = True
    result = driver.perform("up", skip_unreachable=True)
    assert [row.host for row in result.hosts if row.left_out] == [
        row.host for row in result.hosts if row.state == "skipped"
    ]
    assert (states(result), result.code) == ({"n1": "changed", "n2": "skipped", "n3": "changed"}, 0)


def test_an_unreachable_host_does_not_stop_those_who_only_look(driver: Driver) -> None:
    driver.system(server={"status": lambda ask: Status(True, ())})
    driver["n2"].dead = True
    result = driver.perform("status")
    assert (states(result), result.code) == ({"n1": "ok", "n2": "unreachable", "n3": "ok"}, 5)


def test_an_error_of_facts_stops_all(driver: Driver) -> None:
    def facts(ask):
        raise SiteError("test.yml", "no flavor", "say which")

    driver.system(server={"facts": facts, "up": makes(driver.folder)})
    result = driver.perform("up")
    assert (set(states(result).values()), result.code, made_files(driver.folder)) == (
        {"failed"},
        3,
        [],
    )
