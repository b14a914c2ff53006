"""A certificate by ACME: certbot in a container of its own, and a timer that renews it.

It is put where a pair of `tls` is, and Apache is told by a graceful reload: OSG's hook restarts the
whole container, which ends what is being measured. Who signs it asks over HTTP on port 80: through
the Apache that runs where that holds the port, else certbot answers by itself. Every run says the
same words, and certbot leaves alone what is good for a third of its life. Sources: certbot's
documentation (certonly, webroot), RFC 8555.
"""

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from fairlead.api import (
    NOT_KNOWN,
    Ask,
    Check,
    Container,
    Fact,
    FairleadError,
    Secret,
    Step,
    certificates,
    files,
    script,
)

from . import secrets, timers
from .remotes import names

DAY = 86400
SOON = 20 * DAY  # certbot renews 30 days before the end: what is nearer has not been renewed
SCHEDULE = "OnCalendar=*-*-* 00,12:00:00\nRandomizedDelaySec=3600\nPersistent=true\n"

sh = script.beside(__file__)


def unit(c: Container) -> str:
    """The name of its units."""
    return f"fairlead-{c.name}-acme"


def facts(c: Container, ask: Ask[Any]) -> Iterator[Fact]:
    """`acme timer`: is there one; `certificate`: when the one that Apache reads ends."""
    if ask.verb in ("up", "down", "status"):
        yield Fact("acme timer", ("test", "-e", timers.timer(unit(c))), lambda code, text: not code)
        if ask.section.acme:
            path = f"{c.root}/current{secrets.CERTIFICATE}"
            yield Fact("certificate", ("cat", path), _ends)


def _ends(code: int, text: str) -> float | None:
    """Seconds since the epoch; None where there is none."""
    try:
        return None if code else certificates.ends(Secret(text))
    except ValueError:
        return None


# Steps


def steps(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """The certificate is there, Apache uses it, and a timer renews it. Raises FairleadError where
    the host has no name to have one for."""
    own, program = _names(ask), f"{c.root}/acme/program"
    acme = ask.section.acme
    yield files.put(program, _program(c, acme, own), mode=0o700, name="acme")
    yield Step(
        name="certificate",
        unless=None if _is_late(ask) else sh("acme_stands", c.name, c.root, acme.server, *own),
        do=("sh", program),
        timeout=600,
        progress=True,
        remedy="is port 80 of these names open to the world? "
        f"what certbot says lies in {c.root}/acme/logs",
        after=("acme",),
    )
    yield secrets.apache_uses_ours(c)
    yield from timers.put(unit(c), "acme", f"Certificate of {c.name}", program, SCHEDULE)


def _names(ask: Ask[Any]) -> tuple[str, ...]:
    own = names(ask)
    if not own:
        raise FairleadError(
            ask.target.host,
            "it has no full name to have a certificate for",
            "mend `hostname -f` there, or say perfsonar.names in the site",
        )
    return own


def _is_late(ask: Ask[Any]) -> bool:
    """Should it have been renewed?"""
    ends = ask.facts.get("certificate")
    return ends is not None and ends - ask.host.time < SOON


def _program(c: Container, acme: Any, own: tuple[str, ...]) -> str:
    """It with its words, which systemd would read otherwise."""
    words = (
        *(c.engine, c.name, c.root, acme.image, acme.email, acme.server, acme.ca),
        *("yes" if acme.webroot else "no", *own),
    )
    return f"set -- {shlex.join(words)}\n{sh.text('acme')}"


def gone(c: Container, ask: Ask[Any]) -> Iterator[Step]:
    """Nothing renews it any more; the certificate stays among the state."""
    if ask.facts.get("acme timer"):
        yield timers.gone(unit(c), "no acme", f"{c.root}/acme.gone")


# Status and preflight


def described(ask: Ask[Any]) -> Iterator[tuple[str, str, bool]]:
    """For status: a field, what it says, and whether it is as the site wants it."""
    if not ask.section.acme:
        return
    ends, now = ask.facts.get("certificate"), ask.host.time
    if ends is None or not now:
        yield "certificate", NOT_KNOWN, False
        return
    day, left = datetime.fromtimestamp(ends, UTC).date(), int((ends - now) // DAY)
    is_good = ends - now >= SOON and bool(ask.facts.get("acme timer"))
    late = "" if is_good else "; not renewed: inv perfsonar.up"
    yield "certificate", f"until {day}, {left} days{late}", is_good


def checks(ask: Ask[Any]) -> Iterator[Check]:
    if ask.section.acme:
        own = names(ask)
        yield Check(
            name="certificate",
            ok=bool(own),
            wanted="a full name of the host",
            found=", ".join(own) or "none",
            why="who signs the certificate asks each of them over HTTP on port 80",
            remedy="mend `hostname -f` there, or say perfsonar.names in the site",
        )
