"""Editors get a JSON Schema of the site file."""

from fairlead.inventory.schema import schema
from tests.inventory.ropes import SYSTEMS


def test_editors_get_a_schema():
    whole = schema(SYSTEMS)
    assert list(whole["properties"]) == [
        "extends",
        "hosts",
        "groups",
        "sources",
        "offline",
        "ssh",
        "secrets",
        "windows",
        "require_reason",
        "announcements",
        "syslog",
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


def test_a_source_may_have_any_name_and_its_kind_is_said(plugins) -> None:
    kinds = {name: plugins.source(name).Settings for name in plugins.sources}
    whole = schema(plugins.systems, plugins.settings(), kinds)
    *forms, nothing = whole["properties"]["sources"]["additionalProperties"]["anyOf"]
    assert nothing == {"type": "null"}
    assert {form["properties"]["from"]["const"] for form in forms} == set(plugins.sources)
    assert all(form["additionalProperties"] is False for form in forms)


def test_descriptions_are_without_the_lines_of_the_source(plugins) -> None:
    parts = schema(plugins.systems, plugins.settings())["$defs"].values()
    descriptions = [part["description"] for part in parts if "description" in part]
    assert len(descriptions) > 10
    assert [text for text in descriptions if "\n " in text] == []
