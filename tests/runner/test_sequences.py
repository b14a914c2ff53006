"""Verbs that go through a whole system by a way of their own: in order, and back from a failure."""

import pytest
from msgspec.structs import replace

from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Sequence, Step
from tests.driver import Driver

WAY = Sequence(
    before=(("server", "build"),),
    then=(("client", "down"), ("server", "upgrade"), ("client", "up")),
    back=(("server", "restart"), ("client", "up")),
)


def a_system(driver: Driver, *bad: str) -> None:
    """A system whose verbs write down what is done; those of `bad` (component verb host) fail."""

    def says(component: str, verb: str):
        def answer(ask):
            line = f"{component} {verb} {ask.target.host}"
            return [
                Step(
                    name=verb,
                    do=(
                        "sh",
                        "-c",
                        'echo "$1" >>"$2"; exit "$3"',
                        "say",
                        line,
                        f"{driver.folder}/done",
                        str(int(line in bad)),
                    ),
                )
            ]

        return answer

    def verbs(component: str) -> dict:
        return {
            verb: says(component, verb)
            for verb in ("build", "up", "down", "restart", "upgrade", "rollback")
        }

    driver.system(
        hosts="n[1-2]", sequences={"upgrade": WAY}, server=verbs("server"), client=verbs("client")
    )


def done(driver: Driver) -> list[tuple[str, ...]]:
    """What was done, part by part: the hosts of a part in any order."""
    lines = [
        line.rpartition(" ")[::2] for line in (driver.folder / "done").read_text().splitlines()
    ]
    parts: list[tuple[str, ...]] = []
    for part, host in lines:
        if parts and parts[-1][0] == part:
            parts[-1] = (part, *sorted((*parts[-1][1:], host)))
        else:
            parts.append((part, host))
    return parts


def test_a_sequence_is_done_part_by_part(driver: Driver) -> None:
    a_system(driver)
    result = driver.perform("upgrade")
    assert done(driver) == [
        (part, "n1", "n2")
        for part in ("server build", "client down", "server upgrade", "client up")
    ]
    assert [(row.called, row.host, row.state) for row in result.hosts][:3] == [
        ("toy.server build", "n1", "changed"),
        ("toy.server build", "n2", "changed"),
        ("toy.client down", "n1", "changed"),
    ]
    assert result.code == 0


def test_what_fails_before_anything_stands_still_ends_it_there(driver: Driver) -> None:
    a_system(driver, "server build n2")
    assert (driver.perform("upgrade").code, done(driver)) == (1, [("server build", "n1", "n2")])


def test_where_one_fails_those_that_have_changed_return_and_all_come_back(driver: Driver) -> None:
    a_system(driver, "server upgrade n2")
    assert driver.perform("upgrade").code == 1
    assert done(driver)[2:] == [
        ("server upgrade", "n1", "n2"),
        ("server rollback", "n1"),
        ("server restart", "n1", "n2"),
        ("client up", "n1", "n2"),
    ]


@pytest.mark.parametrize("is_gate", [True, False])
def test_where_the_gate_fails_all_that_became_new_before_it_returns(
    driver: Driver, is_gate: bool
) -> None:
    a_system(driver, "client restart n2")
    gate = ("client", "restart")
    returned = (("client rollback", "n1", "n2"), ("server rollback", "n1", "n2"))
    then = (("server", "upgrade"), ("client", "upgrade"), gate)
    way = replace(WAY, before=(), then=then, gate=gate if is_gate else ("", ""))
    toy = driver.plugins.systems["toy"]
    driver.plugins.systems["toy"] = replace(toy, sequences={"upgrade": way})
    result = driver.perform("upgrade")
    errors = [row.error for row in result.hosts if "restart: " in row.error]
    assert (result.code, errors[0].endswith("; the version before is back")) == (
        (8, True) if is_gate else (1, False)
    )
    assert done(driver) == [
        ("server upgrade", "n1", "n2"),
        ("client upgrade", "n1", "n2"),
        ("client restart", "n1", "n2"),
        *(returned if is_gate else ()),
        ("server restart", "n1", "n2"),
        ("client up", "n1", "n2"),
    ]


def test_where_what_became_new_does_not_return_it_is_not_said_to_be_back(driver: Driver) -> None:
    gate = ("client", "restart")
    a_system(driver, "client restart n2", "server rollback n1")
    way = replace(WAY, before=(), then=(("server", "upgrade"), gate), gate=gate)
    toy = driver.plugins.systems["toy"]
    driver.plugins.systems["toy"] = replace(toy, sequences={"upgrade": way})
    result = driver.perform("upgrade")
    assert (result.code, [row for row in result.hosts if "is back" in row.error]) == (1, [])


def test_one_component_goes_by_itself(driver: Driver) -> None:
    a_system(driver)
    driver.perform("upgrade", component="client", hosts=("n2",))
    assert done(driver) == [("client upgrade", "n2")]


def test_a_sequence_is_about_all_hosts(driver: Driver) -> None:
    a_system(driver)
    sentence = (
        "--host: all hosts of toy go through upgrade together; leave it away, or name a component"
    )
    with pytest.raises(CommandLineError, match=sentence):
        driver.perform("upgrade", hosts=("n1",))


def test_a_dry_run_shows_every_part_and_does_none(driver: Driver) -> None:
    a_system(driver)
    result = driver.perform("upgrade", dry_run=True)
    assert {row.state for row in result.hosts} == {"would-change"}
    assert (len(result.hosts), (driver.folder / "done").exists()) == (8, False)


def test_a_sequence_that_need_not_be_whole_goes_component_by_component_with_host(
    driver: Driver,
) -> None:
    a_system(driver)
    way = (("client", "down"), ("server", "restart"), ("server", "down"))
    sequences = {"down": Sequence(then=way, whole=False)}
    driver.plugins.systems["toy"] = replace(driver.plugins.systems["toy"], sequences=sequences)
    driver.perform("down")
    driver.perform("down", hosts=("n1",))
    assert done(driver) == [
        ("client down", "n1", "n2"),
        ("server restart", "n1", "n2"),
        ("server down", "n1", "n2"),
        ("client down", "n1"),
        ("server down", "n1"),
    ]


def test_what_was_only_stopped_does_not_return_to_another_version(driver: Driver) -> None:
    a_system(driver, "client down n2")
    driver.perform("upgrade")
    assert "client rollback" not in [part for part, *_ in done(driver)]
    assert done(driver)[-2:] == [("server restart", "n1", "n2"), ("client up", "n1", "n2")]
