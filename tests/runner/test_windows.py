"""What changes anything outside of the site's windows, or without a reason, is refused unasked."""

from types import SimpleNamespace
from typing import Any

import pytest

from fairlead.model import shares
from fairlead.model.errors import CommandLineError, OutsideWindow
from fairlead.model.plan import Phase, Step
from fairlead.runner import part
from tests.driver import Driver, row, states
from tests.runner.toys import made_files, makes

pytestmark = pytest.mark.slow

PAST = {"not_after": "2001-01-01"}
FUTURE = {"not_before": "2999-01-01", "from": "08:00", "until": "12:00"}


@pytest.fixture
def toy(driver: Driver) -> Driver:
    driver.system(server={"up": makes(driver.folder), "preflight": lambda ask: ()})
    return driver


def refusal(driver: Driver, **common: Any) -> str:
    with pytest.raises(OutsideWindow) as error:
        driver.perform("up", **common)
    assert (error.value.code, driver["n1"].asked, made_files(driver.folder)) == (4, [], [])
    return str(error.value)


def test_outside_of_a_window_nothing_is_asked_and_the_next_is_told(toy: Driver) -> None:
    toy.sections["windows"] = {"then": FUTURE}
    assert refusal(toy) == (
        "n[1-3]: toy.up is outside of its windows: then (08:00-12:00 UTC, not before 2999-01-01); "
        "the next begins Tue 01 Jan 2999 08:00 UTC; --override goes on now"
    )


def test_a_window_may_be_over_for_good(toy: Driver) -> None:
    toy.sections["windows"] = {"then": PAST}
    assert "; none of them begins again; --override goes on now" in refusal(toy)


def test_the_first_of_several_windows_is_told(toy: Driver) -> None:
    other = {**FUTURE, "not_before": "2998-01-01"}
    toy.sections["windows"] = {"late": FUTURE, "past": PAST, "early": other}
    assert "the next begins Mon 01 Jan 2998 08:00 UTC" in refusal(toy)


def test_hosts_of_no_window_are_free_and_the_others_are_named(toy: Driver) -> None:
    toy.sections["windows"] = {"then": FUTURE | {"hosts": "n[1-2]"}}
    assert refusal(toy).startswith("n[1-2]: toy.up is outside")
    assert states(toy.perform("up", hosts=("n3",))) == {"n3": "changed"}


def test_a_window_is_for_the_systems_that_it_names(toy: Driver) -> None:
    toy.system("other", server={"up": makes(toy.folder, "other")})
    toy.sections["windows"] = {"then": FUTURE | {"systems": ["other"]}}
    assert toy.perform("up", system="toy").code == 0
    with pytest.raises(OutsideWindow):
        toy.perform("up", system="other")


def test_one_open_window_is_enough(toy: Driver) -> None:
    toy.sections["windows"] = {"then": FUTURE, "always": {}}
    assert toy.perform("up").code == 0


def test_what_changes_nothing_is_never_refused(toy: Driver) -> None:
    toy.sections |= {"windows": {"then": FUTURE}, "require_reason": True}
    assert states(toy.perform("up", dry_run=True))["n1"] == "would-change"
    assert toy.perform("preflight").code == 0
    with pytest.raises(OutsideWindow):
        toy.perform("preflight", fix=("safe",), reason="OPS-1")


def test_override_goes_on_and_is_told(toy: Driver) -> None:
    toy.sections["windows"] = {"then": FUTURE}
    result = toy.perform("up", override=True)
    assert (result.code, result.flags) == (0, ("--override",))
    assert "inv toy.up --override" in (toy["n1"].state / "journal").read_text()


def test_a_reason_that_the_site_wants_has_to_be_given(toy: Driver) -> None:
    toy.sections["require_reason"] = True
    with pytest.raises(CommandLineError) as error:
        toy.perform("up")
    assert str(error.value) == (
        f"--reason: {toy.site().path} wants a reason for what changes anything (require_reason); "
        "write --reason='TICKET and a few words'"
    )
    assert toy["n1"].asked == []
    result = toy.perform("up", reason="OPS-1: it's time")
    assert (result.code, result.reason) == (0, "OPS-1: it's time")


def test_a_reason_stands_in_the_journals_of_the_hosts(toy: Driver) -> None:
    toy.perform("up", reason="OPS-1 kernel")
    assert "--reason='OPS-1 kernel'" in (toy["n1"].state / "journal").read_text()


def test_no_batch_begins_once_the_window_has_ended(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def upgrade(ask):
        name = str(driver.folder / f"made-{ask.target.host}")
        return [Phase("swap", (Step(name="swap", do=("touch", name)),), rolling=True)]

    driver.system(server={"upgrade": upgrade})
    driver.sections["windows"] = {"then": {"not_after": "2500-01-01"}}
    monkeypatch.setattr(part, "time", SimpleNamespace(time=lambda: 32503680000.0))  # the year 3000
    result = driver.perform("upgrade", batch=shares.sizes("1"))
    assert states(result) == {"n1": "changed", "n2": "skipped", "n3": "skipped"}
    assert row(result, "n2").error == (
        "n2: not upgraded because toy.upgrade is outside of its windows: then (00:00-24:00 UTC, "
        "not after 2500-01-01)"
    )
    assert result.code == 1
