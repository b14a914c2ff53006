"""The ports of a test point: those that it needs on its host, and those that are open to the world.

Source: perfSONAR's deployment page and toolkit's perfsonar_firewalld_settings.conf.
"""

from collections.abc import Iterable, Iterator

from fairlead.api import checks as preflight

# Tests draw their ports from ranges: one that is held is missed by none. pScheduler's Apache,
# PostgreSQL and the tools' servers stand on ports of their own.
PORTS = {
    "https and pscheduler": preflight.tcp(443, 80),
    "postgres": preflight.tcp(5432),
    "owamp": (*preflight.tcp(861), preflight.spare("udp", 8760, 9960)),
    "twamp": (*preflight.tcp(862), preflight.spare("udp", 18760, 19960)),
    "iperf3": (*preflight.tcp(5201), *preflight.udp(5201)),
    "iperf2": (*preflight.tcp(5001), *preflight.udp(5001)),
    "nuttcp": (*preflight.tcp(5000, 5101), *preflight.udp(5000, 5101)),
    "simplestream": (preflight.spare("tcp", 5890, 5900),),
    "traceroute": (preflight.spare("udp", 33434, 33634),),
    "host metrics": (preflight.spare("tcp", 9100),),
}
SUPERVISORD_PORTS = {"supervisord": preflight.tcp(11284)}  # only that flavor has it
# PostgreSQL, host metrics and supervisord are asked by the host itself alone
_OF_THE_HOST = ("https and pscheduler", "postgres", "host metrics")
OPEN = (
    *preflight.tcp(443),
    *preflight.udp(123),
    *(port for name, ports in PORTS.items() if name not in _OF_THE_HOST for port in ports),
)
OPEN_TO_ACME = preflight.tcp(80)  # who signs a certificate asks there


def spans(ports: Iterable[preflight.Ports], protocol: str) -> str:
    """Those of one protocol in their order, as nft takes a set of them: `443, 5890-5900`."""
    ends = sorted((port.low, port.high) for port in ports if port.protocol == protocol)
    return ", ".join(str(low) if low == high else f"{low}-{high}" for low, high in _joined(ends))


def _joined(ends: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Without what lies in another: nft refuses a set that has a port twice."""
    first, last = 0, -1
    for low, high in ends:
        if low > last:
            if first:
                yield first, last
            first, last = low, high
        last = max(last, high)
    if first:
        yield first, last
