"""What `inv site.import` does: an inventory of elsewhere becomes lines of a site file."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec.structs import replace

from fairlead.cli import trial_site
from fairlead.cli.source_access import access
from fairlead.contract.loader import Plugins
from fairlead.inventory import fragment as fragments
from fairlead.inventory import merging, nodesets
from fairlead.inventory.fragment import Fragment
from fairlead.inventory.site import Site
from fairlead.model import operator
from fairlead.model.errors import CommandLineError
from fairlead.model.sources import Inventory
from fairlead.model.suggest import suggestion

SECONDS = 120.0  # in which a source has to answer for an import


def read(
    plugins: Plugins,
    source: str,
    file: str,
) -> Inventory:
    """What a source knows. Raises CommandLineError, SiteError."""
    if source not in plugins.sources:
        remedy = suggestion(source, tuple(plugins.sources))
        raise CommandLineError("--from", f"no such source {source!r}", remedy)
    settings = msgspec.convert({}, plugins.source(source).Settings)
    settings = replace(settings, timeout=SECONDS)
    return plugins.read_inventory(source, access(settings, file))


def news(
    inventory: Inventory,
    site: Site | None,
) -> Fragment:
    """What a site does not have yet. What stands there otherwise is said, and stays."""
    if site is None:
        return fragments.fragment(inventory)
    fragment = fragments.fragment(inventory, tuple(site.hosts))
    groups = {
        name: _without_names_of(site, text, fragment.groups)
        for name, text in fragment.groups.items()
        if name not in site.groups
    }
    differences = (*_hosts_that_differ(inventory, site), *_groups_that_differ(fragment, site))
    return replace(fragment, groups=groups, remarks=(*fragment.remarks, *differences))


def _without_names_of(
    site: Site,
    text: str,
    groups: Mapping[str, str],
) -> str:
    """The hosts themselves where a group is named that is another one in the site."""
    is_other = any(name in site.groups for name in re.findall(r"@([\w.-]+)", text))
    return nodesets.fold(nodesets.members([text], groups, "groups")) if is_other else text


def _hosts_that_differ(
    inventory: Inventory,
    site: Site,
) -> Iterator[str]:
    for host in inventory.hosts:
        present = site.hosts.get(host.name)
        if present is None or host.name == nodesets.LOCAL:
            continue
        for key, value in fragments.keys(host).items():
            own = getattr(present, key)
            if value != own and not _is_same_file(key, value, own):
                words = f"{key} is {own or 'none'!s} in the site and {value} there"
                yield f"{host.name}: {words}; the site's stays"


def _is_same_file(
    key: str,
    value: str,
    own: str,
) -> bool:
    """The site's own paths are made whole when it is read."""
    return key == "identity" and str(operator.path(value)) == own


def _groups_that_differ(
    fragment: Fragment,
    site: Site,
) -> Iterator[str]:
    for name, text in fragment.groups.items():
        if name not in site.groups:
            continue
        ours = site.resolve(f"@{name}")
        others = nodesets.members([text], fragment.groups, name)
        if set(ours) != set(others):
            words = f"is {nodesets.fold(ours)} in the site and {nodesets.fold(others)} there"
            yield f"@{name} {words}; the site's stays"


def write(
    path: Path,
    fragment: Fragment,
    plugins: Plugins,
) -> None:
    """Put what is new into a site file, once it is proved that the site can be read so.

    Raises SiteError; then the file is as it was.
    """
    trial_site.put(path, merging.merged(trial_site.text_of(path), str(path), fragment), plugins)


def data_of(fragment: Fragment) -> Mapping[str, object]:
    """For --json."""
    return msgspec.to_builtins(fragment)
