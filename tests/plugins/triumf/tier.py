"""A Tier-1 of one host in words of a site, and what a component of it is asked."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Secret
from fairlead.testing import BASE, ask_for, faults
from tests.e2e.tier1 import authority, server

PLUGINS = Path(__file__).parents[3] / "plugins"
TLS = {"certificate_secret": "pem", "key_secret": "key", "ca_secret": "ca"}
REGISTRY = {
    "hosts": "n1",
    "name": "n1",
    "address": "192.0.2.1",
    "users": {"t1user": "t1"},
    "tls": TLS,
}
OPTIONS: Mapping[str, Any] = {  # verb -> flags that it has to be given
    "delete": {"image": "a:b"},
    "add": {"user": "t1user"},
    "remove": {"user": "old"},
}


def cases(name: str) -> Any:
    """What stands in plugins/triumf/cases/NAME.yml."""
    return yaml.safe_load((PLUGINS / f"triumf/cases/{name}.yml").read_text())


def secrets(**changes: str) -> dict[str, Secret]:
    """The secrets of REGISTRY."""
    values = {
        "ca": authority().certificate,
        "pem": server().certificate,
        "key": server().key,
        "t1": "correct\n",
    } | changes
    return {name: Secret(value) for name, value in values.items()}


def ask(
    plugins: Plugins,
    component: str,
    verb: str,
    section: Mapping[str, Any] = {},
    facts: Mapping[str, Any] = {},
    **more: Any,
) -> Any:
    """What engine, registry, trust or users are asked. `section`: changes of its parts."""
    others = {part: values for part, values in section.items() if part != "registry"}
    registry = REGISTRY | section.get("registry", {})
    host = replace(BASE["host"], time=int(time.time()))
    return ask_for(
        plugins,
        f"triumf.{component}",
        verb,
        section={"hosts": "n1", "engine": {}, "registry": registry} | others,
        facts=BASE | {"host": host} | facts,
        secrets=more.pop("secrets", secrets()),
        **more,
    )


def preflight(
    plugins: Plugins, component: str, section: Mapping[str, Any] = {}, **facts: Any
) -> dict[str, tuple[bool, bool, str]]:
    """Name of a check -> is it well, does it block, what it found."""
    checks = plugins.ask(ask(plugins, component, "preflight", section, facts))
    assert list(faults(checks)) == []
    return {check.name: (check.ok, check.blocks, check.found) for check in checks}
