"""Programs that are run for their output."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairlead.model.plan import Ask, NameList, Session
from fairlead.output.json_document import run_document
from fairlead.runner import sessions
from tests.driver import Driver, row, states

MIB = 1 << 20


def runs(*argv: str, **more: Any) -> dict[str, Callable[[Ask], Session]]:
    """exec and logs of a toy."""
    return {"exec": lambda ask: Session(argv, **more), "logs": lambda ask: Session(argv, **more)}


def test_a_host_with_nothing_to_run_is_passed_over(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_stdin", lambda: None)
    driver.system(
        server={
            "exec": lambda ask: (
                Session(("sh", "-c", "echo here; exit 3")) if ask.target.host == "n2" else None
            )
        }
    )
    result = driver.perform("exec")
    assert (states(result), result.code) == ({"n1": "skipped", "n2": "failed", "n3": "skipped"}, 3)
    assert driver.watcher.printed == {"n2": b"here\n"}


@pytest.mark.parametrize(
    ("verb", "first", "last", "which"),
    [("exec", "1\n2\n", "", "first"), ("logs", "", "\n299999\n300000\n", "last")],
)
@pytest.mark.parametrize("options", [{}, {"json": True, "hosts": ("n1",)}])
def test_output_that_is_cut_says_so(
    driver: Driver, verb: str, first: str, last: str, which: str, options: dict[str, Any]
) -> None:
    driver.system(server=runs("seq", "1", "300000"))
    result = driver.perform(verb, **options)
    n1 = row(result, "n1")
    assert (n1.cut, len(n1.output) <= MIB, len(n1.output) > MIB - 10) == (True, True, True)
    assert n1.output.startswith(first)
    assert n1.output.endswith(last)
    assert verb == "exec" or int(n1.output.split("\n", 1)[0]) > 100_000  # no half line
    assert min(result.notes) == (
        f"n1: only the {which} 1 MiB of the 1988895 bytes that it printed is here;"
        " all of it: --host=n1, without --json"
    )
    document = run_document(result)
    assert [host["cut"] for host in document["hosts"]] == [True] * len(result.hosts)


def test_output_that_is_whole_says_nothing(driver: Driver) -> None:
    driver.system(server=runs("head", "-c", str(MIB), "/dev/zero"))
    result = driver.perform("exec")
    assert (len(row(result, "n1").output), row(result, "n1").cut, result.notes) == (MIB, False, ())
    assert "cut" not in run_document(result)["hosts"][0]


@pytest.fixture
def piped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """What is piped into us, more than a pipe holds."""

    def pipe(data: bytes) -> None:
        (tmp_path / "stdin").write_bytes(data)
        file = (tmp_path / "stdin").open("rb")
        monkeypatch.setattr(sessions, "_stdin", lambda: file)

    return pipe


def test_what_is_piped_into_us_goes_to_each_host(
    driver: Driver, piped: Callable[[bytes], None]
) -> None:
    driver.system(server=runs("false", fed_argv=("wc", "-c")))
    piped(b"x" * 3_000_000)
    result = driver.perform("exec")
    assert {row.host: row.output.strip() for row in result.hosts} == {
        f"n{number}": "3000000" for number in (1, 2, 3)
    }


def test_stdin_that_cannot_be_read_is_an_error_of_each_host(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    driver.system(server=runs("cat"))
    folder = os.fdopen(os.open("/proc/self/mem", os.O_RDONLY), "rb")
    monkeypatch.setattr(sessions, "_stdin", lambda: folder)
    result = driver.perform("exec")
    assert (states(result), result.code) == (
        {"n1": "failed", "n2": "failed", "n3": "failed"},
        2,
    )
    assert row(result, "n1").error == (
        "stdin: cannot be read (Input/output error); look at what is piped into us"
    )


def test_logs_of_several_hosts_leave_stdin_alone(
    driver: Driver, piped: Callable[[bytes], None]
) -> None:
    driver.system(server=runs("wc", "-c", fed_argv=("false",)))
    piped(b"x" * 10)
    assert [row.output.strip() for row in driver.perform("logs").hosts] == ["0"] * 3


def first_words(text: str) -> list[str]:
    return [line.split()[0] for line in text.splitlines()]


def test_names_of_a_list_are_learned_of_its_output_alone(driver: Driver) -> None:
    lists = NameList("toy.ropes", first_words)
    driver.system(server=runs("sh", "-c", "echo a 1; echo b 2; echo no >&2", lists=lists))
    result = driver.perform("exec", hosts=("n1",))
    assert row(result, "n1").names == {"toy.ropes": ("a", "b")}
    assert row(driver.perform("exec", hosts=("n1",), json=True), "n1").names == {
        "toy.ropes": ("a", "b")
    }


@pytest.mark.parametrize(
    "argv", [("sh", "-c", "echo a 1; exit 3"), ("seq", "1", "300000")], ids=["failed", "too long"]
)
def test_nothing_is_learned_of_a_list_that_failed_or_is_not_whole(
    driver: Driver, argv: tuple[str, ...]
) -> None:
    driver.system(server=runs(*argv, lists=NameList("toy.ropes", first_words)))
    assert row(driver.perform("exec", hosts=("n1",)), "n1").names == {}
