"""The container with the document's flags in the document's order, its network, and the lines said
inside it."""

from typing import Any

from fairlead.api import (
    Ask,
    Container,
    Fact,
    FairleadError,
    Step,
    Volume,
    docker,
    facts,
    script,
    veth,
)
from fairlead.api import bridge as net
from fairlead.api import docker_network as networks

from . import recipe
from .site import XCat

# Where xCAT keeps its programs (its own /etc/profile.d/xcat.sh says so); `docker exec` reads no
# profile.
LSDEF, TABDUMP, CHTAB = "/opt/xcat/bin/lsdef", "/opt/xcat/sbin/tabdump", "/opt/xcat/sbin/chtab"
XCATD = 3001  # the port of xcatd, which lsdef asks
LSXCATD = "/opt/xcat/bin/lsxcatd"
# xcatdata is where upstream's own images of today keep tables and /install.
STATE = (Volume("/etc/xcat"), Volume("/root/.ssh"), Volume("/var/log/xcat"), Volume("/install"))
STATE_TODAY = (Volume("/xcatdata"), Volume("/root/.ssh"), Volume("/var/log/xcat"))
# Of an image by our recipe also what is booted, credentials, leases, and what the name server
# keeps; that of the other images stays where it is.
STATE_BUILT = (
    *STATE,
    *(Volume("/tftpboot"), Volume("/root/.xcat"), Volume("/var/named")),
    *(Volume("/var/lib/dhcpd"), Volume("/etc/kea"), Volume("/var/lib/kea")),
)
ON_HOST = "a newer Podman, or network: host"
sh = script.beside(__file__)


def manager(ask: Ask[Any]) -> Container:
    """The container as this site wants it on this host.

    Raises FairleadError where xCAT has no image for it.
    """
    site: XCat = ask.section
    if site.recipe:
        return _built(ask)
    on_host = site.network == "host"
    flags = _flags_today(site) if on_host else _flags_of_document(ask)
    return docker.container(
        ask,
        name=site.name,
        image=image(ask),
        detach="-d" if on_host else "-it",
        create=not on_host,
        options=(*flags, *_unconfined(ask)),
        root=site.state,
        state=STATE_TODAY if on_host else STATE,
        healthy=(LSDEF, "-t", "site"),
        listens=(XCATD,) if on_host else (),
        patience=site.seconds,
        verify=sh("node_count"),
        dump=sh("dump"),
        attach=veth.attach(site) if site.network == "bare" else (),
        engine=site.engine,
    )


def _built(ask: Ask[Any]) -> Container:
    """The container of an image by our recipe: systemd is its first process."""
    site: XCat = ask.section
    on_host = site.network == "host"
    flags = _flags_on_host(site) if on_host else _flags_of_document(ask)
    return docker.container(
        ask,
        name=site.name,
        image=recipe.reference(site),
        options=(*flags, *_for_systemd(ask), *_unconfined(ask)),
        root=site.state,
        state=STATE_BUILT,
        healthy=(LSXCATD, "-a"),
        listens=(XCATD,) if on_host else (),
        patience=site.seconds,
        stop_timeout=60,
        verify=sh("node_count"),
        dump=sh("dump"),
        attach=veth.attach(site) if site.network == "bare" else (),
        built_by=recipe.COMMAND,
        engine=site.engine,
    )


def _for_systemd(ask: Ask[Any]) -> tuple[str, ...]:
    """With cgroup v2 a privileged container has a tree of its own that it may write. Podman knows
    what a systemd wants (podman-run(1), --systemd)."""
    if ask.section.engine == "podman":
        return ("--systemd=always",)
    v1 = ("-v", "/sys/fs/cgroup:/sys/fs/cgroup:ro")
    own = v1 if ask.engine.cgroup == "1" else ("--cgroupns=private",)
    return ("--tmpfs=/run", "--tmpfs=/tmp", "--stop-signal=SIGRTMIN+3", *own)


def image(ask: Ask[Any]) -> str:
    """The image of the host's architecture; of a host that is not known yet, the common one."""
    site, arch = ask.section, ask.host.arch or "x86_64"
    if arch not in site.image:
        raise FairleadError(
            ask.target.host,
            f"the site has no xCAT image for {arch}",
            f"there is one for {' and '.join(sorted(site.image))}",
        )
    return f"{site.image[arch]}:{site.tag}" if site.tag else site.image[arch]


def _flags_of_document(ask: Ask[Any]) -> tuple[str, ...]:
    """The document's flags; only the last says which network."""
    site: XCat = ask.section
    hosts = site.add_hosts or {site.hostname: site.own}
    return (
        "--privileged=true",
        f"--dns={site.dns or site.bridge.host}",
        *((f"--dns-search={site.domain}",) if site.domain else ()),
        f"--hostname={site.hostname}",
        f"--name={site.name}",
        *(f"--add-host={name}:{address}" for name, address in hosts.items()),
        *_network_flags(ask),
    )


def _network_flags(ask: Ask[Any]) -> tuple[str, ...]:
    site: XCat = ask.section
    if site.network == "bare":
        return ("--net=none",)
    return (f"--net={site.bridge.name}", f"--ip={site.own}", *_mac(ask))


def _mac(ask: Ask[Any]) -> tuple[str, ...]:
    """Docker before 25 makes it of the address, so that it stays; a client that is newer than its
    engine refuses to be told one."""
    server, is_docker = ask.engine.server, ask.section.engine == "docker"
    is_made_of_address = is_docker and server and not facts.at_least(server, "25")
    return () if is_made_of_address else (f"--mac-address={ask.section.mac}",)


def _flags_today(site: XCat) -> tuple[str, ...]:
    """What upstream's page says today; state volumes stand with what fairlead adds."""
    if site.engine == "podman":
        return (*_flags_on_host(site), "--systemd=always")
    return (*_flags_on_host(site), "-v", "/sys/fs/cgroup:/sys/fs/cgroup:ro")


def _flags_on_host(site: XCat) -> tuple[str, ...]:
    return ("--network=host", "--hostname", site.hostname, "--privileged")


def _unconfined(ask: Ask[Any]) -> tuple[str, ...]:
    """This one container, instead of the whole host: only where the host confines."""
    selinux = ("--security-opt", "label=disable") if ask.selinux == "Enforcing" else ()
    apparmor = ("--security-opt", "apparmor=unconfined") if ask.facts.get("apparmor") else ()
    return (*selinux, *apparmor)


# The network


def bridge(ask: Ask[Any]) -> Step:
    """The host's address moves to the bridge, under a dead man's switch."""
    b = ask.section.bridge
    return net.bridge(b.name, b.interface, b.address, gateway=b.gateway, patience=b.patience)


def bridged(ask: Ask[Any]) -> Fact:
    b = ask.section.bridge
    return net.fact(b.name, b.interface, b.address, gateway=b.gateway)


def _network(site: XCat) -> networks.Network:
    """It gives nobody an address of the facility but this container."""
    b = site.bridge
    return networks.Network(
        name=b.name,
        bridge=b.name,
        address=b.address,
        addresses=f"{site.own}/32",
        router=site.router,
        engine=site.engine,
    )


def network(ask: Ask[Any]) -> Step:
    """The engine's network over the bridge that is there."""
    networks.refuse(ask, ask.section.engine, ON_HOST)
    return networks.made(_network(ask.section), "xcat")


def network_gone(site: XCat) -> Step:
    return networks.gone(_network(site))


# Inside


def loops(c: Container, count: int) -> Step:
    """A node that the host got after the container's start is missing inside."""
    words = (c.engine, c.name, str(count))
    return Step(
        name="loop devices inside",
        unless=sh("with_loops", *words, sh.text("loops_are_inside")),
        do=sh("with_loops", *words, sh.text("make_loops_inside")),
        timeout=60,
    )


def master(c: Container, address: str) -> Step:
    """With the host's network xCAT's master is the host's own address: upstream's page says so, to
    be done after the first start."""
    return Step(
        name="master",
        unless=sh("master_is", address, *docker.inside(c, TABDUMP, "site")),
        do=docker.inside(c, CHTAB, "key=master", f"site.value={address}"),
        timeout=60,
    )
