"""What is announced elsewhere is opened before a change and closed after, whoever dies."""

import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.errors import SecretError, StepFailed
from fairlead.runner.announcements import close_left_open
from tests.driver import Driver
from tests.runner.toys import fails_on, made_files, makes

pytestmark = pytest.mark.slow

OPEN = {
    "matchers": [{"name": "instance", "value": "({host_regex})(:.*)?", "isRegex": True}],
    "startsAt": "{begins}",
    "endsAt": "{ends}",
    "createdBy": "{who}",
    "comment": "{verb} {reason} ({run})",
    "end": "{ends_epoch}",
}


class Silences(BaseHTTPRequestHandler):
    """A stand-in: answers as Alertmanager's api/v2 does, and checks nothing of what it gets."""

    server: "Alerts"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.calls.append(("open", body))
        self.server.headers.append(dict(self.headers))
        self._answer(self.server.status, self.server.answer)

    def do_DELETE(self) -> None:
        self.server.calls.append(("close", self.path))
        self._answer(self.server.closing, "")

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: Any) -> None: ...


class Alerts(ThreadingHTTPServer):
    """Where silences are; `calls` are what it was told, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Silences)
        self.calls: list[tuple[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status, self.closing, self.answer = 200, 200, '{"silenceID": "a b"}'

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.calls]

    def announcement(self, **more: Any) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.server_port}/api/v2"
        return {
            "id": "silenceID",
            "open": {"url": f"{url}/silences", "body": OPEN},
            "close": {"url": f"{url}/silence/{{id}}", "method": "DELETE"},
        } | more


@pytest.fixture
def alerts() -> Iterator[Alerts]:
    server = Alerts()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


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
    toy.perform("restart", dry_run=True)
    toy.sections["announcements"] = {"alerts": alerts.announcement(hosts="n3")}
    toy.perform("restart", hosts=("n1",))
    assert alerts.calls == []


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
