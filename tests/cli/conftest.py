"""A command line in an ops repository whose driver does nothing but remember its requests."""

import sys
from types import ModuleType
from typing import Any

import pytest

from fairlead.cli.program import Program
from fairlead.model.errors import StepFailed
from fairlead.model.plan import Noun
from fairlead.model.results import HostResult, RunResult
from fairlead.runner.request import Common
from tests.cli.smithy import Smithy
from tests.keys import made  # noqa: F401 - a fixture


class Request(Noun):
    """The fields of fairlead.runner.request.Request."""

    verb: str
    system: str = ""
    component: str = ""
    options: Any = {}
    argv: tuple[str, ...] = ()


class Context(Noun):
    """The fields of fairlead.runner.driver.Context."""

    plugins: Any
    site: Any
    observers: Any
    confirm: Any
    aside: Any
    store: Any
    environment: Any
    past: Any
    folder: Any = None

    def close(self) -> None:
        """The fake has no links."""


class Line:
    """A command line in the ops repository; remembers what it asked of the driver."""

    def __init__(self, fails: str = ""):
        self.fails, self.requests, self.does = fails, [], None

    def perform(self, request: Request, common: Common, context: Context) -> RunResult:
        self.requests.append((request, common))
        if self.does:
            self.does(context)
        if request.verb == "logs":
            raise StepFailed("toy.server on n1", "no such log", "look elsewhere")
        failed = request.verb == self.fails
        rows = (
            HostResult(
                host="n1",
                system="toy",
                component="server",
                state="failed" if failed else "ok",
                code=int(failed),
            ),
        )
        result = RunResult(verb=request.verb, site="s", run="r1", hosts=rows)
        for observer in context.observers:
            observer.began(request.verb, "s", "r1", ("n1",))
            observer.ended(result)
        return result

    def __call__(self, *argv: str) -> int:
        return Program(name="fairlead", binary="inv", binary_names=["inv"]).exit_code(
            ["inv", *argv]
        )


@pytest.fixture
def inv(ops, monkeypatch) -> Line:
    line = Line()
    fake = ModuleType("fairlead.runner.driver")
    fake.Common, fake.Request, fake.Context, fake.perform = Common, Request, Context, line.perform
    monkeypatch.setitem(sys.modules, "fairlead.runner.driver", fake)
    monkeypatch.setattr("fairlead.runner.driver", fake, raising=False)
    # whether there are copies, a site says, and here is none
    monkeypatch.setattr("fairlead.output.syslog.Syslog.ended", lambda *_: None)
    return line


@pytest.fixture
def smithy(tmp_path, made, monkeypatch) -> Smithy:  # noqa: F811
    return Smithy(
        tmp_path, made, lambda name, module: monkeypatch.setitem(sys.modules, name, module)
    )
