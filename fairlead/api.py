"""The door: everything that a plugin's author imports.

Each name is fetched from its room when it is first asked for, so that a plugin costs at start-up only what it uses.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass

_PLACES = {
    "contract.hookspecs": ("Steps", "hookimpl", "verb"),
    "inventory.types": (
        *("AbsolutePath", "Address", "Architecture", "Clash", "ContainerName", "HostName"),
        *("ImageName", "Interface", "InterfaceAddress", "Network", "NodeSet", "OneHost"),
        *("PackageName", "Port", "PublicKey", "SecretName", "Tag", "TimeZone", "Url"),
        *("UserName", "Version", "nearest", "text"),
    ),
    "model.errors": (
        *("CommandLineError", "FairleadError", "PluginError", "SecretError", "SiteError"),
    ),
    "model.plan": (
        *("Argv", "Ask", "Check", "Command", "EngineFacts", "Fact", "HostFacts", "Noun"),
        *("Phase", "Registered", "Secret", "SecretSpec", "Sequence", "Session", "Status"),
        *(
            "Step",
            "StoreAccess",
            "System",
            "Target",
            "Word",
            "either",
            "not_",
            "pipe",
            "same",
            "then",
        ),
    ),
    "operations.argv.docker": ("Container", "Volume"),
    "operations.container.state": ("ContainerState",),
    "operations.files": ("PlacedFile", "SecretFile"),
    "operations.journald": ("Logs",),
    "secrets.passwords": ("password_maker",),
}
_ROOMS = {
    "inventory": ("nodesets", "yamlfile"),
    "operations": (
        *("checks", "digest", "engine", "facts", "files", "journald", "packages", "script"),
    ),
    "operations.argv": ("compose", "docker"),
    "operations.container": ("lifecycle", "state", "steps", "upgrade"),
    "operations.network": ("bridge", "docker_network", "persistence", "veth"),
    "operations.swarm": ("cluster", "stack"),
    "secrets": ("authority", "certificates"),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted((*_MODULE_OF, *_ROOM_OF))


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        value = getattr(import_module(f"fairlead.{_MODULE_OF[name]}"), name)
    elif name in _ROOM_OF:
        value = import_module(f"fairlead.{_ROOM_OF[name]}.{name}")
    else:
        raise AttributeError(f"fairlead.api has no {name!r}; docs/hooks.md lists what it has")
    globals()[name] = value
    return value
