"""daos_server.yml, daos_agent.yml and daos_control.yml: what the site says, and what follows.

Keys: utils/config of the DAOS project.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any

from fairlead.api import Noun, yamlfile

from ..site import Daos
from .releases import Numbers, numbers

CERTS = "/etc/daos/certs"


class ConfigFile(Noun):
    """A configuration file in the folder of its image.

    `path`: where it lies. `text`: what is in it, or `copy_of`: the file on the host that it is a
    copy of.
    """

    path: str
    text: str = ""
    copy_of: str = ""


NAMES = {"server": "daos_server.yml", "agent": "daos_agent.yml", "admin": "daos_control.yml"}
_CLIENTS = {"server": {"client_cert_dir": "clients"}}
_OWN = {
    "server": {"socket_dir": "/var/run/daos_server"},
    "agent": {"runtime_dir": "/var/run/daos_agent"},
}


class Key(Noun, kw_only=True):
    """A key that not every version knows; all of DAOS's programs read their files strictly.

    `since`: the first version that does. `before`: what older ones call it, `turned` how its value
    is said there; "": they have no such key. `is_moot`: without it they do the same.
    """

    name: str
    since: Numbers
    before: str = ""
    turned: Callable[[Any], Any] = lambda value: value
    is_moot: bool = False


# Source: `yaml:"..."` in src/control/server/config/server.go and cmd/daos_agent/config.go, at
# v2.4.1, v2.6.0, v2.6.4, v2.6.5 and v2.8.0.
KEYS: Mapping[str, tuple[Key, ...]] = {
    "server": (
        Key(name="mgmt_svc_replicas", since=(2, 8, 0), before="access_points"),
        Key(
            name="disable_hotplug",
            since=(2, 8, 0),
            before="enable_hotplug",
            turned=lambda value: not value,
        ),
        Key(name="allow_thp", since=(2, 6, 5), is_moot=True),  # nobody refused to start before
        Key(name="allow_numa_imbalance", since=(2, 8, 0)),
        Key(name="control_iface", since=(2, 8, 0)),
        Key(name="disable_engine_auto_restart", since=(2, 8, 0)),
        Key(name="engine_auto_restart_min_delay", since=(2, 8, 0)),
        Key(name="support_config", since=(2, 8, 0)),
    ),
    "agent": (
        Key(name="enable_evict_on_start", since=(2, 6, 0)),
        Key(name="telemetry_enabled", since=(2, 6, 0)),
        Key(name="telemetry_port", since=(2, 6, 0)),
        Key(name="telemetry_retain", since=(2, 6, 0)),
        Key(name="credential_config", since=(2, 8, 0)),
        Key(name="include_fabric_ifaces", since=(2, 8, 0)),
        Key(name="telemetry_disabled_procs", since=(2, 8, 0)),
        Key(name="telemetry_enabled_procs", since=(2, 8, 0)),
    ),
    "admin": (),
}


def defaults(site: Daos, component: str) -> Mapping[str, Any]:
    """What a configuration says where the site says nothing."""
    files = {
        "ca_cert": "daosCA.crt",
        "cert": f"{component}.crt",
        "key": f"{component}.key",
        **_CLIENTS.get(component, {}),
    }
    paths = {} if site.insecure else {key: f"{CERTS}/{name}" for key, name in files.items()}
    return {
        "name": "daos_server",
        "port": 10001,
        **_OWN.get(component, {}),
        "transport_config": {"allow_insecure": site.insecure, **paths},
    }


def content(site: Daos, component: str) -> Mapping[str, Any]:
    """The whole configuration of a component, as its version reads it; {} where it is a file of
    the user's.
    """
    own = getattr(site, component).config
    if isinstance(own, str):
        return {}
    return {**defaults(site, component), **by_version(own, component, site.version)}


def by_version(own: Mapping[str, Any], component: str, version: str) -> Mapping[str, Any]:
    """A map of the site with its keys called as this version calls them."""
    return dict(
        _renamed(name, value, component, version)
        for name, value in own.items()
        if not _is_left_out(name, component, version)
    )


def _renamed(name: str, value: Any, component: str, version: str) -> tuple[str, Any]:
    for key in KEYS[component]:
        is_known = numbers(version) >= key.since
        if name == key.name and key.before and not is_known:
            return key.before, key.turned(value)
        if name == key.before and is_known:
            return key.name, key.turned(value)
    return name, value


def _is_left_out(name: str, component: str, version: str) -> bool:
    """Does a version not know this key, and do what it says without it?"""
    return any(
        key.name == name and key.is_moot and numbers(version) < key.since for key in KEYS[component]
    )


def unknown(names: Container[str], component: str, version: str) -> Iterator[Key]:
    """The keys of a configuration that this version refuses to read."""
    known = [key for key in KEYS[component] if numbers(version) < key.since]
    return (key for key in known if key.name in names)


def config(site: Daos, component: str, folder: str) -> ConfigFile:
    """The configuration of a component, to lie in the folder of its image."""
    own, path = getattr(site, component).config, f"{folder}/{NAMES[component]}"
    if isinstance(own, str):
        return ConfigFile(path, copy_of=own)
    head = f"{NAMES[component]}, written by fairlead from daos.{component}.config of the site"
    return ConfigFile(path, text=yamlfile.write(content(site, component), head))
