"""An engine with two workers, in words of a site, and what it is asked."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from fairlead.contract.loader import Plugins
from fairlead.model.plan import Secret
from fairlead.operations.container.state import ContainerState
from fairlead.testing import BASE, ask_for
from tests.plugins.triumf.tier import cases

CASES = cases("worker")


WELL = {
    "uplink": ("10.0.3.1/24", ""),
    "cvmfs": (("autofs", "rw,fd=5,timeout=0,minproto=5"), ("fuse", "ro")),
    "homes": {"atlas001": 40001},
    "users": {"root": 0, "atlas001": 40001},
    "crls": (("a.r0", 4e9), ("b.r0", 4e9)),
    "published": {},
    "sockets": (),
    "dns": {f"vn03{n}.triumf.ca": (f"10.0.3.{n + 127}", f"vn03{n}.triumf.ca") for n in (17, 18)},
}


NAMES = ("vn0317", "vn0318")


def token(**claims: Any) -> Secret:
    """An IDTOKEN with these claims, signed by nobody."""
    parts = ({"alg": "HS256", "kid": "POOL"}, claims, "a signature")
    words = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return Secret(".".join(words) + "\n")


def ask(
    plugins: Plugins,
    verb: str,
    facts: Any = None,
    options: Any = None,
    secrets: Mapping[str, Secret] = {},
    **parts: Any,
) -> Any:
    section = dict(CASES["site"])
    for part, values in parts.items():
        section[part] = section.get(part, {}) | values
    return ask_for(
        plugins,
        "triumf.worker",
        verb,
        section=section,
        facts=BASE | WELL | (facts or {}),
        host="wn024",
        options=options,
        secrets={"condor.token": token(), **secrets},
    )


def standing(name: str, spec: str = "an older one") -> ContainerState:
    labels = {"fairlead.spec": spec}
    return ContainerState(
        name,
        f"id-of-{name}",
        "sha256:1",
        "sl6-umd3condv4:latest",
        "running",
        "2026-01-01T00:00:00Z",
        "unless-stopped",
        labels,
    )


def both(*suffixes: str) -> dict[str, ContainerState]:
    return {name + suffix: standing(name + suffix) for name in NAMES for suffix in ("", *suffixes)}
