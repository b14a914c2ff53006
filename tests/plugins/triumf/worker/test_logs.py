"""The logs of condor, and of a worker's container."""

from typing import Any

import pytest

from fairlead.contract.loader import Plugins
from tests.plugins.triumf.worker.engine import ask


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ("100", "", "/var/log/vn0317", "/var/log/vn0318")),
        ({"worker": "vn0318", "follow": True, "tail": 5}, ("5", "-F", "/var/log/vn0318")),
    ],
)
def test_condor_s_own_logs_are_shown(
    plugins: Plugins, options: dict[str, Any], words: tuple[str, ...]
) -> None:
    session = plugins.ask(ask(plugins, "logs", options=options))
    assert (session.argv[4:], session.follow) == (words, bool(options.get("follow")))


def test_what_the_container_itself_has_said(plugins: Plugins) -> None:
    session = plugins.ask(
        ask(plugins, "logs", options={"worker": "vn0318", "container": True, "follow": True})
    )
    assert session.argv == ("docker", "logs", "-f", "--tail", "100", "vn0318")
