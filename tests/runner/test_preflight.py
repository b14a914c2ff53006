"""Preflight: it blocks before anything happens, and mends what it is asked to."""

import msgspec
import pytest

from fairlead.model.errors import FairleadError
from fairlead.model.plan import Ask, Check, Fact, Sequence, Step
from tests.driver import Driver, row, states
from tests.runner.toys import NO_LEASES, leases_of, made_files, makes


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
    assert row(result, "n3").error == "n3: nothing was changed here: preflight blocks n2"
    assert (made_files(driver.folder), leases_of(driver)) == ([], NO_LEASES)


def test_a_verb_of_its_own_may_answer_with_checks(driver: Driver) -> None:
    def upgradable(ask: Ask) -> list[Check]:
        return [check(ask.target.host != "n2")] if ask.target.host != "n1" else []

    upgradable.changes = False
    driver.system(server={"upgradable": upgradable})
    result = driver.perform("upgradable", component="server", options={"depth": 1})
    assert (states(result), result.code) == ({"n1": "ok", "n2": "failed", "n3": "ok"}, 4)
    assert row(result, "n2").checks[0]["remedy"] == "move it"


def test_what_a_sequence_asks_before_can_be_skipped_as_preflight_can(driver: Driver) -> None:
    def upgradable(ask: Ask) -> list[Check]:
        return [check(False)]

    upgradable.changes = False
    way = Sequence(before=(("server", "upgradable"),), then=(("server", "upgrade"),))
    verbs = {"upgradable": upgradable, "upgrade": makes(driver.folder)}
    driver.system(server=verbs, sequences={"upgrade": way})
    assert driver.perform("upgrade", options={"depth": "1"}).code == 4
    assert made_files(driver.folder) == []
    assert driver.perform("upgrade", options={"depth": "1"}, skip_preflight=True).code == 0
    assert len(made_files(driver.folder)) == 3


def test_preflight_can_be_skipped_and_warnings_block_nobody(driver: Driver) -> None:
    driver.system(server={"preflight": lambda ask: [check(False)], "up": makes(driver.folder)})
    driver.system(
        "mild",
        server={
            "preflight": lambda ask: [check(False, blocks=False)],
            "up": makes(driver.folder, "made too"),
        },
    )
    result = driver.perform("up", skip_preflight=True)
    assert (result.code, result.flags) == (0, ("--skip-preflight",))
    journal = (driver["n1"].state / "journal").read_text()
    assert " inv toy.up --skip-preflight [fairlead " in journal
    assert driver.perform("up", "mild").code == 0


def test_preflight_tells_and_mends(driver: Driver) -> None:
    path = driver.folder / "mended"
    fix = (Step(name="mend", do=("touch", str(path))),)
    driver.system(
        server={
            "facts": lambda ask: [
                Fact("there", ("test", "-e", str(path)), lambda code, text: code == 0)
            ],
            "preflight": lambda ask: [check(ask.facts["there"], fix=fix)],
        },
        hosts="n1",
    )
    shown, mended = driver.perform("preflight"), driver.perform("preflight", fix=("safe",))
    (check_shown,) = row(shown, "n1").checks
    assert (shown.code, check_shown["fixable"], check_shown["ok"]) == (4, True, False)
    assert (mended.code, states(mended), row(mended, "n1").checks[0]["ok"]) == (
        0,
        {"n1": "changed"},
        True,
    )
    assert leases_of(driver) == NO_LEASES


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


def broken_on_n2(ask: Ask) -> list[Check]:
    if ask.target.host == "n2":
        raise FairleadError("n2: /etc/docker/daemon.json", "is not JSON", "mend it")
    return [check(True)]


@pytest.mark.parametrize(
    ("verb", "other"), [("up", "skipped"), ("upgrade", "skipped"), ("preflight", "ok")]
)
def test_a_preflight_that_ends_in_an_error_is_the_error_of_that_host(
    driver: Driver, verb: str, other: str
) -> None:
    driver.system(
        server={
            "preflight": broken_on_n2,
            "up": makes(driver.folder),
            "upgrade": makes(driver.folder),
        }
    )
    result = driver.perform(verb)
    assert (states(result), result.code) == ({"n1": other, "n2": "failed", "n3": other}, 1)
    assert row(result, "n2").error == "n2: /etc/docker/daemon.json: is not JSON; mend it"
    assert (made_files(driver.folder), leases_of(driver)) == ([], NO_LEASES)


def test_a_host_whose_preflight_errs_after_a_fix_is_told_and_the_others_are_mended(
    driver: Driver,
) -> None:
    def preflight(ask: Ask) -> list[Check]:
        path = driver.folder / f"mended-{ask.target.host}"
        if ask.facts["there"] and ask.target.host == "n2":
            raise FairleadError("n2", "is broken")
        fix = (Step(name="mend", do=("touch", str(path))),)
        return [check(ask.facts["there"], fix=fix)]

    def facts(ask: Ask) -> list[Fact]:
        path = driver.folder / f"mended-{ask.target.host}"
        return [Fact("there", ("test", "-e", str(path)), lambda code, text: code == 0)]

    driver.system(server={"facts": facts, "preflight": preflight})
    result = driver.perform("preflight", fix=("safe",))
    assert states(result) == {"n1": "changed", "n2": "failed", "n3": "changed"}
    assert (row(result, "n2").error, result.code) == ("n2: is broken", 1)


def test_who_is_not_root_is_told_so_of_a_system_that_needs_root(driver: Driver) -> None:
    driver.system(server={"preflight": lambda ask: ()})
    assert driver.perform("preflight").code == 0
    system = driver.plugins.systems["toy"]
    driver.plugins.systems["toy"] = msgspec.structs.replace(system, root=True)
    (driver["n2"].bin / "id").write_text("#!/bin/sh\n[ $1 = -u ] && echo 4242 || echo op\n")
    (driver["n2"].bin / "id").chmod(0o755)
    result = driver.perform("preflight")
    checks = {row.host: [check["name"] for check in row.checks] for row in result.hosts}
    assert (checks, result.code) == ({"n1": [], "n2": ["user"], "n3": []}, 4)
