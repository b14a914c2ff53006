"""sites/*.yml -> one typed, frozen Site; every error names file, line, key path and remedy."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeGuard

from msgspec import Meta
from msgspec.structs import replace

from fairlead.inventory import nodesets, yamlfile
from fairlead.inventory.announcements import Announcement, Call, read_announcements
from fairlead.inventory.hosts import Host, beside, read_groups, read_hosts
from fairlead.inventory.run_groups import RunGroups, RunHosts, names_runs
from fairlead.inventory.sources import Groups, Sources, SourceSpec, read_sources
from fairlead.inventory.tree import Tree, overlay
from fairlead.inventory.types import Clash, NodeSet
from fairlead.inventory.validation import Hosts, refusal, typed
from fairlead.inventory.windows import Window, read_windows
from fairlead.model.errors import CommandLineError, SiteError
from fairlead.model.plan import Noun, System
from fairlead.model.section import has_hosts, part_of
from fairlead.model.suggest import suggestion

LARGEST = 1 << 20  # bytes of a file
OWN = (
    *("extends", "hosts", "groups", "sources", "offline", "ssh", "secrets"),
    *("windows", "require_reason", "announcements", "syslog"),
)


class SshTree(Noun, kw_only=True, forbid_unknown_fields=True):
    """Gateways that carry what is said to the hosts behind them."""

    gateways: Annotated[
        NodeSet, Meta(description="hosts of this site that have Python and ClusterShell")
    ]
    hosts: Annotated[
        NodeSet, Meta(description="which hosts they carry; default: all but the gateways and local")
    ] = ""
    python: Annotated[str, Meta(description="the Python on the gateways that has ClusterShell")] = (
        "python3"
    )


class Ssh(Noun, kw_only=True, forbid_unknown_fields=True):
    """How hosts are reached. Paths are relative to the site file; times in seconds."""

    config: Annotated[str, Meta(description="an ssh_config to read; default: ~/.ssh/config")] = ""
    known_hosts: Annotated[
        str, Meta(description="host keys of this site, read beside your own and the system's")
    ] = ""
    connect_timeout: Annotated[
        float, Meta(gt=0, le=600, description="seconds until a host counts as unreachable")
    ] = 10
    keep: Annotated[
        int, Meta(ge=0, le=86400, description="seconds that a connection stays for the next inv")
    ] = 0
    tree: Annotated[
        SshTree | None, Meta(description="gateways for many hosts; default: each is reached itself")
    ] = None


class Site(Noun, kw_only=True):
    """What is where, in the order of the file.

    `hosts`: name -> Host, `local` (this machine) among them. `groups`: name -> node set.
    `sections`: system -> its typed Struct. `stores`: store of secrets -> its settings.
    `sources`: source of groups -> its settings. `windows`: when it may be changed, by name.
    `requires_reason`: for what changes anything. `announcements`: what is told elsewhere, by name.
    `syslog`: journals are copied there.
    """

    name: str
    path: str
    hosts: Mapping[str, Host]
    groups: Mapping[str, str]
    sections: Mapping[str, Any]
    ssh: Ssh = Ssh()
    stores: Mapping[str, Any] = {}
    sources: Mapping[str, SourceSpec] = {}
    windows: Mapping[str, Window] = {}
    requires_reason: bool = False
    announcements: Mapping[str, Announcement] = {}
    syslog: bool = False
    run_groups: RunGroups | None = None  # the groups, and those of earlier runs (@failed)

    def with_runs(self, hosts: RunHosts) -> "Site":
        """The same, where an operator may name hosts by what a run has made of them."""
        return replace(self, run_groups=RunGroups(self.groups, hosts))

    def resolve(self, *texts: str, where: str = "--host") -> tuple[str, ...]:
        """The hosts that an operator's texts name together. Raises CommandLineError."""
        groups = self.groups if self.run_groups is None else self.run_groups
        return nodesets.resolve(texts, tuple(self.hosts), groups, where)

    def without_runs(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The same texts; those with `@failed` and the like as the hosts that they stand for."""
        return tuple(
            nodesets.fold(self.resolve(text)) if names_runs(text) else text for text in texts
        )

    def hosts_of(self, system: str, component: str = "") -> tuple[str, ...]:
        """Where a component belongs, offline hosts included. Raises SiteError.

        Those are the `hosts` of its own part of the section, else those of the section. A component
        whose part is left out, or has no hosts where the section itself has no such key, belongs
        nowhere.
        """
        if system not in self.sections:
            remedy = suggestion(system, tuple(self.sections))
            raise SiteError(self.path, f"has no section {system!r}", remedy)
        section = self.sections[system]
        part = part_of(section, component) if component else section
        if part is None:
            return ()
        if part is not section and has_hosts(part):
            if part.hosts:
                return self._hosts(part.hosts, f"{system}.{component}.hosts")
            if not has_hosts(section):
                return ()
        return self._hosts(section.hosts if has_hosts(section) else "", f"{system}.hosts")

    def _hosts(
        self,
        texts: str | Iterable[str],
        path: str,
    ) -> tuple[str, ...]:
        where = f"{self.path}: {path}"
        if not texts:
            raise SiteError(where, "no hosts are named", "add the key hosts, for instance n[1-3]")
        texts = (texts,) if isinstance(texts, str) else tuple(texts)
        return nodesets.resolve(texts, tuple(self.hosts), self.groups, where, SiteError)


class HasClashes(Protocol):
    """A section that says which of its keys cannot both be so."""

    def clashes(self, site: Site) -> Iterable[Clash]: ...


def has_clashes(section: object) -> TypeGuard[HasClashes]:
    return hasattr(section, "clashes")


def find(
    option: str,
    environment: Mapping[str, str],
    folder: Path,
    configured: str = "",
) -> Path:
    """The site file that is meant: the first that is named of these, else the only one there is.

    `option` is --site, then comes FAIRLEAD_SITE, then `configured` (`fairlead: {site: ...}` in
    invoke.yaml). A bare name is sites/NAME.yml. Raises CommandLineError, or SiteError where there
    is none at all.
    """
    for name, where in (
        (option, "--site"),
        (environment.get("FAIRLEAD_SITE", ""), "FAIRLEAD_SITE"),
        (configured, "invoke.yaml: fairlead.site"),
    ):
        if name:
            return _named(name, where, folder)
    sites = files_in(folder)
    if not sites:
        where = str(Path(_shown(folder), "sites"))
        remedy = "inv init --site=NAME writes one"
        raise SiteError(where, "no site file here", remedy)
    if len(sites) > 1:
        what = f"which one? there are {', '.join(path.stem for path in sites)}"
        name = sites[0].stem
        remedy = f"say --site={name}, or for good in invoke.yaml: fairlead: {{site: {name}}}"
        raise CommandLineError("--site", what, remedy)
    return sites[0]


def load(
    path: Path,
    systems: Mapping[str, System],
    stores: Mapping[str, type] = {},
    asker: Sources | None = None,
) -> Site:
    """The site of a file, everything in it checked. Raises SiteError.

    `asker` asks the sources of its groups, where a node set names one of theirs; without it the
    site has none.

    Every section is read as the Struct of its system, every store's settings as the Struct of the
    store; every node set in them has to name hosts of the site.
    """
    tree = _file(Path(path), ())
    for key, part in tree.value.items():
        if key not in OWN and key not in systems:
            remedy = suggestion(key, (*OWN, *systems))
            raise SiteError(f"{part.where}: {key}", "no such section", remedy)
    own = {key: tree.value.get(key, Tree({}, tree.where)) for key in OWN}
    hosts = read_hosts(own["hosts"])
    sources = _sources(own["sources"].or_empty(), asker) if asker else {}
    elsewhere = Groups({}, sources, asker, str(path), hosts)
    groups = elsewhere.beside(read_groups(own["groups"], hosts, elsewhere))
    if "offline" in tree.value:
        hosts = _with_offline(own["offline"], hosts, groups)

    def resolve(text: str, where: str) -> tuple[str, ...]:
        return nodesets.resolve([text], tuple(hosts), groups, where, SiteError)

    ssh = _ssh(own["ssh"].or_empty(), resolve)
    site = Site(
        name=Path(path).stem,
        path=_shown(path),
        hosts=_with_gateways(own["ssh"].or_empty(), ssh.tree, hosts, resolve),
        groups=groups,
        sections=_sections(tree, systems, resolve),
        ssh=ssh,
        stores=_stores(own["secrets"].or_empty(), stores),
        sources=sources,
        windows=read_windows(own["windows"].or_empty(), systems, resolve),
        requires_reason=_switch(tree, "require_reason"),
        announcements=_announcements(own["announcements"].or_empty(), systems, resolve),
        syslog=_switch(tree, "syslog"),
    )
    _refuse_clashes(tree, site)
    return site


def _announcements(
    tree: Tree, systems: Mapping[str, System], resolve: Hosts
) -> dict[str, Announcement]:
    """`announcements:`, their files and commands of a relative path beside the site file."""
    file = tree.where.rpartition(":")[0]

    def placed(call: Call) -> Call:
        argv = call.argv
        if argv and "/" in argv[0]:
            argv = (_command(file, argv[0]), *argv[1:])
        return replace(call, argv=argv, ca=beside(file, call.ca))

    return {
        name: replace(
            announcement, open=placed(announcement.open), close=placed(announcement.close)
        )
        for name, announcement in read_announcements(tree, systems, resolve).items()
    }


def _switch(tree: Tree, name: str) -> bool:
    key = tree.value.get(name, Tree(False, tree.where))
    return bool(typed(key, bool, name))


def _sections(
    tree: Tree, systems: Mapping[str, System], resolve: Callable[[str, str], tuple[str, ...]]
) -> dict[str, Any]:
    parts = {key: part.or_empty() for key, part in tree.value.items() if key not in OWN}
    return {
        key: typed(
            part,
            systems[key].section_type,
            key,
            resolve,
        )
        for key, part in parts.items()
    }


def _refuse_clashes(tree: Tree, site: Site) -> None:
    for key, section in site.sections.items():
        for clash in section.clashes(site) if has_clashes(section) else ():
            raise refusal(clash, tree.value[key], key)


def _with_gateways(
    tree: Tree, options: SshTree | None, hosts: Mapping[str, Host], resolve: Hosts
) -> Mapping[str, Host]:
    """Each host behind the tree has all gateways; where one begins, the next has its second."""
    if not options:
        return hosts
    where = f"{tree.value['tree'].where}: ssh.tree"
    gateways = resolve(options.gateways, f"{where}.gateways")
    behind = resolve(options.hosts, f"{where}.hosts") if options.hosts else tuple(hosts)
    for name in gateways:
        _check_gateway(name, hosts, behind if options.hosts else (), where)
    others = (name for name in behind if name not in gateways)
    ways = {
        name: gateways[n % len(gateways) :] + gateways[: n % len(gateways)]
        for n, name in enumerate(others)
    }
    return {
        name: replace(host, gateways=ways.get(name, ()) if host.transport != "local" else ())
        for name, host in hosts.items()
    }


def _check_gateway(
    name: str, hosts: Mapping[str, Host], behind: tuple[str, ...], where: str
) -> None:
    if hosts[name].transport == "local":
        what = f"{name} is this machine, and no gateway"
        raise SiteError(f"{where}.gateways", what, "name hosts that are reached by ssh")
    if name in behind:
        remedy = "a gateway is reached itself: leave it out of one of both"
        raise SiteError(f"{where}.hosts", f"{name} is a gateway as well", remedy)


def _ssh(tree: Tree, resolve: Hosts) -> Ssh:
    """`ssh:`, its paths as seen from the file in which each stands."""
    ssh = typed(tree, Ssh, "ssh", resolve)
    files = {key: part.where.rpartition(":")[0] for key, part in tree.value.items()}
    return replace(
        ssh,
        config=beside(files.get("config", ""), ssh.config),
        known_hosts=beside(files.get("known_hosts", ""), ssh.known_hosts),
    )


def _stores(tree: Tree, stores: Mapping[str, type]) -> dict[str, Any]:
    """Where secrets are kept besides the age store: name -> settings, in the order of the file."""
    typed(tree, dict[str, Any], "secrets")
    for name, part in tree.value.items():
        if name not in stores:
            where = f"{part.where}: secrets.{name}"
            raise SiteError(where, "no such store", suggestion(name, stores))
    return {
        name: typed(part.or_empty(), stores[name], f"secrets.{name}")
        for name, part in tree.value.items()
    }


def _sources(tree: Tree, asker: Sources) -> dict[str, SourceSpec]:
    """`sources:`, files and commands of a relative path beside the site file."""
    specs = read_sources(tree, asker)
    for name, spec in specs.items():
        file = tree.value[name].where.rpartition(":")[0]
        if getattr(spec.settings, "file", ""):
            settings = replace(spec.settings, file=beside(file, spec.settings.file))
            specs[name] = replace(spec, settings=settings)
        argv = getattr(spec.settings, "argv", ())
        if argv and "/" in argv[0] and not spec.settings.through:
            settings = replace(spec.settings, argv=(_command(file, argv[0]), *argv[1:]))
            specs[name] = replace(spec, settings=settings)
    return specs


def _command(file: str, path: str) -> str:
    """A command beside a site file; with a slash in it, or it would be looked for in PATH."""
    return os.path.abspath(beside(file, path))


def _with_offline(
    tree: Tree, hosts: Mapping[str, Host], groups: Mapping[str, str]
) -> dict[str, Host]:
    text, where = typed(tree, NodeSet, "offline"), f"{tree.where}: offline"
    names = nodesets.resolve([text], tuple(hosts), groups, where, SiteError)
    return {name: replace(host, offline=name in names) for name, host in hosts.items()}


def _named(name: str, where: str, folder: Path) -> Path:
    """The file of a site that is named. Raises CommandLineError."""
    tries = _tries(name, folder)
    for path in tries:
        if path.is_file():
            return path
    what = f"no such site {name!r}: {_shown(tries[-1])} is not there"
    known = ", ".join(path.stem for path in files_in(folder)) or "none"
    raise CommandLineError(where, what, f"there are: {known}")


def _tries(name: str, folder: Path) -> list[Path]:
    """Where a site of this name may lie, in the order in which it is looked for."""
    if "/" in name:
        return [folder / name]
    if name.endswith((".yml", ".yaml")):
        return [folder / name, folder / "sites" / name]
    return [folder / "sites" / f"{name}.yml"]


def files_in(folder: Path) -> list[Path]:
    """The sites of a folder: not the example, and not what another one extends."""
    files = sorted(path for path in (folder / "sites").glob("*.yml") if path.name != "example.yml")
    bases = {base for path in files for base in _bases(path)}
    return [path for path in files if path.resolve() not in bases]


def _bases(path: Path) -> list[Path]:
    """What a site file extends, as far as its text says so plainly."""
    text = path.read_text(errors="replace")
    names = re.findall(r"^extends:\s*[\"']?([^\s\"'#]+)", text, re.MULTILINE)
    return [(path.parent / name).resolve() for name in names]


def _shown(path: Path | str) -> str:
    """A path as an operator would type it from here."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near


def _file(path: Path, above: tuple[Path, ...]) -> Tree:
    """A file over what it extends; `above` are the files that extend it."""
    tree = _document(path)
    if "extends" not in tree.value:
        return tree
    key = tree.value["extends"]
    where = f"{key.where}: extends"
    base = path.parent / typed(key, str, "extends")
    chain = (*above, path.resolve())
    if base.resolve() in chain:
        what = f"{key.value!r} extends this file in turn"
        raise SiteError(where, what, "take one of the two away")
    if not base.is_file():
        what = f"no such file {_shown(base)!r}"
        raise SiteError(where, what, "the path is relative to this file")
    own = {name: part for name, part in tree.value.items() if name != "extends"}
    return overlay(_file(base, chain), Tree(own, tree.where))


def _document(path: Path) -> Tree:
    """The map that one file is."""
    file = _shown(path)
    tree = yamlfile.read(_text(path, file), file)
    if not isinstance(tree.value, dict):
        what = "wanted a map of hosts and systems" if tree.value else "is empty"
        raise SiteError(tree.where, what, "inv init --site=NAME writes one")
    return tree


def _text(path: Path, file: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise SiteError(file, what, "give the path of a site file") from error
    if len(data) > LARGEST:
        raise SiteError(file, "is larger than 1 MiB", "a site file is smaller")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(10, 0, error.start) + 1
        raise SiteError(f"{file}:{line}", "is not UTF-8", "save it as UTF-8") from error
