"""The registry's configuration, and what its status says."""

import time

import pytest
import yaml
from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Status
from fairlead.testing import BASE
from tests.e2e.tier1 import authority, server
from tests.plugins.triumf.tier import ask


def test_its_configuration_is_the_documents(plugins: Plugins) -> None:
    from fairlead_plugins.triumf.registry import distribution

    registry = ask(
        plugins,
        "registry",
        "up",
        {"registry": {"name": "roc-policy-sb.triumf.ca", "log_level": "debug"}},
    ).section.registry
    assert yaml.safe_load(distribution.config(registry, "142.90.90.109", distribution.RED_HAT)) == {
        "version": 0.1,
        "log": {"level": "debug", "formatter": "text", "fields": {"service": "registry"}},
        "storage": {
            "delete": {"enabled": True},
            "cache": {"blobdescriptor": "inmemory"},
            "filesystem": {"rootdirectory": "/data/docker/registry"},
        },
        "http": {
            "addr": "142.90.90.109:5000",
            "host": "https://roc-policy-sb.triumf.ca:5000",
            "tls": {
                "certificate": "/etc/grid-security/hostcert.pem",
                "key": "/etc/grid-security/hostkey.pem",
            },
        },
        "auth": {
            "htpasswd": {
                "realm": "basic-realm",
                "path": "/etc/docker-distribution/registry/registry_passwd",
            }
        },
    }


@pytest.mark.parametrize(
    ("address", "addr", "has_remark"),
    [("192.0.2.1", "192.0.2.1:5000", True), ("2001:db8::109", "[2001:db8::109]:5000", False)],
)
def test_it_listens_on_an_address_of_either_kind(
    plugins: Plugins, address: str, addr: str, has_remark: bool
) -> None:
    from fairlead_plugins.triumf.registry import distribution

    registry = ask(plugins, "registry", "up", {"registry": {"address": address}}).section.registry
    content = distribution.config(registry, address, distribution.DEBIAN)
    assert yaml.safe_load(content)["http"]["addr"] == addr
    assert (distribution.REMARK in content) is has_remark


def test_status_says_for_how_long_the_certificate_is_good_and_whether_there_is_room(
    plugins: Plugins,
) -> None:
    from fairlead_plugins.triumf.registry.host_facts import Contents

    files = {
        "/etc/grid-security/hostcert.pem": server().certificate,
        "/etc/docker/registry/ca.crt": authority().certificate,
    }
    later = replace(BASE["host"], time=int(time.time()) + 60)
    facts = {"host": later, "packages": "apt", "files": files, "active": True}
    well = plugins.ask(
        ask(
            plugins,
            "registry",
            "status",
            facts=facts | {"contents": Contents(2, 100_000, 1_000_000)},
        )
    )
    assert well == Status(
        True,
        (
            ("service", "up"),
            ("address", "n1:5000 (192.0.2.1)"),
            ("tls", "89 days left"),
            ("repositories", 2),
            ("size", "102.4 MB"),
            ("room", "1.0 GB free"),
        ),
    )
    full = plugins.ask(
        ask(plugins, "registry", "status", facts=facts | {"contents": Contents(2, 100_000, 10)})
    )
    assert (full.healthy, full.fields[-1]) == (
        False,
        (
            "room",
            "full (0.0 MB free): pushes fail; inv triumf.registry.gc, or a larger file system",
        ),
    )
