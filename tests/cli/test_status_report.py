"""inv status --report: the page beside the answer; what it must not write over."""

from pathlib import Path
from typing import Any

import pytest

from fairlead.cli.cli_tasks import ReportTask
from fairlead.cli.invocation import CommandCall, VerbCall
from fairlead.cli.status_report import write_report
from fairlead.contract.component import ComponentVerb
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Ask, Secret, Status
from fairlead.output.journal import Journal
from fairlead.runner.request import Common, Request
from tests.cli.smithy import Smithy
from tests.driver import Driver


def status(ask: Ask) -> Status:
    return Status(ask.target.host != "n2", (("version", "1.2"),))


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def write(driver: Driver, path: Path, **common: Any) -> Any:
    context = driver.context()
    return write_report(Request(verb="status"), context, Common(**common), report=str(path))


def test_the_page_stands_beside_the_answer(driver: Driver, tmp_path: Path) -> None:
    driver.system(server={"status": status, "up": lambda ask: ()})
    driver.watcher.ended = Journal().ended  # what an up would leave
    driver.perform("up")
    page = tmp_path / "page.html"
    answer = write(driver, page)
    assert (answer.code, answer.data["report"]) == (1, str(page))
    text = page.read_text()
    assert all(word in text for word in ("n[1-3]", "1.2", "inv toy.up", "n2: not well"))
    assert page.stat().st_mode & 0o777 == 0o644


def test_the_page_may_lie_at_home(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    driver.system(server={"status": status})
    write(driver, Path("~/page.html"))
    assert (tmp_path / "page.html").exists()


def test_a_dry_run_writes_no_page(driver: Driver, tmp_path: Path) -> None:
    driver.system(server={"status": status})
    write(driver, tmp_path / "page.html", dry_run=True)
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("site.yml", "is no name of a page; end it with .html"),
        ("nowhere/x.html", "there is no folder .*/nowhere; make it"),
    ],
)
def test_nothing_else_is_written_over(
    driver: Driver, tmp_path: Path, name: str, sentence: str
) -> None:
    driver.system(server={"status": status})
    with pytest.raises(CommandLineError, match=sentence):
        write(driver, tmp_path / name)
    assert driver.programs("") == {}


def test_certificates_have_their_days_and_no_secret_stands_on_the_page(
    smithy: Smithy, tmp_path: Path
) -> None:
    smithy.show_secrets(generate=True)
    smithy.store.write("token", Secret(b"a-token-of-many-letters"))
    leaking = Status(True, (("version", "1.2"), ("says", "a-token-of-many-letters")))
    smithy.driver.system("toy", hosts="n[1-2]", server={"status": lambda ask: leaking})
    page = tmp_path / "page.html"
    write(smithy.driver, page)
    text = page.read_text()
    assert "n1.crt" in text
    assert ">20<" in text
    assert "a-token" not in text


def call(**raw: Any) -> Any:
    verb = ComponentVerb("status", status)
    return ReportTask("toy.status", "status", "toy", "", lambda: (verb,)).make_call(raw, ())


def test_without_report_it_is_the_verb_itself() -> None:
    assert isinstance(call(), VerbCall)
    assert isinstance(call(report="x.html"), CommandCall)
