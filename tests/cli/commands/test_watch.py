"""inv watch: what is not well, said once on each channel; the timer that begins it."""

import http.server
import json
import os
import pwd
import re
import shlex
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fairlead.cli.commands import watch as chores
from fairlead.cli.watching import memory, units
from fairlead.cli.watching import messages as sending
from fairlead.model.errors import CommandLineError, FairleadError, Locked
from fairlead.model.findings import Finding
from fairlead.model.plan import NOT_KNOWN, Secret, Status, Step
from fairlead.output import monitoring
from fairlead.runner.request import Common
from tests.cli.smithy import Smithy
from tests.driver import Driver
from tests.machine import a_run

WELL = Status(True, (("container", "toy running"),))
DOWN = Status(False, (("container", "none"),))
HIDDEN = Status(False, (("image", NOT_KNOWN),))

pytestmark = pytest.mark.slow


ROOT = Path(__file__).resolve().parents[3]
SECTION = "perfsonar: {hosts: ps1}\n"
MORE = (f"offline: ps1\n{SECTION}", SECTION)


class Site:
    """Three hosts of one component; a test says how each of them is."""

    def __init__(self, driver: Driver, folder: Path):
        self.driver, self.folder = driver, folder
        self.status: dict[str, Status] = {}
        self.drifts: set[str] = set()
        driver.system(server={"status": self._status, "up": self._up})

    def _status(self, ask: Any) -> Status:
        return self.status.get(ask.target.host, WELL)

    def _up(self, ask: Any) -> tuple[Step, ...]:
        is_so = "false" if ask.target.host in self.drifts else "true"
        return (Step(name="put bitts", unless=(is_so,), do=("true",)),)

    def watch(self, *hosts: str, dry_run: bool = False, **flags: Any) -> Any:
        return chores.watch(self.driver.context(), Common(hosts=hosts, dry_run=dry_run), **flags)

    def listener(self) -> tuple[str, Path]:
        """A program that writes down each message that it gets, and the file."""
        log = self.folder / "messages"
        script = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + '\\f')"
        return f"{sys.executable} -c \"{script}\" '{log}'", log


def messages(log: Path) -> list[str]:
    return log.read_text().split("\f")[:-1] if log.exists() else []


@pytest.fixture
def site(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Site(driver, tmp_path)


def test_where_all_is_well_it_is_one_line_and_ends_with_0(site: Site) -> None:
    answer = site.watch()
    assert (answer.code, answer.text) == (
        0,
        "FAIRLEAD OK - test: all 9 are as asked | ok=9 warning=0 critical=0 unknown=0",
    )
    assert answer.data["findings"][0] == {
        "kind": "status",
        "host": "n1",
        "name": "toy",
        "state": "ok",
        "sentence": "n1 toy is well",
        "command": "",
        "code": 0,
        "days": None,
    }


def test_what_is_not_well_has_the_sentence_and_the_command_that_mends_it(site: Site) -> None:
    site.status = {"n1": DOWN, "n2": DOWN}
    site.drifts = {"n3"}
    answer = site.watch()
    assert answer.text.splitlines()[1:] == [
        "CRITICAL  n[1-2] toy is not well (container: none)",
        "          inv toy.up --host=n[1-2]",
        "WARNING   n3 toy is not as the site says (up would change put bitts)",
        "          inv toy.up --host=n3",
    ]
    assert answer.code == 1


def test_drift_alone_ends_with_9_and_nothing_is_done(site: Site) -> None:
    site.drifts = {"n3"}
    assert site.watch().code == 9
    assert site.driver.watcher.events == []


def test_explain_looks_as_ever_and_remembers_nothing(site: Site) -> None:
    site.status = {"n1": DOWN}
    answer = chores.watch(site.driver.context(), Common(explain=True))
    assert "n1 toy is not well (container: none)" in answer.text
    assert list((site.folder / "state").rglob("*.json")) == []


def test_what_is_not_known_is_not_well(site: Site) -> None:
    site.status = {"n1": HIDDEN}
    answer = site.watch()
    assert (answer.code, answer.data["state"]) == (1, "unknown")
    assert "n1 toy is not known to be well (image: not known)" in answer.text


def test_what_is_stopped_and_cannot_tell_its_version_is_critical(site: Site) -> None:
    site.status = {"n1": Status(False, (("container", "exited"), ("release", NOT_KNOWN)))}
    assert site.watch().data["state"] == "critical"


def test_a_host_that_cannot_be_reached_hides_no_other(site: Site) -> None:
    site.driver["n3"].dead = True
    site.drifts = {"n1"}
    states = {finding["sentence"]: finding["state"] for finding in site.watch().data["findings"]}
    assert states["n3: no route to it; look at its cable"] == "critical"
    assert states["n1 toy is not as the site says (up would change put bitts)"] == "warning"
    assert states["n3: open runs: not known (the host does not answer)"] == "unknown"
    assert [state for text, state in states.items() if text.startswith("n3 toy: is it as")] == [
        "unknown"
    ]


def test_a_component_behind_one_that_fails_is_not_known(driver: Driver, site: Site) -> None:
    driver.system(
        "pair",
        first={"up": lambda ask: 1 / 0 if not ask else broken()},
        second={"up": lambda ask: ()},
    )
    findings = site.watch().data["findings"]
    drift = {item["name"]: item["state"] for item in findings if item["kind"] == "drift"}
    assert drift == {"toy": "ok", "pair.first": "unknown", "pair.second": "unknown"}


def broken() -> None:
    raise FairleadError("toy", "cannot be planned", "mend it")


def test_runs_that_were_left_open_are_told(site: Site) -> None:
    run = site.driver["n1"].do(Step(name="a", do=("true",)))
    (site.driver["n1"].state / "runs" / run.name / "state").unlink()
    site.driver["n2"].ask(lease=a_run(who="bob@home"))
    answer = site.watch()
    assert [line.split("  ")[-1].strip() for line in answer.text.splitlines()[1:]] == [
        f"n1: inv toy.up of ann@desk (run {run.name}): left open",
        "inv runs.recover --host=n1",
    ]


@pytest.mark.parametrize(
    ("warn_within", "critical_within", "state"),
    [("10d", "7d", "ok"), ("30d", "7d", "warning"), ("30d", "25d", "critical")],
)
def test_secrets_have_days(
    smithy: Smithy,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    warn_within: str,
    critical_within: str,
    state: str,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    smithy.show_secrets(generate=True)
    context = smithy.driver.context()
    answer = chores.watch(
        context, Common(), warn_within=warn_within, critical_within=critical_within
    )
    by_name = {item["name"]: item for item in answer.data["findings"]}
    assert (by_name["n1.crt"]["state"], by_name["n1.crt"]["days"]) == (state, 20)
    command = "" if state == "ok" else "inv smith.secrets --rotate --name=n1.crt"
    assert by_name["n1.crt"]["command"] == command
    assert by_name["token"]["sentence"] == "secret token is missing"
    assert (by_name["token"]["state"], answer.code) == ("critical", 7)
    metrics = monitoring_text(answer.data["findings"])
    assert 'fairlead_secret_days{site="s",secret="n1.crt"} 20' in metrics


def monitoring_text(findings: list[dict[str, Any]]) -> str:
    return monitoring.prometheus_text("s", [Finding(**item) for item in findings], 0, 0)


def test_nagios_gets_its_own_exit_codes(site: Site) -> None:
    assert site.watch(nagios=True).code == 0
    site.drifts = {"n1"}
    assert site.watch(nagios=True).code == 1
    site.status = {"n2": HIDDEN}
    assert site.watch(nagios=True).code == 3
    site.status |= {"n1": DOWN}
    answer = site.watch(nagios=True)
    assert (answer.code, answer.text.count("\n")) == (2, 0)
    assert answer.text.endswith("| ok=6 warning=1 critical=1 unknown=1")


def test_nagios_is_told_in_its_own_way_that_the_site_cannot_be_read(site: Site) -> None:
    def unreadable() -> None:
        raise FairleadError("sites/x.yml:3", "is no | YAML", "mend it")

    context = site.driver.context()
    context.site = unreadable
    answer = chores.watch(context, Common(), nagios=True)
    line = "FAIRLEAD UNKNOWN - sites/x.yml:3: is no / YAML; mend it"
    assert (answer.code, answer.text) == (3, line)
    with pytest.raises(FairleadError):
        chores.watch(context, Common())


def test_ten_watches_over_a_change_send_one_message(site: Site) -> None:
    command, log = site.listener()
    for number in range(10):
        if number == 4:
            site.status = {"n1": DOWN}
        site.watch(command=(command,))
    assert messages(log) == [
        "fairlead test: CRITICAL: 1 not well\n\n"
        "CRITICAL  n1 toy is not well (container: none)\n"
        "          inv toy.up --host=n1\n\n"
        "1 not well at test now\n"
    ]


def test_what_is_well_again_is_told_once(site: Site) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}
    site.watch(command=(command,))
    site.status = {}
    for _ in range(2):
        site.watch(command=(command,))
    assert [text.split("\n")[0] for text in messages(log)] == [
        "fairlead test: CRITICAL: 1 not well",
        "fairlead test: OK: 1 well again",
    ]


def test_a_message_that_did_not_go_is_sent_the_next_time_on_that_channel_alone(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}
    answer = site.watch(command=("false", command))
    assert "fairlead: --command=false: ended with 1" in capsys.readouterr().err
    assert "--command=false: ended with 1; run it by hand to see why" in answer.text
    assert [item["kind"] for item in answer.data["findings"] if item["state"] == "unknown"] == [
        "watch"
    ]
    second = site.folder / "second"
    again = command.replace(str(log), str(second))
    site.watch(command=("false", command))
    site.watch(command=(again, command))
    assert (len(messages(log)), len(messages(second))) == (1, 1)


def test_a_message_that_cannot_be_noted_goes_out_at_each_watch_until_there_is_room(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(memory.files.os, "fsync", full)
        for number in (1, 2):
            answer = site.watch(command=(command,))
            assert "No space left on device" in answer.text
            assert (answer.data["state"], len(messages(log))) == ("critical", number)
    for _ in range(2):
        site.watch(command=(command,))
    assert len(messages(log)) == 3


def test_a_disk_that_is_full_once_it_is_sent_does_not_make_it_be_sent_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}

    def full(*words: Any) -> None:
        raise FairleadError("memory", "cannot be written", "make room")

    with monkeypatch.context() as patch:
        patch.setattr(memory.Memory, "remember", full)
        site.watch(command=(command,))
        assert capsys.readouterr().err == "fairlead: memory: cannot be written; make room\n"
    site.watch(command=(command,))
    assert len(messages(log)) == 1


def test_where_a_watch_was_killed_while_it_said_it_that_is_said_with_a_remark(site: Site) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}
    killed_while_it_says(site.driver.site().path, f"command {command}")
    for _ in range(2):
        site.watch(command=(command,))
    (text,) = messages(log)
    assert "Perhaps you know this already: the watch before was ended" in text


def test_what_was_perhaps_said_is_over_is_said_too(site: Site) -> None:
    path = site.driver.site().path
    killed_while_it_says(path, "mail a@b")
    with memory.opened(path, ()) as known:
        assert [item.state for item in known.news("mail a@b", [finding("n1", "ok")])] == ["ok"]
        assert [item.state for item in known.news("mail a@b", [])] == ["ok"]
        with known.saying("mail a@b", []):
            pass
        assert known.news("mail a@b", [finding("n1", "ok")]) == ()


def killed_while_it_says(path: str, channel: str) -> None:
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        known = stack.enter_context(memory.opened(path, ()))
        stack.enter_context(known.saying(channel, [finding("n1")]))
        raise KeyboardInterrupt


def finding(host: str, state: str = "critical") -> Finding:
    return Finding(kind="status", host=host, name="toy", state=state, sentence=f"{host} toy is so")


def test_a_dry_run_tells_and_remembers_nothing(site: Site) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}
    file = site.folder / "x.prom"
    answer = site.watch(dry_run=True, command=(command,), prometheus=str(file))
    assert (answer.code, messages(log), file.exists()) == (1, [], False)
    site.watch(command=(command,))
    assert len(messages(log)) == 1


@pytest.fixture
def unwritable(site: Site) -> Path:
    """The state folder cannot be made; for root a read-only one has to be of this kind."""
    (site.folder / "state").write_text("no folder")
    return site.folder / "state/fairlead/watch"


def test_where_nothing_can_be_remembered_it_is_looked_all_the_same(
    site: Site, unwritable: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.status = {"n1": DOWN}
    answer = site.watch()
    assert "CRITICAL  n1 toy is not well (container: none)" in answer.text
    assert capsys.readouterr().err == (
        f"fairlead: {unwritable}: cannot be written (Not a directory); make it yours, or name "
        "another in XDG_STATE_HOME\n"
    )
    assert site.watch(nagios=True).code == 2
    capsys.readouterr()
    assert site.watch(dry_run=True).code == 1
    assert capsys.readouterr().err == ""


def test_where_nothing_can_be_remembered_a_message_too_many_goes_out_and_that_is_told(
    site: Site, unwritable: Path
) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}
    for _ in range(2):
        assert f"{unwritable}: cannot be written" in site.watch(command=(command,)).text
    assert len(messages(log)) == 2


def test_a_dry_run_is_in_no_watch_s_way(site: Site) -> None:
    with memory.opened(str(site.driver.site().path), ()):
        assert site.watch(dry_run=True).code == 0


def test_two_watches_of_a_site_do_not_run_at_once(site: Site) -> None:
    path = site.driver.site().path
    with memory.opened(path, ()), pytest.raises(Locked, match="another inv watch of this site"):
        site.watch()
    assert site.watch().code == 0


def test_a_memory_that_is_none_is_refused(site: Site) -> None:
    site.watch()
    (file,) = (site.folder / "state" / "fairlead" / "watch").glob("*.json")
    file.write_text("[]")
    with pytest.raises(FairleadError, match="is no memory of inv watch; take the file away"):
        site.watch()


def test_hosts_that_are_named_have_a_memory_of_their_own(site: Site) -> None:
    command, log = site.listener()
    site.status = {"n1": DOWN}
    site.watch(command=(command,))
    answer = site.watch("n2", command=(command,))
    assert (answer.code, {item["host"] for item in answer.data["findings"]}) == (0, {"n2"})
    site.watch(command=(command,))
    assert len(messages(log)) == 1


def test_the_file_for_prometheus_is_what_its_own_client_reads(site: Site) -> None:
    site.status = {"n1": DOWN, "n2": HIDDEN}
    site.drifts = {"n3"}
    file = site.folder / "fairlead.prom"
    site.watch(prometheus=str(file))
    families = {family.name: family for family in text_string_to_metric_families(file.read_text())}
    assert {family.type for family in families.values()} == {"gauge"}

    def values(name: str) -> dict[str, float]:
        return {sample.labels["host"]: sample.value for sample in families[name].samples}

    assert values("fairlead_status_state") == {"n1": 2, "n2": 3, "n3": 0}
    assert values("fairlead_drift_state") == {"n1": 0, "n2": 0, "n3": 1}
    assert values("fairlead_run_state") == {"n1": 0, "n2": 0, "n3": 0}
    assert file.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in site.folder.glob("*prom*")] == ["fairlead.prom"]


def test_a_file_for_prometheus_may_lie_at_home(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(site.folder))
    site.watch(prometheus="~/fairlead.prom")
    assert (site.folder / "fairlead.prom").exists()


def test_a_file_for_prometheus_is_written_whole_or_not_at_all(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = site.folder / "fairlead.prom"
    site.watch(prometheus=str(file))
    before = file.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(chores.memory.Memory, "remember", lambda *words: None)
    monkeypatch.setattr(chores.files.os, "fsync", full)
    with pytest.raises(FairleadError, match="cannot be written .No space left on device."):
        site.watch(prometheus=str(file))
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"prometheus": "x.txt"}, "--prometheus: 'x.txt' is not read by node_exporter; end its"),
        ({"prometheus": "/nowhere/x.prom"}, "--prometheus: there is no folder /nowhere; make it"),
        ({"mail": ("ops",)}, "--mail: 'ops' is no address; write ops@example.org"),
        (
            {"webhook": ("ftp://x",)},
            "--webhook: 'ftp://x' is no URL; write https://..., or secret:",
        ),
        ({"command": ("'",)}, "--command: .*No closing quotation; quote it as in sh"),
        ({"mail": ("a@b",), "mail_server": "mail:smtp"}, "--mail-server: 'mail:smtp' is no server"),
        ({"mail": ("a@b",), "mail_server": ""}, "--mail-server: '' is no server; write NAME,"),
        ({"command": (" ",)}, "--command: is empty; name a program and its words"),
        ({"warn_within": "soon"}, "--warn-within"),
    ],
)
def test_what_cannot_be_meant_is_refused(site: Site, flags: Any, sentence: str) -> None:
    with pytest.raises(CommandLineError, match=sentence):
        site.watch(**flags)


class Webhook(http.server.BaseHTTPRequestHandler):
    """Stands in for a chat's webhook: takes what comes, and knows nothing of its meaning."""

    code, bodies = 200, []

    def do_POST(self) -> None:
        self.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.code)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *words: Any) -> None: ...


class Smtp(socketserver.StreamRequestHandler):
    """Stands in for a mail server: says yes to all, as a real one would not."""

    mails: list[str] = []
    refusal = b""  # what RCPT is answered
    is_endless = False  # as a tarpit: what answers first goes on and on

    def handle(self) -> None:
        with suppress(OSError):
            while self.is_endless:
                self.wfile.write(b"220-mail\r\n")
                time.sleep(0.05)
            self._talk()

    def _talk(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        while line := self.rfile.readline():
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                self.mails.append("".join(self._data()))
            if line.upper().startswith(b"RCPT") and self.refusal:
                self.wfile.write(self.refusal)
                continue
            self.wfile.write(b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 ok\r\n")

    def _data(self) -> Iterator[str]:
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            yield line.decode()


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Webhook, "bodies", [])
    monkeypatch.setattr(Webhook, "code", 200)
    monkeypatch.setattr(Smtp, "mails", [])
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    for server in (web, mail):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield SimpleNamespace(
        url=f"http://127.0.0.1:{web.server_address[1]}/hook",
        mail=f"127.0.0.1:{mail.server_address[1]}",
    )
    monkeypatch.setattr(Smtp, "is_endless", False)
    for server in (web, mail):
        server.shutdown()
        server.server_close()


def test_a_webhook_gets_one_document(site: Site, servers: SimpleNamespace) -> None:
    site.status = {"n1": DOWN}
    for _ in range(3):
        site.watch(webhook=(servers.url,))
    (body,) = Webhook.bodies
    assert (body["site"], body["state"]) == ("test", "critical")
    assert body["news"][0]["command"] == "inv toy.up --host=n1"
    assert "CRITICAL  n1 toy is not well" in body["text"]


@pytest.mark.parametrize("code", [500, 302])
def test_a_webhook_that_does_not_take_it_is_told(
    site: Site, servers: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    monkeypatch.setattr(Webhook, "code", code)
    site.status = {"n1": DOWN}
    answer = site.watch(webhook=(servers.url,))
    assert f"--webhook={servers.url}: did not take it" in answer.text
    site.watch(webhook=(servers.url,))
    assert len(Webhook.bodies) == 2


def test_a_webhook_of_the_store_is_shown_nowhere(site: Site, servers: SimpleNamespace) -> None:
    context = site.driver.context()
    url = f"{servers.url}/T0KEN-a-long-one"

    def secret(name: str) -> Secret:
        value = Secret(url.encode())
        context.redactor.add(value)
        return value

    context.secret = secret
    site.status = {"n1": DOWN}
    answer = chores.watch(context, Common(), webhook=("secret:hook",))
    assert len(Webhook.bodies) == 1
    states = [path.read_text() for path in (site.folder / "state").rglob("*.json")]
    assert not any("T0KEN" in text for text in (answer.text, *states))


def test_a_mail_has_the_subject_and_the_command(site: Site, servers: SimpleNamespace) -> None:
    site.status = {"n1": DOWN}
    for _ in range(2):
        site.watch(mail=("ops@example.org",), mail_server=servers.mail)
    (mail,) = Smtp.mails
    assert "Subject: fairlead test: CRITICAL: 1 not well" in mail
    assert "inv toy.up --host=n1" in mail


def test_a_mail_that_nobody_takes_is_told(site: Site) -> None:
    site.status = {"n1": DOWN}
    answer = site.watch(mail=("ops@example.org",), mail_server="127.0.0.1:1")
    assert "--mail=ops@example.org: 127.0.0.1:1 did not take it (Connection refused)" in answer.text


def test_what_a_mail_server_says_is_told(
    site: Site, servers: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Smtp, "refusal", b"550 5.1.1 no such user\r\n")
    site.status = {"n1": DOWN}
    answer = site.watch(mail=("ops@example.org",), mail_server=servers.mail)
    assert f"{servers.mail} did not take it (550 5.1.1 no such user)" in answer.text


def test_a_mail_server_that_talks_without_end_is_left_in_time(
    site: Site, servers: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Smtp, "is_endless", True)
    monkeypatch.setattr(sending, "TIMEOUT", 0.5)
    site.status = {"n1": DOWN}
    answer = site.watch(mail=("ops@example.org",), mail_server=servers.mail)
    assert f"{servers.mail} did not take it (it has not ended within 0.5 s)" in answer.text


def test_a_mail_server_may_be_an_address_of_ipv6(site: Site) -> None:
    site.status = {"n1": DOWN}
    answer = site.watch(mail=("ops@example.org",), mail_server="[::1]:1")
    assert "[::1]:1 did not take it (Connection refused)" in answer.text


def install(site: Site, **flags: Any) -> Any:
    return chores.install(site.driver.context(), Common(), **flags)


def test_a_service_and_a_timer_are_written(site: Site) -> None:
    folder = site.folder / "units"
    answer = install(
        site,
        every="10m",
        to=str(folder),
        mail=("ops@example.org",),
        command=("logger -t '50% $HOME'",),
    )
    service = (folder / "fairlead-watch-test.service").read_text()
    assert f"--site={site.driver.site().path}" in service
    assert "\"--command=logger -t '50%% $$HOME'\"" in service
    assert "OnUnitActiveSec=600\n" in (folder / "fairlead-watch-test.timer").read_text()
    control = "systemctl --user"
    assert answer.text.splitlines()[2].split(" && ") == [
        f"{control} daemon-reload",
        f"{control} enable --now fairlead-watch-test.timer",
    ]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_reads_the_units_without_a_word(site: Site) -> None:
    folder = site.folder / "units"
    install(site, to=str(folder), command=("logger -t '50% $HOME' \"a\\b\"",))
    units = sorted(map(str, folder.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True
    )
    own = [line for line in done.stderr.splitlines() if "fairlead-watch" in line]
    assert (done.returncode, own) == (0, [])


def inv(*words: str) -> "subprocess.CompletedProcess[str]":
    argv = (sys.executable, "-m", "fairlead", *words)
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)


def words_of(unit: Path) -> list[str]:
    """What systemd would begin: the words of ExecStart, its own marks undone."""
    (line,) = re.findall("^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(line)]


def test_the_unit_begun_by_hand_ten_times_over_a_change_sends_one_message(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    command, log = site.listener()
    file, units = site.folder / "one.yml", site.folder / "units"
    sites = [f"hosts: {{ps1: {{address: 127.0.0.1, port: 1}}}}\n{more}" for more in MORE]
    file.write_text(sites[0])
    done = inv("watch.install", f"--site={file}", f"--to={units}", f"--command={command}")
    assert done.returncode == 0, done.stderr
    words = words_of(units / "fairlead-watch-one.service")
    codes = []
    for number in range(10):
        file.write_text(sites[number >= 4])
        codes.append(subprocess.run(words, cwd=ROOT, capture_output=True).returncode)
    assert codes == [1] * 4 + [5] * 6  # nothing was learnt; then a host that does not answer
    assert [text.split("\n")[0] for text in messages(log)] == ["fairlead one: CRITICAL: 3 not well"]


def test_a_dry_run_of_the_installation_shows_and_writes_nothing(site: Site) -> None:
    folder = site.folder / "units"
    answer = chores.install(site.driver.context(), Common(dry_run=True), to=str(folder))
    assert (folder.exists(), "ExecStart=" in answer.text) == (False, True)


def test_the_units_name_the_files_that_open_the_secrets(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_IDENTITY", "/root/my key")
    text = install(site, to=str(site.folder)).data["files"]
    (service,) = [value for path, value in text.items() if path.endswith(".service")]
    assert 'Environment="FAIRLEAD_IDENTITY=/root/my key"\n' in service
    line = install(site, cron=True, mail=("a@b",)).text
    assert " && env 'FAIRLEAD_IDENTITY=/root/my key' " in line


def test_cron_gets_a_line(site: Site) -> None:
    line = install(site, cron=True, every="10m", command=("date +%s",)).text
    assert line.startswith("*/10 * * * * cd ")
    assert "'--command=date +\\%s'" in line
    assert install(site, cron=True, every="2h", command=("x",)).text.startswith("0 */2 * * * ")


def test_what_cron_begins_gets_its_words_and_its_path_as_they_are_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"relative:{tmp_path}/100% bin:/usr/bin:/bin:/bin")
    folder = tmp_path / "it's 50%  here"
    folder.mkdir()
    script = "import json, os, sys; json.dump([os.environ['PATH'], sys.argv[1:]], open('got', 'w'))"
    words = ("--command=date +%s \\ '$HOME'", "--host=n[1-2]", "")
    program = (sys.executable, "-c", script, *words)
    unit = units.Unit("test", str(folder), program, 600, units._environment())
    command = units.cron_line(unit).split(" ", 5)[5]
    environment = {"PATH": "/usr/bin:/bin", "HOME": "/", "SHELL": "/bin/sh"}
    as_cron = re.split(r"(?<!\\)%", command)[0].replace("\\%", "%")
    subprocess.run(["/bin/sh", "-c", as_cron], env=environment, cwd="/", check=True)
    assert json.loads((folder / "got").read_text()) == [
        f"{tmp_path}/100% bin:/usr/bin:/bin",
        list(words),
    ]


@pytest.mark.parametrize(
    ("every", "times"),
    [
        ("60s", "*/1 * * * *"),
        ("30m", "*/30 * * * *"),
        ("60m", "0 */1 * * *"),
        ("12h", "0 */12 * * *"),
        ("24h", "0 0 * * *"),
    ],
)
def test_what_cron_can_keep_is_kept(site: Site, every: str, times: str) -> None:
    line = install(site, cron=True, every=every, command=("x",)).text
    assert line.startswith(f"{times} cd ")


@pytest.mark.parametrize(
    ("every", "nearest"),
    [("90s", "1m"), ("7m", "6m"), ("45m", "30m"), ("90m", "1h"), ("5h", "4h"), ("48h", "24h")],
)
def test_what_cron_would_not_do_evenly_is_refused(site: Site, every: str, nearest: str) -> None:
    with pytest.raises(CommandLineError, match=f"--every: cron keeps no .*; write {nearest}$"):
        install(site, cron=True, every=every, command=("x",))


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("echo 'a\nb'", "--cron: cron takes no word with a line break; put it into a script"),
        ("echo " + 998 * "x", "--cron: the line has more than 998 bytes"),
    ],
)
def test_a_line_that_cron_would_not_take_is_refused(
    site: Site, command: str, sentence: str
) -> None:
    with pytest.raises(CommandLineError, match=sentence):
        install(site, cron=True, command=(command,))


def test_a_unit_of_the_machine_is_of_who_we_are_whatever_su_has_left(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = site.folder / "system"
    monkeypatch.setattr(units, "SYSTEM", folder)
    monkeypatch.setenv("LOGNAME", "somebody-else")
    install(site, to=str(folder))
    service = (folder / "fairlead-watch-test.service").read_text()
    assert f"User={pwd.getpwuid(os.getuid()).pw_name}\n" in service


def test_a_path_with_a_dollar_is_as_it_is_in_the_environment_of_a_unit(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_IDENTITY", "/keys/$me 5%")
    (service, _) = install(site, to=str(site.folder)).data["files"].values()
    assert 'Environment="FAIRLEAD_IDENTITY=/keys/$me 5%%"\n' in service


def test_a_line_of_cron_that_would_tell_nobody_is_refused(site: Site) -> None:
    with pytest.raises(CommandLineError, match="--cron: nobody would be told; give --mail"):
        install(site, cron=True)


def test_too_often_is_refused(site: Site) -> None:
    with pytest.raises(CommandLineError, match="--every: 1 s is too often; 60s or more"):
        install(site, every="1s", to="x")
