"""The container with the document's flags in the document's order, its network, and the lines said inside it."""

from typing import Any

from fairlead.api import Ask, Container, Fact, FairleadError, Step, Volume, docker, facts, veth
from fairlead.api import bridge as net
from fairlead.api import docker_network as networks

# Where xCAT keeps its programs (its own /etc/profile.d/xcat.sh says so); `docker exec` reads no profile.
LSDEF, TABDUMP, CHTAB, DUMPDB = (
    "/opt/xcat/bin/lsdef",
    "/opt/xcat/sbin/tabdump",
    "/opt/xcat/sbin/chtab",
    "/opt/xcat/sbin/dumpxCATdb",
)
# xcatdata is where upstream's own images of today keep tables and /install.
STATE = (Volume("/etc/xcat"), Volume("/root/.ssh"), Volume("/var/log/xcat"), Volume("/install"))
STATE_TODAY = (Volume("/xcatdata"), Volume("/root/.ssh"), Volume("/var/log/xcat"))
COUNT = (
    "sh",
    "-c",
    f"all=$({LSDEF} -t node) || exit 1; printf '%s\\n' \"$all\" | grep -c '(node)$' || :",
)
DUMP = ("sh", "-c", f'd=$(mktemp -d) && {DUMPDB} -p "$d" >&2 && tar -cf - -C "$d" . && rm -rf "$d"')
UNCONFINED = {
    "selinux": ("--security-opt", "label=disable"),
    "apparmor": ("--security-opt", "apparmor=unconfined"),
}

# ENGINE CONTAINER NUMBER COMMAND: COMMAND is done inside with the numbers of the loop devices that the host has.
LOOPS = """engine=$1 name=$2 n=$3 command=$4 i=0; set --
while [ $i -lt "$n" ]; do [ ! -b /dev/loop$i ] || set -- "$@" $i; i=$((i + 1)); done
"$engine" exec "$name" sh -c "$command" loops "$@" """
LOOPS_THERE = "for i; do [ -b /dev/loop$i ] || exit 1; done"
LOOPS_MADE = "for i; do [ -b /dev/loop$i ] || mknod -m0660 /dev/loop$i b 7 $i || exit 1; done"


def manager(ask: Ask[Any]) -> Container:
    """The container as this site wants it on this host. Raises FairleadError where xCAT has no image for it."""
    site = ask.section
    on_host = site.network == "host"
    return docker.container(
        ask,
        name=site.name,
        image=image(ask),
        detach="-d" if on_host else "-it",
        create=not on_host,
        options=(*(_today(site) if on_host else _document(ask)), *_unconfined(ask)),
        root=site.state,
        state=STATE_TODAY if on_host else STATE,
        healthy=(LSDEF, "-t", "site"),
        patience=site.patience,
        verify=COUNT,
        dump=DUMP,
        attach=veth.attach(site) if site.network == "bare" else (),
    )


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


def _document(ask: Ask[Any]) -> tuple[str, ...]:
    """The document's flags; only the last says which network."""
    site = ask.section
    hosts = site.add_hosts or {site.hostname: site.own}
    return (
        "--privileged=true",
        f"--dns={site.dns or site.bridge.host}",
        *((f"--dns-search={site.domain}",) if site.domain else ()),
        f"--hostname={site.hostname}",
        f"--name={site.name}",
        *(f"--add-host={name}:{address}" for name, address in hosts.items()),
        *(
            ("--net=none",)
            if site.network == "bare"
            else (f"--net={site.bridge.name}", f"--ip={site.own}", *_mac(ask))
        ),
    )


def _mac(ask: Ask[Any]) -> tuple[str, ...]:
    """Engines before 25 make it of the address, so that it stays; a client that is newer than its engine refuses to be told one."""
    server = ask.engine.server
    return (
        () if server and not facts.at_least(server, "25") else (f"--mac-address={ask.section.mac}",)
    )


def _today(site: Any) -> tuple[str, ...]:
    """What upstream's page says today; state volumes stand with what fairlead adds."""
    return (
        "--network=host",
        "--hostname",
        site.hostname,
        "--privileged",
        "-v",
        "/sys/fs/cgroup:/sys/fs/cgroup:ro",
    )


def _unconfined(ask: Ask[Any]) -> tuple[str, ...]:
    """This one container, instead of the whole host: only where the host confines."""
    confines = {
        "selinux": ask.selinux == "Enforcing",
        "apparmor": bool(ask.facts.get("apparmor")),
    }
    return tuple(word for name, words in UNCONFINED.items() if confines[name] for word in words)


# The network


def bridge(ask: Ask[Any]) -> Step:
    """The host's address moves to the bridge, under a dead man's switch."""
    b = ask.section.bridge
    return net.bridge(b.name, b.interface, b.address, gateway=b.gateway, patience=b.patience)


def bridged(ask: Ask[Any]) -> Fact:
    b = ask.section.bridge
    return net.fact(b.name, b.interface, b.address, gateway=b.gateway)


def _network(site: Any) -> networks.Network:
    """It gives nobody an address of the facility but this container."""
    b = site.bridge
    return networks.Network(
        name=b.name,
        bridge=b.name,
        address=b.address,
        addresses=f"{site.own}/32",
        router=site.router,
    )


def network(site: Any) -> Step:
    """Docker's network over the bridge that is there."""
    return networks.made(_network(site), "xcat")


def network_gone(site: Any) -> Step:
    return networks.gone(_network(site))


# Inside


def loops(c: Container, count: int) -> Step:
    """A node that the host got after the container's start is missing inside."""
    words = ("sh", "-c", LOOPS, "loops", c.engine, c.name, str(count))
    return Step(
        name="loop devices inside",
        unless=(*words, LOOPS_THERE),
        do=(*words, LOOPS_MADE),
        timeout=60,
    )


MASTER = """is=$("$@") || exit 2; printf '%s\\n' "$is" | grep -q "^\\"master\\",\\"$master\\"," """


def master(c: Container, address: str) -> Step:
    """With the host's network xCAT's master is the host's own address: upstream's page says so, to be done after the first start."""
    asked = (
        "sh",
        "-c",
        f"master=$1; shift; {MASTER}",
        "master",
        address,
        *docker.inside(c, TABDUMP, "site"),
    )
    return Step(
        name="master",
        unless=asked,
        do=docker.inside(c, CHTAB, "key=master", f"site.value={address}"),
        timeout=60,
    )
