"""A recipe as data, and the lines that are said for it: what installs each stanza."""

from typing import Literal

from fairlead.model.plan import Argv, Noun

EXPUNGED = (
    "/usr/share/man",
    "/usr/share/doc",
    "/usr/share/info",
    "/usr/share/locale",
    "/usr/share/icons",
    "/usr/share/gnome/help",
)


class Repository(Noun):
    """Where dnf and yum find packages. `key`: a URL, or a file of the host that builds; without one
    it is as strict as that host."""

    name: str
    url: str
    key: str = ""


class Stanza(Noun, kw_only=True):
    """A part of a build, after which the size so far is told."""

    name: str
    packages: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    enablerepo: tuple[str, ...] = ()


class File(Noun, kw_only=True):
    """A file of the image."""

    path: str
    content: str
    mode: str = "0644"


class Recipe(Noun, kw_only=True):
    """How an image is built from nothing.

    `mirror` and `keyring` are debootstrap's, or one repository of dnf and yum that needs no name.
    `finish` is a command that is run in the tree, as the last thing. `changes` are instructions of
    a Dockerfile, as `docker import --change` takes them.
    """

    method: Literal["dnf", "yum", "debootstrap"]
    release: str
    mirror: str = ""
    keyring: str = ""
    repositories: tuple[Repository, ...] = ()
    stanzas: tuple[Stanza, ...] = ()
    expunge: tuple[str, ...] = EXPUNGED
    passwd: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    finish: Argv = ()
    changes: tuple[str, ...] = ()


def contents(stanza: Stanza) -> tuple[str, ...]:
    """What is named to the installer: groups as it knows them, packages."""
    groups = (f"@{group.removeprefix('@')}" for group in stanza.groups)
    return (*groups, *stanza.packages)


# The lines


def base(recipe: Recipe, tree: str) -> Argv:
    """debootstrap's own stanza: what every Debian has."""
    keyring = (f"--keyring={recipe.keyring}",) if recipe.keyring else ()
    return ("debootstrap", "--variant=minbase", *keyring, recipe.release, tree, recipe.mirror)


def line(recipe: Recipe, work: str, stanza: Stanza) -> Argv:
    """What installs a stanza into the tree below WORK."""
    if recipe.method == "debootstrap":
        return _apt(f"{work}/tree", stanza)
    return _dnf(recipe, work, stanza)


def _apt(tree: str, stanza: Stanza) -> Argv:
    return (
        *("chroot", tree, "env", "DEBIAN_FRONTEND=noninteractive"),
        *("apt-get", "-y", "--no-install-recommends", "install", *stanza.packages),
    )


def _dnf(recipe: Recipe, work: str, stanza: Stanza) -> Argv:
    folders = f"{work}/repositories,{work}/tree/etc/yum.repos.d"
    own = (f"--setopt=reposdir={folders}",) if repositories(recipe) else ()
    return (
        *(recipe.method, "-y", f"--installroot={work}/tree", f"--releasever={recipe.release}"),
        *("--setopt=tsflags=nodocs", "--setopt=group_package_types=mandatory"),
        *own,
        *(f"--enablerepo={name}" for name in stanza.enablerepo),
        *("install", *contents(stanza)),
    )


def repositories(recipe: Recipe) -> str:
    """Where the packages are, as dnf and yum read it; "" where the build host's own are meant."""
    mirror = (Repository("mirror", recipe.mirror, recipe.keyring),) if recipe.mirror else ()
    return "".join(map(_repository, (*mirror, *recipe.repositories)))


def _repository(repository: Repository) -> str:
    name, url, key = repository.name, repository.url, repository.key
    lines = [
        f"[{name}]",
        "name=packages of the image",
        f"baseurl={url}",
        "enabled=1",
    ]
    if key:
        lines += ["gpgcheck=1", f"gpgkey={f'file://{key}' if key.startswith('/') else key}"]
    return "".join(f"{line}\n" for line in lines)
