"""What `up` heeds of a container of DAOS that somebody started by hand."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.api import Ask, FairleadError

# Folders inside that the images and compose files fill -> what becomes of a mount there
OWN = {
    "/etc/daos": "configuration and certificates come from the site, and are in the image",
    "/run/secrets": "certificates are those of the site's secrets",
    "/var/run/secrets": "certificates are those of the site's secrets",
}
SOCKET = "the agent's socket lies in a volume of Compose's, which fairlead's clients have too"
SOCKETS = {"/run/daos_agent": SOCKET, "/var/run/daos_agent": SOCKET}
DEVICE = "dcpm"  # the class of storage that outlives its server by itself


def replaced(component: str, path: str) -> str:
    """Why what is mounted there is not kept; "" where it is."""
    places = OWN if component == "server" else OWN | SOCKETS
    return next((why for place, why in places.items() if is_within(path, (place,))), "")


def metadata(config: Mapping[str, Any]) -> str:
    """Where a server keeps its metadata: control_metadata; "" where it has none."""
    known = config.get("control_metadata")
    path = known.get("path") if isinstance(known, Mapping) else None
    return path.rstrip("/") if isinstance(path, str) else ""


def lost_with(config: Mapping[str, Any], mounted: Iterable[str]) -> str:
    """Where storage lies that goes with the server's container; "" for none.

    `mounted`: the folders inside that are mounted from without.
    """
    if metadata(config):
        return ""
    places = tuple(mounted)
    return next((path for path in _in_memory(config) if not is_within(path, places)), "")


def is_within(path: str, places: Iterable[str]) -> bool:
    """Does it lie in one of these folders?"""
    return any(f"{path}/".startswith(f"{place.rstrip('/')}/") for place in places)


def _in_memory(config: Mapping[str, Any]) -> Iterator[str]:
    """Where the engines have the tiers of memory that are no devices."""
    for engine in _maps(config.get("engines")):
        for tier in _maps(engine.get("storage")):
            if tier.get("class") != DEVICE and isinstance(tier.get("scm_mount"), str):
                yield tier["scm_mount"]


def _maps(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value or () if isinstance(item, Mapping)]


def lost(path: str) -> str:
    """What is said of such a one."""
    return (
        f"it has no control_metadata, and what it has in {path} goes with its container: another "
        "in its place would have to be formatted, and its pools would be gone"
    )


def not_kept(ask: Ask[Any], component: str) -> tuple[str, ...]:
    """How the flags of one that was started by hand begin that ours does without."""
    mounts = _mounts(ask, component)
    return tuple(
        f"--volume={mount.get(_SOURCES.get(mount.get('Type', ''), ''), '')}:{mount['Destination']}"
        for mount in mounts
        if replaced(component, mount["Destination"])
    )


_SOURCES = {"bind": "Source", "volume": "Name"}


def _mounts(ask: Ask[Any], component: str) -> tuple[Mapping[str, Any], ...]:
    """Those of the container that somebody started by hand; () where fairlead did."""
    details = (ask.facts.get("details") or {}).get(f"daos-{component}")
    state = _standing(ask, component)
    if not details or not state or state.ours:
        return ()
    return tuple(details.inspected.container.get("mounts") or ())


def _standing(ask: Ask[Any], component: str) -> Any:
    states = ask.facts.get("container")
    return states.get(f"daos-{component}") if isinstance(states, Mapping) else None


def require_metadata(ask: Ask[Any]) -> None:
    """Raises FairleadError where a server that was started by hand would lose its pools."""
    standing, config = _standing(ask, "server"), ask.section.server.config
    if not standing or standing.ours or isinstance(config, str):
        return
    mounted = (mount["Destination"] for mount in _mounts(ask, "server"))
    if path := lost_with(config, mounted):
        raise FairleadError(
            ask.target.host,
            f"daos-server was started by hand: {lost(path)}",
            "bring its data elsewhere, then docker rm -f daos-server; what inv daos.server.up "
            "starts then is to be formatted",
        )
