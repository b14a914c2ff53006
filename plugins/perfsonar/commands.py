"""A test point as a container, and the lines that are said inside it. Every flag is the document's, in its order."""

from typing import Any

from fairlead.api import Argv, Ask, Command, Container, Step, Volume, docker, not_

# "We recommend using the systemd-based version"; the other is for hosts without cgroup v2.
OPTIONS = {
    "systemd": (
        *("--net=host", "--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"),
        *(
            "-v",
            "/sys/fs/cgroup:/sys/fs/cgroup:rw",
            "--cgroupns",
            "host",
            "--cap-add",
            "CAP_NET_RAW",
        ),
    ),
    "supervisord": ("--net=host", "--cap-add", "CAP_NET_RAW"),
}
DETACH = {"systemd": "-td", "supervisord": "-d"}
TAG = {"systemd": "systemd", "supervisord": ""}
FILES = {"systemd": "docker-compose.systemd.yml", "supervisord": "docker-compose.yml"}

# /etc/pscheduler/database holds the password that was made with the database: the two stay together. /var/lib/pgsql: images before 5.0.
STATE = (
    Volume("/etc/perfsonar", "config"),
    Volume("/etc/pscheduler", "config", keep=("database",)),
    Volume("/etc/ssl", "config"),
    Volume("/var/lib/perfsonar"),
    Volume("/var/lib/postgresql"),
    Volume("/var/lib/pgsql"),
)
APACHE = (Volume("/etc/apache2", "config"),)  # only where the site has a certificate for it
DUMP = ("pg_dumpall", "--clean", "--if-exists")
REMOTES = (
    "sh",
    "-c",
    "all=$(psconfig remote list) || exit 1; printf '%s\\n' \"$all\" | grep -o 'https*://[^\"]*\\|file://[^\"]*' | sort -u",
)
REMOTES_UNSIGNED = (
    *REMOTES[:2],
    f"{REMOTES[2]} | sed 's,//[^/@]*@,//,'",
)  # without user and password
PSDOCKER_NAME = "perfsonar-docker"  # the fixed name that the perfSONAR team's script gives
NAMED = "fairlead.hostname"  # a label: which name the container was given, so that a resolver that is down today does not change it


def flavor(ask: Ask[Any]) -> tuple[str, str]:
    """systemd or supervisord, and why."""
    if ask.section.flavor != "auto":
        return ask.section.flavor, "the site says so"
    cgroup = ask.engine.cgroup
    if cgroup == "1":
        return "supervisord", "this host has cgroup v1, and the systemd flavor needs v2"
    return (
        "systemd",
        "this host has cgroup v2"
        if cgroup == "2"
        else "the recommended one; the engine does not tell its cgroup version",
    )


def testpoint(ask: Ask[Any]) -> Container:
    """The container as this site wants it on this host."""
    site, kind = ask.section, flavor(ask)[0]
    tag = site.tag or TAG[kind]
    return docker.container(
        ask,
        name=site.name,
        image=f"{site.image}:{tag}" if tag else site.image,
        detach=DETACH[kind],
        options=(
            *OPTIONS[kind],
            *_name(ask),
            *(("-e", f"TZ={site.timezone}") if site.timezone else ()),
        ),
        engine=site.engine,
        root=site.state,
        state=STATE + APACHE if ask.section.tls else STATE,
        healthy=("pscheduler", "ping", "localhost"),
        patience=site.patience,
        verify=REMOTES_UNSIGNED if ask.section.psconfig_secret else REMOTES,
        dump=DUMP,
        dump_as="postgres",
        service="testpoint",
        compose=_files(ask, kind),
    )


def _files(ask: Ask[Any], kind: str) -> tuple[str, ...]:
    """The compose files, ours last: alone, or over the checkout's own (they lack --tmpfs /run/lock, without which systemd gives up)."""
    ours = f"{ask.section.state}/compose.json"
    if ask.section.source:
        return (f"{ask.section.source}/{FILES[kind]}", ours)
    return (ours,) if ask.section.launch == "compose" else ()


def _name(ask: Ask[Any]) -> tuple[str, ...]:
    """A fixed host name and its hosts entry where the host's own does not resolve (or the site gives one), as `psdocker` does; else nothing."""
    name, address = hostname(ask)
    return (
        (
            "--hostname",
            name,
            "--add-host",
            f"{name}:{address}",
            "--label",
            f"{NAMED}={name} {address}",
        )
        if name
        else ()
    )


def hostname(ask: Ask[Any]) -> tuple[str, str]:
    """Name and address of the hosts entry; ("", "") for none. What a container of ours was once given stays."""
    known: Any = ask.facts.get("name") or {}
    there: Any = ask.facts.get("container")
    labels = (
        there[ask.section.name].labels
        if isinstance(there, dict) and ask.section.name in there
        else {}
    )
    had, _, at = labels.get(NAMED, "").partition(" ")
    if ask.section.hostname:
        return ask.section.hostname, at if had == ask.section.hostname else known.get(
            "address", "127.0.0.1"
        )
    if "fairlead.spec" in labels:
        return had, at
    return (
        (PSDOCKER_NAME, known.get("address", "127.0.0.1"))
        if known.get("resolves") is False
        else ("", "")
    )


# psconfig

UNSIGNED = """all=$("$@") || exit; printf '%s\\n' "$all" | sed 's,//[^/@]*@,//***@,' """
LISTED = """url=$1; shift; all=$("$@") || exit 2; printf '%s\\n' "$all" | grep -qF "\\"$url\\"" """


def remote_list(c: Container) -> Argv:
    return docker.inside(c, "psconfig", "remote", "list")


def remote_list_unsigned(c: Container) -> Argv:
    """The same without user and password of any."""
    return ("sh", "-c", UNSIGNED, "list", *remote_list(c))


def is_listed(c: Container, url: str) -> Command:
    return ("sh", "-c", LISTED, "listed", url, *remote_list(c))


def remote_add(c: Container, url: str) -> Step:
    delete = docker.inside(c, "psconfig", "remote", "delete", url)
    return Step(
        name=f"psconfig {url}",
        unless=is_listed(c, url),
        do=docker.inside(c, "psconfig", "remote", "add", url),
        undo=delete,
        timeout=60,
    )


def remote_delete(c: Container, url: str) -> Step:
    add = docker.inside(c, "psconfig", "remote", "add", url)
    return Step(
        name=f"no psconfig {url}",
        unless=not_(is_listed(c, url)),
        do=docker.inside(c, "psconfig", "remote", "delete", url),
        undo=add,
        timeout=60,
    )


# pscheduler


def throughput(c: Container, dest: str, *more: str) -> Argv:
    return docker.inside(c, "pscheduler", "task", "throughput", "--dest", dest, *more)


def troubleshoot(c: Container) -> Argv:
    return docker.inside(c, "pscheduler", "troubleshoot")
