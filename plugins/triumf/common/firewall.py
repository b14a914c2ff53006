"""firewalld on a host: does it let others in to what listens there? It is asked, and never changed.

Sources: firewall-cmd(1), firewalld.conf(5). Ports that an engine publishes are rewritten before the
zones are asked, and firewalld lets them in unless it says StrictForwardPorts=yes.
"""

from collections.abc import Iterable
from typing import Literal

from fairlead.api import Check, Fact, script

sh = script.beside(__file__)

ABSENT = 3  # no firewalld runs
How = Literal["listens", "published"]
Closed = tuple[tuple[str, str], ...]  # zone (ALL), port
ALL = "-"


def fact(how: How, address: str, ports: Iterable[int]) -> Fact:
    """`closed`: the zones and ports in which firewalld closes them; None: not known."""
    words = (how, address, *map(str, ports))
    return Fact("closed", sh("firewalld", *words), closed, timeout=60)


def closed(code: int, text: str) -> Closed | None:
    """What firewalld.sh prints."""
    if code not in (0, ABSENT):
        return None
    rows = (line.split() for line in text.splitlines())
    return tuple((row[0], row[1]) for row in rows if len(row) == 2)


def check(how: How, ports: str, closed: Closed | None, why: str) -> Check:
    """Can others reach these ports? `ports`: in words."""
    return Check(
        name="firewall",
        ok=closed == (),
        wanted=f"{ports} open for others",
        found=_state(closed),
        why=f"{why}; firewalld lets in what is named, and nothing else",
        remedy=_remedy(how, closed),
        blocks=False,
    )


def _state(closed: Closed | None) -> str:
    if closed is None:
        return "not known: firewalld does not answer"
    words = ", ".join(_words(zone, port) for zone, port in closed)
    return f"firewalld closes {words}" if words else "firewalld is not in the way"


def _words(zone: str, port: str) -> str:
    return f"{port}/tcp" if zone == ALL else f"{port}/tcp in {zone}"


def _remedy(how: How, closed: Closed | None) -> str:
    """The one command that opens the first zone, for now and for the next start."""
    if not closed:
        return "firewall-cmd --state and journalctl -u firewalld tell why"
    zone = closed[0][0]
    ports = [port for other, port in closed if other == zone]
    if how == "published":
        return (
            "StrictForwardPorts=no in /etc/firewalld/firewalld.conf and firewall-cmd --reload, "
            "or a forward port for each worker (firewall-cmd --add-forward-port)"
        )
    flags = " ".join(f"--add-port={port}/tcp" for port in ports)
    command = f"firewall-cmd --zone={zone} {flags}"
    return f"{command} && {command} --permanent"
