"""The map of a site from what its file says, and ssh_config where it names gateways."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from fairlead.contract.loader import Plugins
from fairlead.inventory.site import Site
from fairlead.model.plan import Noun
from fairlead.output.folding import grouped
from fairlead.output.site_map import Place

HERE = "this machine"
NOWHERE = "?"  # the way could not be learnt
UNKNOWN = "the way is not known"


class Layout(Noun):
    """`gateways`: host -> what it is reached by, "" for nothing; `components`: host -> names."""

    site: Site
    gateways: Mapping[str, str]
    components: Mapping[str, tuple[str, ...]]

    def root(self) -> Place:
        """This machine, and everything behind it; a host whose way leads in a circle too."""
        local = [name for name in self._names() if self._is_here(name)]
        components = [name for host in local for name in self.components.get(host, ())]
        behind = self._behind("", frozenset())
        drawn = {host for place in behind for host in hosts_in(place)}
        circling = tuple(name for name in self._names() if name not in drawn and name not in local)
        if circling:
            lost = [Place(hosts=(name,), components=self._of(name)) for name in circling]
            behind = (*behind, Place(name=f"{UNKNOWN}: it leads in a circle", behind=tuple(lost)))
        return Place(name=HERE, components=tuple(dict.fromkeys(components)), behind=behind)

    def _of(self, name: str) -> tuple[str, ...]:
        return self.components.get(name, ())

    def _names(self) -> tuple[str, ...]:
        return tuple(self.site.hosts)

    def _is_here(self, name: str) -> bool:
        return self.site.hosts[name].transport == "local"

    def _behind(self, gateway: str, way: frozenset[str]) -> tuple[Place, ...]:
        """The places that are reached by this gateway, equal hosts together."""
        own = [name for name in self._names() if self.gateways.get(name) == gateway]
        places = [
            self._place(tuple(group), way | {gateway})
            for group in grouped(own, self._likeness)
            if not self._is_here(group[0])
        ]
        if not gateway:
            places += [self._foreign(name) for name in self._foreign_gateways()]
        return tuple(places)

    def _likeness(self, name: str) -> tuple[object, ...]:
        """Hosts that others are reached by stand alone."""
        alone = name if self._is_gateway(name) else ""
        host = self.site.hosts[name]
        return (alone, self._of(name), host.offline, self._is_here(name))

    def _is_gateway(self, name: str) -> bool:
        return name in self.gateways.values()

    def _place(self, hosts: tuple[str, ...], way: frozenset[str]) -> Place:
        first = hosts[0]
        goes_on = self._is_gateway(first) and first not in way
        return Place(
            hosts=hosts,
            components=self._of(first),
            is_offline=self.site.hosts[first].offline,
            behind=self._behind(first, way) if goes_on else (),
        )

    def _foreign_gateways(self) -> list[str]:
        """What hosts are reached by and the site does not name."""
        names = dict.fromkeys(self.gateways.values())
        return [name for name in names if name and name not in self.site.hosts]

    def _foreign(self, gateway: str) -> Place:
        name = f"{gateway} (of ssh_config)"
        if "," in gateway and all(host in self.site.hosts for host in gateway.split(",")):
            name = f"{gateway} (ssh.tree)"
        if gateway == NOWHERE:
            name = UNKNOWN
        return Place(name=name, behind=self._behind(gateway, frozenset()))


def components_of(site: Site, plugins: Plugins) -> dict[str, tuple[str, ...]]:
    """Host -> the components that belong there, as `inv` calls them. Raises SiteError."""
    names: dict[str, list[str]] = {}
    for system in site.sections:
        components = plugins.systems[system].components
        for component in components:
            name = system if len(components) == 1 else f"{system}.{component}"
            for host in site.hosts_of(system, component):
                names.setdefault(host, []).append(name)
    return {host: tuple(of_host) for host, of_host in names.items()}


def only(place: Place, hosts: Collection[str]) -> Place:
    """The map of these hosts, and of what they are reached by."""
    children = [only(child, hosts) for child in place.behind]
    kept = tuple(host for host in place.hosts if host in hosts)
    behind = tuple(child for child in children if child.hosts or child.behind)
    return replace(place, hosts=place.hosts if behind else kept, behind=behind)


def data_of(place: Place) -> dict[str, Any]:
    """A place for --json (docs/json.md)."""
    return {
        "name": place.name,
        "hosts": list(place.hosts),
        "components": list(place.components),
        "offline": place.is_offline,
        "behind": [data_of(child) for child in place.behind],
    }


def hosts_in(place: Place) -> Iterable[str]:
    """Every host on the map."""
    yield from place.hosts
    for child in place.behind:
        yield from hosts_in(child)
