"""A daemon.json is edited where its keys stand."""

import json

import pytest

from fairlead.contract.loader import Plugins

VALUES = {"mtu": 9000, "live-restore": True}
CASES = {  # before -> after
    "": '{\n  "mtu": 9000,\n  "live-restore": true\n}\n',
    "{}": '{\n  "mtu": 9000,\n  "live-restore": true\n}',
    '{"a": 1.50}': '{"a": 1.50,\n  "mtu": 9000,\n  "live-restore": true\n}',
    '{ "mtu" :1500 , "a": "\\u00e9" }\n': (
        '{ "mtu": 9000 , "a": "\\u00e9",\n  "live-restore": true }\n'
    ),
    '{\n\t"labels": ["caf\udce9"],\n\t"bip": "10.1.0.1/24",\n\t"mtu": 1e3\n}\n\n': (
        '{\n\t"labels": ["caf\udce9"],\n\t"mtu": 9000,\n\t"live-restore": true\n}\n\n'
    ),
    '{"live-restore":true,\n "log-opts": {"x": "}"}, "mtu":9000}': (
        '{"live-restore":true,\n "log-opts": {"x": "}"}, "mtu":9000}'
    ),
    '{\n  "mtu": true, "bip": ""\n}\n': '{\n  "mtu": 9000,\n  "live-restore": true\n}\n',
    '{"bip": ""}\n': '{\n  "mtu": 9000,\n  "live-restore": true\n}\n',
}


@pytest.mark.parametrize("before", CASES)
def test_what_nobody_asks_for_stays_as_it_is_written(plugins: Plugins, before: str) -> None:
    from fairlead_plugins.triumf.engine.json_text import edited

    after = edited(before, VALUES, ("bip",))
    assert after == CASES[before]
    assert edited(after, VALUES, ("bip",)) == after
    kept = {key: value for key, value in json.loads(before or "{}").items() if key != "bip"}
    assert json.loads(after) == kept | VALUES


def test_a_key_of_ours_that_goes_leaves_an_empty_object(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.engine.json_text import edited

    assert edited('{"bip": ""}', {}, ("bip",)) == "{\n}"
