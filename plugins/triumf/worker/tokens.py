"""The IDTOKEN by which workers join a pool of HTCondor: where it lies, until when it is good.

A token is a JSON Web Token (RFC 7519): three parts in base64url, the second its claims. Whether the
pool's key has signed it, only the pool can tell; here the claims are read, and never shown.
Sources: condor_token_create(1), HTCondor's manual (IDTOKENS), RFC 7519 (exp, nbf).
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from fairlead.api import Ask, Check, Fact, Secret, SecretError, SecretSpec, Step, script
from fairlead.api import files as host_files

from ..sections.worker import TOKENS, Worker

sh = script.beside(__file__)

NO_TOKEN = "is no IDTOKEN: it has to be what condor_token_create prints, one line"
ADVERTISES = "condor:/ADVERTISE_STARTD"  # what a startd needs to be in the pool's collector
SOON = 7  # days
DAY = 86400  # seconds
PATIENCE = 90  # seconds for a worker that begins anew
MAKE = (
    "condor_token_create -identity NAME@TRUST_DOMAIN -lifetime SECONDS -authz READ "
    "-authz ADVERTISE_MASTER -authz ADVERTISE_STARTD at the central manager"
)


def path(worker: Worker) -> str:
    """Where it lies, on the engine and inside."""
    return f"{TOKENS}/{worker.token_secret}"


def needs(ask: Ask[Any]) -> Iterator[SecretSpec]:
    worker: Worker = ask.section.worker
    if worker.token_secret:
        yield SecretSpec(
            name=worker.token_secret,
            about="IDTOKEN by which workers join their pool",
            path=path(worker),
            ends=ends,
            check=lambda secrets, now: _sound(
                worker.token_secret, secrets[worker.token_secret], now
            ),
        )


def claims(token: Secret) -> Mapping[str, Any]:
    """What it says of itself. Raises ValueError, which tells nothing of it."""
    parts = token.reveal().strip().split(b".")
    try:
        header, payload = (json.loads(_decoded(part)) for part in parts[:2])
    except (ValueError, RecursionError):
        raise ValueError(NO_TOKEN) from None
    if len(parts) != 3 or not isinstance(header, dict) or not isinstance(payload, dict):
        raise ValueError(NO_TOKEN)
    return payload


def _decoded(part: bytes) -> bytes:
    return urlsafe_b64decode(part + b"=" * (-len(part) % 4))


def ends(token: Secret) -> float | None:
    """When it expires, in seconds since the epoch; None: it does not. Raises ValueError."""
    until = claims(token).get("exp")
    if until is None:
        return None
    if isinstance(until, bool) or not isinstance(until, int | float):
        raise ValueError(NO_TOKEN)
    return float(until)


def _sound(name: str, token: Secret, now: float) -> None:
    """Raises SecretError for what is no token, or has expired."""
    where, remedy = f"secrets/{name}", f"{MAKE}, then inv secrets.set --name={name}"
    try:
        until = ends(token)
    except ValueError as error:
        raise SecretError(where, str(error), remedy) from None
    if until is not None and until <= now:
        raise SecretError(where, "has expired: the pool takes no worker by it", remedy)


def delivered(ask: Ask[Any], workers: tuple[str, ...]) -> Iterator[Step]:
    """The token is on the engine, for root alone, and workers that run take a new one over.

    A condor that has found no token looks for one again when it is told to read its configuration.
    Its daemons learn only minutes later that the collector calls them back by then (HTCondor's
    ccb_listener.cpp tries every CCB_RECONNECT_TIME, 60 s; shared_port_endpoint.cpp reads the new
    address every 300 s, and at no reconfig): where that is how a worker is reached, it is asked.
    """
    worker: Worker = ask.section.worker
    if worker.token_secret:
        value = Secret(ask.secrets[worker.token_secret].reveal().strip() + b"\n")
        file = host_files.SecretFile(path(worker), value)
        question = "" if worker.is_published else sh.text("called_back")
        step = host_files.secrets(
            (file,), "IDTOKEN", sh("reconfigured", worker.engine, question, *workers)
        )
        yield replace(step, timeout=300 + PATIENCE * len(workers))


def called_fact(engine: str, names: tuple[str, ...]) -> Fact:
    """`called`: the workers that the pool's collector calls back; None: not known."""
    return Fact("called", sh("called", engine, sh.text("called_back"), *names), called, timeout=60)


def called(code: int, text: str) -> tuple[str, ...] | None:
    return None if code else tuple(text.split())


def checks(ask: Ask[Any]) -> Iterator[Check]:
    """Is it there, good for a while, and for a startd?"""
    worker: Worker = ask.section.worker
    if not worker.token_secret:
        return
    token = ask.secrets.get(worker.token_secret)
    if not isinstance(token, Secret):
        yield _check(worker, f"no secrets/{worker.token_secret}", blocks=True)
        return
    try:
        fault, blocks = _fault(claims(token), ends(token), ask.host.time)
    except ValueError as error:
        fault, blocks = str(error), True
    yield _check(worker, fault, blocks=blocks)


def _fault(claims: Mapping[str, Any], until: float | None, now: float) -> tuple[str, bool]:
    """What is wrong with it ("": nothing), and whether no worker can join by it."""
    if until is not None and until <= now:
        return "expired", True
    scopes = str(claims.get("scope") or "").split()
    if scopes and ADVERTISES not in scopes:
        return f"not good for {ADVERTISES}", True
    if until is not None and until < now + SOON * DAY:
        return f"expires in {(until - now) / DAY:.1f} days", False
    return "", False


def _check(worker: Worker, fault: str, blocks: bool) -> Check:
    return Check(
        name="IDTOKEN",
        ok=not fault,
        wanted=f"a token for a startd, good for {SOON} days at least",
        found=fault or "good",
        why="workers join the pool by it; jobs of a worker that cannot are lost to the pool",
        remedy=f"{MAKE}, then inv secrets.set --name={worker.token_secret} "
        "and inv triumf.secrets --deliver",
        blocks=blocks,
    )
