"""daos_server.yml, daos_agent.yml and daos_control.yml: what the site says, and what follows.

Keys: utils/config of the DAOS project.
"""

from collections.abc import Mapping
from typing import Any

from fairlead.api import Noun, yamlfile

from ..site import Daos

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
    """The whole configuration of a component; {} where it is a file of the user's."""
    own = getattr(site, component).config
    return {} if isinstance(own, str) else {**defaults(site, component), **own}


def config(site: Daos, component: str, folder: str) -> ConfigFile:
    """The configuration of a component, to lie in the folder of its image."""
    own, path = getattr(site, component).config, f"{folder}/{NAMES[component]}"
    if isinstance(own, str):
        return ConfigFile(path, copy_of=own)
    head = f"{NAMES[component]}, written by fairlead from daos.{component}.config of the site"
    return ConfigFile(path, text=yamlfile.write(content(site, component), head))
