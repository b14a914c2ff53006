"""What is announced elsewhere is opened before a change and closed after, whoever dies."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fairlead.inventory.announcements import Values
from fairlead.model.errors import SecretError, StepFailed
from fairlead.model.plan import Step
from fairlead.runner.announcement_records import Record, RecordFile, left_open
from fairlead.runner.announcements import close_left_open
from tests.alerts import Alerts, listening
from tests.driver import Driver
from tests.runner.toys import fails_on, made_files, makes

pytestmark = pytest.mark.slow


@pytest.fixture
def alerts() -> Iterator[Alerts]:
    with listening() as server:
        yield server


@pytest.fixture
def toy(driver: Driver, alerts: Alerts) -> Driver:
    verbs = {"up": makes(driver.folder), "restart": makes(driver.folder, "restarted-made")}
    driver.system(server=verbs)
    driver.sections["announcements"] = {"alerts": alerts.announcement()}
    return driver


def records(driver: Driver) -> list[str]:
    return [path.name for path in (driver.folder / "operator/announcements").glob("*")]


def test_a_silence_is_open_while_hosts_are_changed(toy: Driver, alerts: Alerts) -> None:
    result = toy.perform("restart", hosts=("n[1-2]",), reason="OPS-1")
    (_, body), (_, path) = alerts.calls
    assert (result.code, path) == (0, "/api/v2/silence/a%20b")
    assert body["matchers"] == [{"name": "instance", "value": "(n1|n2)(:.*)?", "isRegex": True}]
    assert body["comment"] == f"toy.restart OPS-1 ({result.run})"
    assert 7100 < body["end"] - time.time() <= 7200
    assert records(toy) == []


def test_it_is_closed_where_the_run_fails(driver: Driver, alerts: Alerts) -> None:
    driver.system(server={"restart": fails_on("n1")})
    driver.sections["announcements"] = {"alerts": alerts.announcement()}
    assert driver.perform("restart").code == 1
    assert alerts.kinds == ["open", "close"]


def test_what_is_not_about_it_is_not_announced(toy: Driver, alerts: Alerts) -> None:
    toy.perform("up")
    toy.sections["announcements"] = {"alerts": alerts.announcement(hosts="n3")}
    toy.perform("restart", hosts=("n1",))
    assert alerts.calls == []


def test_a_dry_run_tells_what_would_be_announced_and_opens_nothing(
    toy: Driver, alerts: Alerts
) -> None:
    pager = {"open": {"argv": ["./announce", "{hosts} {reason}"]}, "close": {"argv": ["true"]}}
    toy.sections["announcements"]["pager"] = pager
    (alert, page) = toy.perform("restart", hosts=("n[1-2]",), reason="it", dry_run=True).notes
    url = alerts.announcement()["open"]["url"]
    start = "announcements.alerts: would be opened for n[1-2] by POST"
    assert alert.startswith(f"{start} {url}, and closed after the run, at 20")
    assert f" by {toy.folder}/announce 'n[1-2] it', and closed" in page
    assert toy.perform("up", dry_run=True).notes == ()
    assert (alerts.calls, records(toy)) == ([], [])


def renewing(alerts: Alerts, toy: Driver, seconds: str) -> None:
    """Silences last 1.5 s and are made longer; a restart takes so long."""
    spec = alerts.announcement(lasts=1.5)
    spec["renew"] = spec["open"] | {"body": {"id": "{id}", "end": "{ends_epoch}"}}
    toy.sections["announcements"] = {"alerts": spec}
    toy.system("slow", server={"restart": lambda ask: [Step(name="s", do=("sleep", seconds))]})


def test_a_silence_is_made_longer_while_the_run_lasts(toy: Driver, alerts: Alerts) -> None:
    renewing(alerts, toy, "2")
    assert toy.perform("restart", system="slow").code == 0
    (_, first), *renewals, (_, path) = alerts.calls
    assert len(renewals) >= 2
    assert {body["id"] for _, body in renewals} == {"a b"}
    assert renewals[-1][1]["end"] > first["end"]
    assert (path, records(toy)) == ("/api/v2/silence/a%20b", [])


def test_what_is_replaced_by_a_longer_one_is_closed_by_its_new_name(
    toy: Driver, alerts: Alerts
) -> None:
    renewing(alerts, toy, "1")
    answers = iter(("first", *("second",) * 9))
    alerts.says = lambda: f'{{"silenceID": "{next(answers)}"}}'
    toy.perform("restart", system="slow")
    assert alerts.calls[-1] == ("close", "/api/v2/silence/second")


def test_one_that_cannot_be_made_longer_is_told_and_the_run_goes_on(
    toy: Driver, alerts: Alerts
) -> None:
    renewing(alerts, toy, "1")
    toy.sections["announcements"]["alerts"]["renew"] = {"argv": ["false"]}
    assert toy.perform("restart", system="slow").code == 0
    assert "false ended with 1" in toy.watcher.remarks[0]
    assert " (it was not made longer, and ends at 20" in toy.watcher.remarks[0]
    assert alerts.kinds == ["open", "close"]


def test_where_it_cannot_be_opened_nothing_is_changed(toy: Driver, alerts: Alerts) -> None:
    alerts.status, alerts.answer = 503, "no quorum"
    with pytest.raises(StepFailed) as error:
        toy.perform("restart")
    url = alerts.announcement()["open"]["url"]
    assert str(error.value) == (
        f"announcements.alerts: POST {url} answered 503: no quorum; see what it wants"
    )
    assert (made_files(toy.folder), toy["n1"].asked, records(toy)) == ([], [], [])


def test_the_first_is_closed_where_the_second_cannot_be_opened(toy: Driver, alerts: Alerts) -> None:
    bad = {"open": {"argv": ["false"]}, "close": {"argv": ["true"]}}
    toy.sections["announcements"]["pager"] = bad
    with pytest.raises(StepFailed, match="announcements.pager: false ended with 1"):
        toy.perform("restart")
    assert alerts.kinds == ["open", "close"]


def test_one_that_is_not_required_is_told_and_the_run_goes_on(toy: Driver, alerts: Alerts) -> None:
    alerts.answer = "[]"
    toy.sections["announcements"] = {"alerts": alerts.announcement(required=False)}
    assert toy.perform("restart").code == 0
    assert toy.watcher.remarks == [
        "announcements.alerts: its answer has no silenceID: '[]'; see what it answers, and mend "
        "the key id; the site says that it need not be"
    ]


def test_an_authorization_that_is_nowhere_ends_it_before(toy: Driver, alerts: Alerts) -> None:
    spec = alerts.announcement()
    spec["open"]["authorization"] = "alerts.token"
    toy.sections["announcements"] = {"alerts": spec}
    with pytest.raises(SecretError):
        toy.perform("restart")
    assert (alerts.calls, toy["n1"].asked) == ([], [])


def test_what_stays_open_is_told_and_closed_by_the_next_run(toy: Driver, alerts: Alerts) -> None:
    alerts.closing = 500
    first = toy.perform("restart")
    assert len(toy.watcher.remarks) == 1
    assert f"of run {first.run} for n[1-3]; it ends by itself at " in toy.watcher.remarks[0]
    assert records(toy) == [f"{first.run}.alerts.json"]
    alerts.closing = 200
    toy.perform("restart")
    assert (alerts.kinds, records(toy)) == (["open", "close", "open", "close", "close"], [])


def test_where_it_cannot_be_noted_it_is_not_opened_and_nothing_is_changed(
    toy: Driver, alerts: Alerts
) -> None:
    (toy.folder / "operator").mkdir(exist_ok=True)
    (toy.folder / "operator/announcements").write_text("no folder")
    with pytest.raises(StepFailed) as error:
        toy.perform("restart")
    assert str(error.value) == (
        f"announcements.alerts: {toy.folder}/operator/announcements, where it is to be noted, "
        "cannot be written (File exists); make room, or name a folder of yours in XDG_STATE_HOME"
    )
    assert (made_files(toy.folder), alerts.calls) == ([], [])


def test_one_that_is_open_and_cannot_be_noted_is_closed_all_the_same(
    toy: Driver, alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = RecordFile.write

    def full(file: RecordFile, record: Record) -> None:
        if record.is_open:
            raise OSError(28, "No space left on device")
        write(file, record)

    monkeypatch.setattr(RecordFile, "write", full)
    assert toy.perform("restart").code == 0
    assert toy.watcher.remarks[0].startswith(
        "announcements.alerts: cannot be noted (No space left on device): a kill of this process "
        "leaves it open until 20"
    )
    assert (alerts.kinds, records(toy)) == (["open", "close"], [])


def test_a_note_is_one_whole_record_however_long_the_one_before_was(tmp_path: Path) -> None:
    long = Record(site="s", name="a", values=Values(run="R", id="x" * 500))
    short = Record(site="s", name="a", values=Values(run="R", id="y"))
    file = RecordFile.new(tmp_path, long)
    with pytest.MonkeyPatch.context() as killed:
        killed.setattr(os, "ftruncate", lambda *words: os._exit(9))
        child = multiprocessing.get_context("fork").Process(target=file.write, args=(short,))
        child.start()
        child.join(20)
    file.release()
    assert [record.values.id for _, record in left_open(tmp_path, "s")] == ["y"]


def killed_while_changing(driver: Driver) -> None:
    """A controller of its own, which dies by kill -9 in the middle of its run."""

    def dies(ask: Any) -> Any:
        if ask.facts or ask.around:
            os.kill(os.getpid(), signal.SIGKILL)
        return makes(driver.folder)(ask)

    driver.system("dying", server={"restart": dies})
    process = multiprocessing.get_context("fork").Process(
        target=driver.perform, args=("restart",), kwargs={"system": "dying"}
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def test_a_killed_run_leaves_it_open_and_recovery_closes_it(toy: Driver, alerts: Alerts) -> None:
    killed_while_changing(toy)
    assert (alerts.kinds, len(records(toy))) == (["open"], 1)
    (sentence,) = close_left_open(toy.context())
    assert sentence.startswith("announcements.alerts: closed what run ")
    assert (alerts.kinds, records(toy)) == (["open", "close"], [])
    assert close_left_open(toy.context()) == []


def test_what_another_process_has_open_is_left_alone(toy: Driver, alerts: Alerts) -> None:
    seen: list[Any] = []

    def looks(ask: Any) -> Any:
        seen.append(close_left_open(toy.context()))
        return ()

    toy.system("looking", server={"restart": looks})
    toy.perform("restart", system="looking")
    assert seen
    assert not any(seen)


def test_a_command_is_given_its_words_one_by_one(driver: Driver) -> None:
    log = driver.folder / "log"
    script = Path(driver.folder / "announce")
    script.write_text(f'#!/bin/sh\necho "$@" >>{log}\necho the-id\n')
    script.chmod(0o755)
    driver.system(server={"restart": makes(driver.folder)})
    driver.sections["announcements"] = {
        "pager": {
            "open": {"argv": ["./announce", "open", "{hosts}", "{reason}"]},
            "close": {"argv": ["./announce", "close", "{id}"]},
        }
    }
    driver.perform("restart", reason="$(id); it's time")
    assert log.read_text() == "open n[1-3] $(id); it's time\nclose the-id\n"
