"""A dry run that is kept, and `inv apply` of it: over real shells."""

import json
from pathlib import Path
from typing import Any

import pytest

from fairlead.cli import plans
from fairlead.cli.commands import CommandResult
from fairlead.cli.repository.apply import apply
from fairlead.model.errors import CommandLineError, Drift
from fairlead.model.plan import Ask, Fact, Secret, Status, Step
from fairlead.model.results import RunResult
from fairlead.runner import driver as run
from tests.driver import Driver, states

pytestmark = pytest.mark.slow


class Pond:
    """A system that makes a file on each host, with a text that the host names."""

    def __init__(self, driver: Driver, folder: Path):
        self.driver, self.folder, self.file = driver, folder, folder / "p.json"
        driver.system(server={"facts": self.facts, "up": self.up})

    def facts(self, ask: Ask) -> tuple[Fact, ...]:
        word = str(self.folder / f"word-{ask.target.host}")
        return (Fact("word", ("cat", word), lambda code, text: text.strip()),)

    def up(self, ask: Ask) -> list[Step]:
        made = str(self.folder / f"made-{ask.target.host}")
        return [
            Step(name="ready", unless=("true",), do=("false",), stdin=Secret("s3cret")),
            Step(
                name="make",
                unless=("test", "-e", made),
                do=("sh", "-c", 'echo "$1" >"$2"', "_", ask.facts["word"], made),
            ),
        ]

    def plan(self, **common: Any) -> RunResult:
        request = run.Request(verb="up", system="toy")
        common = {"plan": str(self.file), "dry_run": True, **common}
        return plans.keep(request, run.Common(**common), self.driver.context())

    def apply(self, **common: Any) -> CommandResult:
        return apply(self.driver.context(), run.Common(**common), file=str(self.file))

    def made(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("made-*"))

    def say(self, host: str, word: str) -> None:
        (self.folder / f"word-{host}").write_text(word)


@pytest.fixture
def pond(driver: Driver, tmp_path: Path) -> Pond:
    return Pond(driver, tmp_path)


def test_a_plan_is_kept_and_done_as_it_was_planned(pond: Pond) -> None:
    planned = pond.plan(hosts=("n[1-2]",))
    assert (states(planned)["n1"], pond.made()) == ("would-change", [])
    assert pond.driver.watcher.remarks[-1] == (
        f"kept: inv apply {pond.file} does this, and nothing else"
    )
    answer = pond.apply()
    assert (answer.code, pond.made()) == (0, ["made-n1", "made-n2"])
    assert pond.driver.watcher.remarks[-1].startswith("asking n[1-2] whether the plan of 20")
    result = pond.driver.watcher.events[-1]
    assert (answer.data["applied"], states(result)["n1"]) == (result.run, "changed")


def test_a_plan_holds_what_is_done_and_no_secret(pond: Pond) -> None:
    pond.plan(hosts=("n1",))
    text = pond.file.read_text()
    plan = json.loads(text)
    assert oct(pond.file.stat().st_mode & 0o777) == "0o600"
    assert ("s3cret" in text, plan["site"], plan["common"]["hosts"]) == (False, "test", ["n1"])
    (host,) = plan["hosts"]
    assert [(step["phase"], step["name"], step["state"]) for step in host["steps"]] == [
        ("up", "ready", "ok"),
        ("up", "make", "would-change"),
    ]


def test_a_host_that_has_changed_since_refuses_the_whole_plan(pond: Pond) -> None:
    pond.plan()
    pond.say("n2", "other")
    (pond.folder / "made-n3").touch()
    with pytest.raises(Drift) as error:
        pond.apply()
    words = str(error.value).partition(" fits no more: ")[2]
    assert words == (
        "n2: toy: another plan from the step 'make' on (facts that have changed: word); n3: toy:"
        " another plan from the step 'make' on; plan anew: --plan=FILE"
    )
    assert pond.made() == ["made-n3"]


def test_a_site_that_has_changed_since_refuses_it(pond: Pond) -> None:
    pond.plan(hosts=("n1",))
    pond.driver.sections["toy"]["build_host"] = "n3"
    with pytest.raises(Drift, match="n1: toy: the site says something else of it; plan anew"):
        pond.apply()
    assert pond.made() == []


def test_hosts_that_come_or_go_are_another_plan(pond: Pond) -> None:
    pond.plan()
    pond.driver.offline = "n2"
    with pytest.raises(Drift, match="n2: toy: is not planned any more"):
        pond.apply()
    assert pond.made() == []


def test_what_changes_between_the_look_and_the_lock_is_not_done(
    pond: Pond, monkeypatch: pytest.MonkeyPatch
) -> None:
    pond.plan(hosts=("n[1-2]",))
    perform = run.perform

    def meddled(request: Any, common: Any, context: Any) -> RunResult:
        if not common.dry_run:
            pond.say("n2", "other")
        return perform(request, common, context)

    monkeypatch.setattr(run, "perform", meddled)
    answer = pond.apply()
    result = pond.driver.watcher.events[-1]
    assert (answer.code, states(result), pond.made()) == (
        9,
        {"n1": "skipped", "n2": "failed"},
        [],
    )


def test_a_look_at_a_plan_changes_nothing(pond: Pond) -> None:
    pond.plan(hosts=("n1",))
    assert pond.apply(dry_run=True).text.endswith("fits: inv toy.up is done as planned")
    assert pond.made() == []


def test_a_plan_is_done_whole_or_not_at_all(pond: Pond) -> None:
    pond.plan(hosts=("n[1-2]",))
    for flag, common in (
        ("--host", {"hosts": ("n1",)}),
        ("--fix", {"fix": ("safe",)}),
        ("--skip-preflight", {"skip_preflight": True}),
    ):
        with pytest.raises(CommandLineError, match=f"{flag}: is not what was planned"):
            pond.apply(**common)
    assert pond.made() == []
    assert pond.apply(hosts=("n[1-2]",)).code == 0


def test_what_the_command_line_says_of_pace_and_reason_counts(
    pond: Pond, monkeypatch: pytest.MonkeyPatch
) -> None:
    pond.plan(hosts=("n[1-2]",), fanout=3)
    commons = []
    monkeypatch.setattr(run, "perform", spy(run.perform, commons))
    assert pond.apply(reason="OPS-2", wait=60.0).code == 0
    assert [(c.reason, c.wait, c.fanout, c.hosts) for c in commons] == [
        ("OPS-2", 60.0, 3, ("n[1-2]",))
    ] * 2


def spy(perform: Any, commons: list[run.Common]) -> Any:
    def spied(request: Any, common: Any, context: Any) -> RunResult:
        commons.append(common)
        return perform(request, common, context)

    return spied


def test_a_file_that_is_no_plan_is_never_written_over(pond: Pond) -> None:
    pond.file.write_text("hosts: {n1: {}}\n")
    with pytest.raises(CommandLineError, match=r"p\.json is there already, and no plan; name an"):
        pond.plan()
    assert pond.file.read_text() == "hosts: {n1: {}}\n"
    pond.file.write_text("")
    for _ in range(2):
        pond.plan(hosts=("n1",))
    assert pond.apply().code == 0


REFUSED = {
    "{": "is no saved plan",
    '{"plan": 1}': "is no saved plan",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_plan_is_told(pond: Pond, text: str) -> None:
    pond.file.write_text(text)
    with pytest.raises(CommandLineError, match=REFUSED[text]):
        pond.apply()


def test_a_plan_that_is_not_there_or_cannot_be_kept_is_told(pond: Pond) -> None:
    with pytest.raises(CommandLineError, match="cannot be read: No such file"):
        pond.apply()
    with pytest.raises(CommandLineError, match="cannot be written: "):
        pond.plan(plan="/proc/version/p.json")


def test_a_verb_that_changes_nothing_has_no_plan(driver: Driver, tmp_path: Path) -> None:
    driver.system(server={"status": lambda ask: Status(healthy=True, fields={})})
    request = run.Request(verb="status", system="toy")
    with pytest.raises(CommandLineError, match=r"inv toy\.status does nothing that a plan could"):
        plans.keep(request, run.Common(plan=str(tmp_path / "p")), driver.context())
    assert not (tmp_path / "p").exists()
