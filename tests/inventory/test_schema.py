"""Editors get a JSON Schema of the site file."""

from fairlead.inventory.schema import schema
from tests.inventory.ropes import SYSTEMS


def test_editors_get_a_schema():
    whole = schema(SYSTEMS)
    assert list(whole["properties"]) == [
        "extends",
        "hosts",
        "groups",
        "offline",
        "ssh",
        "secrets",
        "rope",
        "tide",
    ]
    rope = whole["$defs"]["Rope"]
    assert (rope["additionalProperties"], rope["patternProperties"]) == (False, {"^x-": {}})
    assert rope["properties"]["tag"]["pattern"].startswith("^(?:")
    assert whole["$defs"]["HostSpec"]["properties"]["port"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 65535,
        "description": "of sshd",
        "default": 22,
    }
