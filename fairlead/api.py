"""The door: everything that a plugin's author imports.

Each name is fetched from its room when it is first asked for, so that a plugin costs at start-up
only what it uses.
"""

# ruff: noqa: F401

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the same names, for whoever reads them without running: editors and mypy
    from fairlead.contract.hookspecs import Steps, hookimpl, verb
    from fairlead.inventory import nodesets, yamlfile
    from fairlead.inventory.packages import BuiltImage, PackagesUrl
    from fairlead.inventory.site import Site
    from fairlead.inventory.types import (
        AbsolutePath,
        Address,
        Clash,
        ContainerName,
        EngineName,
        HostName,
        ImageName,
        Interface,
        InterfaceAddress,
        Network,
        NodeSet,
        OneHost,
        Port,
        RegistryUser,
        SecretName,
        Tag,
        TimeZone,
        Url,
        UserName,
        Version,
        text,
        text_beside,
    )
    from fairlead.model.adoption import HostReport, Proposal, RunningContainer
    from fairlead.model.errors import (
        CommandLineError,
        FairleadError,
        PluginError,
        SecretError,
        SiteError,
    )
    from fairlead.model.plan import (
        NOT_KNOWN,
        Argv,
        Ask,
        Check,
        Command,
        EngineFacts,
        Fact,
        HostFacts,
        NameList,
        Noun,
        Phase,
        Registered,
        Secret,
        SecretSpec,
        Sequence,
        Session,
        Status,
        Step,
        StoreAccess,
        System,
        Target,
        Word,
        either,
        not_,
        pipe,
        same,
        then,
    )
    from fairlead.model.processes import SESSION
    from fairlead.model.sources import Inventory, SourceAccess, SourceHost, SourceSettings
    from fairlead.model.suggest import suggestion
    from fairlead.operations import (
        checks,
        digest,
        drain,
        engine,
        facts,
        files,
        journald,
        packages,
        script,
    )
    from fairlead.operations.argv import compose, docker
    from fairlead.operations.argv.docker import Container, Volume
    from fairlead.operations.checks import looks_ahead
    from fairlead.operations.container import (
        adoption,
        backups,
        boot,
        leftovers,
        lifecycle,
        limits,
        published,
        replacement,
        running,
        state,
        steps,
        upgrade,
    )
    from fairlead.operations.container.state import ContainerState
    from fairlead.operations.files import PlacedFile, SecretFile
    from fairlead.operations.image import build_checks, builds, enterprise, recipes
    from fairlead.operations.journald import Logs
    from fairlead.operations.network import (
        bridge,
        docker_network,
        persistence,
        port_checks,
        veth,
    )
    from fairlead.operations.swarm import cluster, stack
    from fairlead.secrets import authority, certificates
    from fairlead.secrets.passwords import password_maker

_PLACES = {
    "contract.hookspecs": ("Steps", "hookimpl", "verb"),
    "inventory.packages": ("BuiltImage", "PackagesUrl"),
    "inventory.site": ("Site",),
    "inventory.types": (
        *("AbsolutePath", "Address", "Clash", "ContainerName", "EngineName", "HostName"),
        *("ImageName", "Interface", "InterfaceAddress", "Network", "NodeSet", "OneHost"),
        *("Port", "RegistryUser", "SecretName", "Tag", "TimeZone", "Url"),
        *("UserName", "Version", "text", "text_beside"),
    ),
    "model.adoption": ("HostReport", "Proposal", "RunningContainer"),
    "model.errors": (
        *("CommandLineError", "FairleadError", "PluginError", "SecretError", "SiteError"),
    ),
    "model.plan": (
        *("NOT_KNOWN", "Argv", "Ask", "Check", "Command", "EngineFacts", "Fact"),
        *("HostFacts", "NameList", "Noun"),
        *("Phase", "Registered", "Secret", "SecretSpec", "Sequence", "Session", "Status"),
        *("Step", "StoreAccess", "System", "Target", "Word", "either", "not_", "pipe", "same"),
        "then",
    ),
    "model.processes": ("SESSION",),
    "model.sources": ("Inventory", "SourceAccess", "SourceHost", "SourceSettings"),
    "model.suggest": ("suggestion",),
    "operations.argv.docker": ("Container", "Volume"),
    "operations.checks": ("looks_ahead",),
    "operations.container.state": ("ContainerState",),
    "operations.files": ("PlacedFile", "SecretFile"),
    "operations.journald": ("Logs",),
    "secrets.passwords": ("password_maker",),
}
_ROOMS = {
    "inventory": ("nodesets", "yamlfile"),
    "operations": (
        *(
            "checks",
            "digest",
            "drain",
            "engine",
            "facts",
            "files",
            "journald",
            "packages",
            "script",
        ),
    ),
    "operations.argv": ("compose", "docker"),
    "operations.container": (
        *("adoption", "backups", "boot", "leftovers", "lifecycle", "limits", "published"),
        *("replacement", "running", "state", "steps", "upgrade"),
    ),
    "operations.image": ("build_checks", "builds", "enterprise", "recipes"),
    "operations.network": ("bridge", "docker_network", "persistence", "port_checks", "veth"),
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
