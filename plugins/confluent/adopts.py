"""A Confluent that runs already, as a section of a site: `inv adopt`."""

from typing import Any

from fairlead.api import HostReport, Proposal, RunningContainer, hookimpl, running

from . import Confluent
from .manager import CONFETTY, STATE

UP = "inv confluent.up"
XCATD = "/opt/xcat/sbin/xcatd"  # an xCAT may have Confluent for its consoles
PROBES = (running.holding_fact(CONFETTY, XCATD),)
DEFAULT = Confluent(hosts="n1")
BUILT = DEFAULT.image  # of our recipe; any other is pulled


@hookimpl
def recognise(report: HostReport) -> Proposal | None:
    """The container of Confluent's on a host."""
    holding = report.evidence[PROBES[0].name]
    own = holding.get(CONFETTY, frozenset()) - holding.get(XCATD, frozenset())
    servers = [c for c in report.containers if c.name in own or _is_called_so(c)]
    servers.sort(key=lambda c: not c.running)
    if not servers:
        return None
    others = (f"{c.name}: is of Confluent, too, and a host has one here" for c in servers[1:])
    return Proposal(
        section={"hosts": report.host, **_keys(servers[0])},
        remarks=(*_remarks(servers[0]), *others),
        containers=tuple(c.name for c in servers),
    )


def _is_called_so(container: RunningContainer) -> bool:
    return container.repository.rpartition("/")[2].startswith("confluent")


def _keys(server: RunningContainer) -> dict[str, Any]:
    """Those that are not as they are by default."""
    image = server.repository.removeprefix("localhost/")
    values = {
        "image": image,
        "tag": server.tag or "latest",
        "engine": server.engine,
        "name": server.name,
        "state": _state(server),
    }
    keys = {key: value for key, value in values.items() if value != getattr(DEFAULT, key)}
    return keys if image == BUILT else {"recipe": None, **keys}


def _state(server: RunningContainer) -> str:
    """Of ours where its state lies, else as by default."""
    inside = STATE[0].path
    for mount in server.values("--volume"):
        source, at, *_ = mount.split(":")
        if server.ours and at == inside:
            return source.removesuffix(f"/current{inside}")
    return DEFAULT.state


def _remarks(server: RunningContainer) -> tuple[str, ...]:
    paths = [volume.path for volume in STATE]
    sentences = tuple(running.remarks(server, up=UP, options=("--init",), state=paths))
    if server.network == "host":
        return sentences
    network = f"it is in the network {server.network}, and ours has the host's"
    return (*sentences, f"{server.name}: {network}")
