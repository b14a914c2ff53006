"""Programs that are run for their output."""

import pytest

from fairlead.model.plan import Session
from fairlead.runner import sessions
from tests.driver import Driver, states


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
