"""Whatever somebody types, it is done, or refused in a sentence with an exit code that scripts
know; a verb is asked for only if the line names it."""

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.cli.options import BY_FLAG
from fairlead.cli.program import Program
from fairlead.contract import verbs
from fairlead.model.results import HostResult, RunResult
from fairlead.runner import driver
from fairlead.runner.request import Common, Request
from tests.fuzz.strange import examples

ROOT = Path(__file__).parents[2]
SYSTEMS = ("perfsonar", "xcat", "daos")
SITE = """\
hosts: {"n[1-3]": {}}
perfsonar: {hosts: "n[1-2]"}
xcat: {hosts: n3, network: bare, bridge: {address: 10.0.0.3/24}, address: 10.0.0.9/24}
daos: {version: 2.4.0-2.el8, server: {hosts: n1, config: {}}}
"""
COMPONENTS = (*SYSTEMS, "daos.server", "daos.pool", "nonesuch", "daos.nonesuch", "")
CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130}
VALUES = (*("n1", "n[1-2]", "n9", "n[", "@io", "", "-1", "0", "1", "5m", "25%", "1,5,25%", "x"),)
# a plan is written after a dry run, and may be refused then
FLAGS = (*(flag for flag in BY_FLAG if flag != "--plan"), "--to", "--name")


@pytest.fixture
def requests(ops: Path, monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What the driver is asked for, in an ops repository of real systems; it does nothing."""
    for name in (*SYSTEMS, "stores"):
        (ops / "plugins" / name).symlink_to(ROOT / "plugins" / name)
    site = ops / "sites" / "fuzz.yml"
    site.parent.mkdir()
    site.write_text(SITE)
    monkeypatch.setenv("FAIRLEAD_SITE", str(site))
    asked: list[Request] = []

    def perform(request: Request, common: Common, context: driver.Context) -> RunResult:
        asked.append(request)
        row = HostResult(host="n1", system="perfsonar", component="", state="ok", code=0)
        return RunResult(verb=request.verb, site="s", run="r1", hosts=(row,))

    monkeypatch.setattr(driver, "perform", perform)
    return asked


def typed(*argv: str) -> tuple[int, str]:
    """The exit code of a line, and what it prints to people."""
    errors = io.StringIO()
    program = Program(name="fairlead", binary="inv", binary_names=["inv"])
    with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
        code = program.exit_code(["inv", *argv])
    return code, errors.getvalue()


TASKS = st.tuples(st.sampled_from(COMPONENTS), st.sampled_from((*verbs.VERBS, "nonesuch"))).map(
    lambda both: ".".join(filter(None, both))
)
OPTIONS = st.one_of(
    st.sampled_from(FLAGS),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(VALUES) | st.text(max_size=5)).map("=".join),
    st.sampled_from(VALUES),
    st.text(max_size=6),
    st.sampled_from(("--", "-", "---", "=", "--=x", "-hx", "--no-such")),
)
LINES = st.lists(TASKS | OPTIONS | OPTIONS, min_size=1, max_size=6)


@given(line=LINES)
@examples(60)
def test_a_line_is_done_or_refused_in_a_sentence(requests: list[Request], line: list[str]) -> None:
    requests.clear()
    code, errors = typed(*line)
    assert code in CODES, (line, errors)
    assert code != 0 or "fairlead: " not in errors or requests, (line, errors)
    names = {word.rpartition(".")[2] for word in line}
    assert {request.verb for request in requests} <= names
    if code == 2:
        assert not requests
        assert errors.strip(), line


def test_a_good_line_reaches_the_driver(requests: list[Request]) -> None:
    assert typed("perfsonar.up", "--host=n1")[0] == 0
    assert [request.verb for request in requests] == ["up"]
