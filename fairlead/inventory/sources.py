"""Groups that are known elsewhere: `@SOURCE:GROUP`, asked when a node set names it."""

from collections.abc import Mapping
from typing import Any, Protocol

from fairlead.inventory import nodesets
from fairlead.inventory.tree import Tree
from fairlead.inventory.validation import typed
from fairlead.model.errors import SiteError
from fairlead.model.plan import Noun
from fairlead.model.sources import SourceSettings
from fairlead.model.suggest import suggestion


class SourceSpec(Noun):
    """What a site says of a source: of which kind it is, and the kind's settings."""

    kind: str
    settings: Any


class Sources(Protocol):
    """Who asks the sources."""

    @property
    def kinds(self) -> Mapping[str, str]: ...

    def settings_type(
        self,
        kind: str,
    ) -> type[SourceSettings]: ...

    def members(
        self,
        site: str,
        source: str,
        spec: SourceSpec,
        group: str,
    ) -> tuple[str, ...]:
        """The hosts of a group. Raises SiteError."""
        ...


class Groups(dict[str, str]):
    """The groups of a site by name; those of its sources, `SOURCE:GROUP`, when they are looked up.

    Only the site's own are listed.
    """

    def __init__(
        self,
        own: Mapping[str, str],
        specs: Mapping[str, SourceSpec],
        asker: Sources | None,
        site: str,
        hosts: Mapping[str, Any],
    ):
        super().__init__(own)
        self.specs, self.asker, self.site, self.hosts = specs, asker, site, hosts

    def beside(
        self,
        own: Mapping[str, str],
    ) -> "Groups":
        """Other groups of the site's own, with the same sources."""
        return Groups(own, self.specs, self.asker, self.site, self.hosts)

    def __contains__(
        self,
        name: object,
    ) -> bool:
        source, colon, _ = str(name).partition(":")
        return super().__contains__(name) or (bool(colon) and source in self.specs)

    def __missing__(
        self,
        name: str,
    ) -> str:
        source, _, group = name.partition(":")
        if self.asker is None or source not in self.specs:
            raise KeyError(name)
        members = self.asker.members(self.site, source, self.specs[source], group)
        unknown = [host for host in members if host not in self.hosts]
        if unknown:
            what = f"names {nodesets.fold(unknown)}, which the site does not have"
            remedy = f"inv site.import --from={self.specs[source].kind} shows their lines"
            raise SiteError(f"@{name}", what, remedy)
        return ",".join(members)


def read_sources(
    tree: Tree,
    asker: Sources,
) -> dict[str, SourceSpec]:
    """Every source of the `sources:` map; its kind is `from`, else its name. Raises SiteError."""
    typed(tree, dict[str, Any], "sources")
    return {name: _spec(name, part.or_empty(), asker) for name, part in tree.value.items()}


def _spec(
    name: str,
    tree: Tree,
    asker: Sources,
) -> SourceSpec:
    where = f"{tree.where}: sources.{name}"
    if not isinstance(tree.value, dict):
        raise SiteError(where, "wanted a map", "write slurm: {}")
    kind = tree.part("from").value or name
    if kind not in asker.kinds:
        remedy = suggestion(str(kind), tuple(asker.kinds))
        raise SiteError(where, f"no such kind of source {kind!r}", f"name one by `from`: {remedy}")
    rest = {key: part for key, part in tree.value.items() if key != "from"}
    settings = asker.settings_type(kind)
    return SourceSpec(kind, typed(Tree(rest, tree.where), settings, f"sources.{name}"))
