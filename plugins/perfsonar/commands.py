"""A test point as a container, and the lines that are said inside it. Every flag is the document's,
in its order."""

from collections.abc import Mapping
from typing import Any

from fairlead.api import (
    Argv,
    Ask,
    Container,
    ContainerState,
    Volume,
    docker,
    script,
)

from . import exporter, health, osg
from .site import PerfSonar, is_of_systemd

# Where perfSONAR's own workflow pushes (perfsonar-testpoint-docker, publish_docker.yml), for both
# architectures; and what the document names, of which nobody says whether it is still fed.
IMAGE = "ghcr.io/perfsonar/testpoint"
HUB = "perfsonar/testpoint"
OTHERS = (HUB, osg.IMAGE)
IMAGE_MIB = 3000  # the systemd image unpacked, and room for the one before beside it
# "We recommend using the systemd-based version"; the other is for hosts without cgroup v2.
OPTIONS = {
    "systemd": (
        *("--net=host", "--tmpfs", "/run", "--tmpfs", "/run/lock", "--tmpfs", "/tmp"),
        *("-v", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--cgroupns", "host"),
        *("--cap-add", "CAP_NET_RAW"),
    ),
    "supervisord": ("--net=host", "--cap-add", "CAP_NET_RAW"),
}
# SIGTERM makes systemd start itself anew: an engine would wait out its time, and kill the database.
# The images name no signal of their own; Podman knows a systemd when it starts one.
STOP = {"systemd": ("--stop-signal", "SIGRTMIN+3"), "supervisord": ()}
DETACH = {"systemd": "-td", "supervisord": "-d"}
TAG = {"systemd": "systemd", "supervisord": ""}
FILES = {"systemd": "docker-compose.systemd.yml", "supervisord": "docker-compose.yml"}

# /etc/pscheduler/database holds the password that was made with the database: the two stay
# together. Of /var/lib/perfsonar what its daemons keep, and not `bundles`: that is the version of
# the image (perfsonar-testpoint.postinst), which lookup service and metrics show to the world.
# /var/log: psconfig's statistics and the metrics are read from there. /var/lib/pgsql: images before
# 5.0.
STATE = (
    Volume("/etc/perfsonar", "config"),
    Volume("/etc/pscheduler", "config", keep=("database",)),
    Volume("/etc/ssl", "config"),
    Volume("/etc/owamp-server", "config"),
    Volume("/etc/twamp-server", "config"),
    Volume("/var/lib/perfsonar/psconfig"),
    Volume("/var/lib/perfsonar/lsregistrationdaemon"),
    Volume("/var/log"),
    Volume("/var/lib/postgresql"),
    Volume("/var/lib/pgsql"),
)
APACHE = (Volume("/etc/apache2", "config"),)  # only where the site has a certificate for it
WEBROOT = (Volume("/var/www/html", "config"),)  # where Apache shows what who signs it asks for
HTTPS = 443  # where pScheduler's API is
DUMP = ("pg_dumpall", "--clean", "--if-exists")
PSDOCKER_NAME = "perfsonar-docker"  # the fixed name that the perfSONAR team's script gives
PSDOCKER_ADDRESS = "127.0.0.1"
# a label: which name the container was given, so that a resolver that is down today does not change
# it
NAMED = "fairlead.hostname"

sh = script.beside(__file__)


def flavor(ask: Ask[Any]) -> tuple[str, str]:
    """systemd or supervisord, and why."""
    if ask.section.flavor != "auto":
        return ask.section.flavor, "the site says so"
    if is_of_systemd(ask.section.tag):
        return "systemd", f"the tag {ask.section.tag} says so"
    if image_name(ask) == osg.IMAGE:
        return "systemd", "OSG's image has no other"
    cgroup = ask.engine.cgroup
    if cgroup == "1":
        return "supervisord", "this host has cgroup v1, and the systemd flavor needs v2"
    if cgroup == "2":
        return "systemd", "this host has cgroup v2"
    return "systemd", "the recommended one; the engine does not tell its cgroup version"


def image_name(ask: Ask[Any]) -> str:
    """The image without its tag. Where the site names none, a host that has its test point from
    Docker Hub or OSG keeps to that: nobody is moved to another registry without a word of the
    site."""
    return ask.section.image or _other_image(ask) or IMAGE


def _other_image(ask: Ask[Any]) -> str:
    """Which other one the container of this host is of, or where it was taken down its image."""
    container = _there(ask)
    if container:
        names = [_without_tag(container.reference)]
    else:
        names = [_without_tag(name) for name in ask.facts.get("images") or ()]
    return "" if IMAGE in names else next((name for name in OTHERS if name in names), "")


def _tag(ask: Ask[Any], kind: str) -> str:
    return ask.section.tag or (osg.TAG if image_name(ask) == osg.IMAGE else TAG[kind])


def _without_tag(reference: str) -> str:
    """The name of an image; Docker Hub's is the same by its long name and its short one."""
    path, slash, name = reference.partition("@")[0].rpartition("/")
    return f"{path}{slash}{name.partition(':')[0]}".removeprefix("docker.io/")


def testpoint(ask: Ask[Any]) -> Container:
    """The container as this site wants it on this host."""
    site, kind = ask.section, flavor(ask)[0]
    tag = _tag(ask, kind)
    return docker.container(
        ask,
        name=site.name,
        image=f"{image_name(ask)}:{tag}" if tag else image_name(ask),
        detach=DETACH[kind],
        options=(
            *OPTIONS[kind],
            *STOP[kind],
            *_limits(site),
            *_name(ask),
            *(("-e", f"TZ={site.timezone}") if site.timezone else ()),
        ),
        engine=site.engine,
        root=site.state,
        state=_state(site),
        healthy=health.question(site),
        listens=(HTTPS,),
        patience=site.patience,
        verify=sh("remote_urls_unsigned" if site.psconfig_secret else "remote_urls"),
        dump=DUMP,
        dump_as="postgres",
        service="testpoint",
        compose=_files(ask, kind),
        not_kept=osg.not_kept(ask),
        own_units=osg.own_units(ask),
    )


def _state(site: PerfSonar) -> tuple[Volume, ...]:
    """More folders are a state where the site says something of what lies in them."""
    apache = APACHE if site.tls or site.acme else ()
    webroot = WEBROOT if site.acme and site.acme.webroot else ()
    metrics = exporter.STATE if site.node_exporter else ()
    return (*STATE, *apache, *webroot, *metrics)


def _limits(site: PerfSonar) -> tuple[str, ...]:
    """PostgreSQL exhausts the 64 MiB of shared memory that an engine gives, and a day's tests the
    2048 processes that Podman allows."""
    return (
        *(("--shm-size", f"{site.shm}m") if site.shm else ()),
        *(("--pids-limit", str(site.pids)) if site.pids else ()),
    )


def _files(ask: Ask[Any], kind: str) -> tuple[str, ...]:
    """The compose files, ours last: alone, or over the checkout's own (they lack --tmpfs /run/lock,
    without which systemd gives up)."""
    ours = f"{ask.section.state}/compose.json"
    if ask.section.source:
        return (f"{ask.section.source}/{FILES[kind]}", ours)
    return (ours,) if ask.section.launch == "compose" else ()


def _name(ask: Ask[Any]) -> tuple[str, ...]:
    """A fixed host name and its hosts entry where the host's own does not resolve (or the site
    gives one), as `psdocker` does; else nothing."""
    name, address = hostname(ask)
    if not name:
        return ()
    return (
        *("--hostname", name, "--add-host", f"{name}:{address}"),
        *("--label", f"{NAMED}={name} {address}"),
    )


def hostname(ask: Ask[Any]) -> tuple[str, str]:
    """Name and address of the hosts entry; ("", "") for none. What a container of ours was once
    given stays."""
    known = ask.facts.get("name") or {}
    address = known.get("address", PSDOCKER_ADDRESS)
    labels = _labels(ask)
    old_name, _, old_address = labels.get(NAMED, "").partition(" ")
    name = ask.section.hostname
    if name:
        return name, old_address if old_name == name else address
    if "fairlead.spec" in labels:
        return old_name, old_address
    return (PSDOCKER_NAME, address) if known.get("resolves") is False else ("", "")


def _there(ask: Ask[Any]) -> ContainerState | None:
    """The container that is there, as far as that is known."""
    containers = ask.facts.get("container")
    return containers.get(ask.section.name) if isinstance(containers, dict) else None


def _labels(ask: Ask[Any]) -> Mapping[str, str]:
    """Those of the container that is there."""
    container = _there(ask)
    return container.labels if container else {}


# pscheduler


def throughput(c: Container, dest: str, *more: str) -> Argv:
    words = ("pscheduler", "task", "throughput", "--dest", dest, *more)
    return docker.inside(c, *words, session=True)


def troubleshoot(c: Container) -> Argv:
    return docker.inside(c, "pscheduler", "troubleshoot", session=True)
