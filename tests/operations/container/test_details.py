"""What an engine tells of a container is the same each time, in whatever order it tells it."""

import json
from base64 import b64encode
from collections.abc import Sequence

from fairlead.operations.container.adoption import details


def told(destinations: Sequence[str]) -> str:
    """A line of shell/details.sh about a container with these mounts."""
    mounts = [{"Name": "a" * 64, "Destination": destination} for destination in destinations]
    words = (json.dumps({"mounts": mounts, "host": {}}), "{}", "", "", "")
    return "\t".join(("app", *(b64encode(word.encode()).decode() for word in words))) + "\n"


def test_mounts_that_come_in_another_order_are_no_other_plan() -> None:
    paths = ["/var/run", "/etc/rsyslog.d", "/srv"]
    first, second = (details(0, told(order)) for order in (paths, paths[::-1]))
    assert first == second
    mounts = first["app"].inspected.container["mounts"]
    assert [mount["Destination"] for mount in mounts] == sorted(paths)


def test_a_container_without_mounts_has_none() -> None:
    assert details(0, told(()))["app"].inspected.container["mounts"] == []
