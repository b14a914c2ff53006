"""What HTCondor 24 and 25 do otherwise than the one in the workers that run.

Source: HTCondor's manual, the pages "Upgrading from an X LTS version to a Y LTS version".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check, Fact, Noun, script

from ..common import advice
from ..common.advice import Change

sh = script.beside(__file__)

TO_10, TO_23 = "Upgrading from 9.0 to 10.0", "Upgrading from 10.0 to 23.0"
TO_24, TO_25 = "Upgrading from 23.0 to 24.0", "Upgrading from 24.0 to 25.0"
ROUTER = ("JOB_ROUTER_DEFAULTS", "JOB_ROUTER_ENTRIES", "JOB_ROUTER_ENTRIES_FILE")
POLICY = (
    *("ActivationTimer", "ConsoleBusy", "CpuBusy", "CpuIdle", "JustCPU", "KeyboardBusy"),
    *("KeyboardNotBusy", "LastCkpt", "MachineBusy", "NonCondorLoadAvg", "CpuBusyTime"),
)
SLOTS = re.compile(r"NUM_SLOTS|SLOT_TYPE_\d+", re.I)
EXPRESSIONS = re.compile(r"START|RANK|REQUIREMENTS|.*_EXPRS?|PREEMPT|SUSPEND|KILL|CONTINUE", re.I)
SUFFIX = re.compile(r"(?<![\w.\"])\d+[KMGT]B?\b", re.I)


class Configured(Noun):
    """HTCondor in a worker: its version, whose its folder of jobs is, what is set there."""

    version: str
    execute: str
    settings: Mapping[str, str]


def fact(engine: str, names: Iterable[str]) -> Fact:
    """`configured`: worker -> what is configured in it, of those that run."""
    argv = sh("configured", engine, sh.text("configured_inside"), *names)
    return Fact("configured", argv, parsed, timeout=120)


def parsed(code: int, text: str) -> Mapping[str, Configured]:
    """What configured.sh prints; one without a version is left out."""
    blocks = re.split(r"^\[(\S+)\]\n", text, flags=re.M)[1:]
    pairs = zip(blocks[::2], blocks[1::2], strict=True)
    workers = {name: _worker(block) for name, block in pairs}
    return {name: worker for name, worker in workers.items() if worker.version}


def _worker(block: str) -> Configured:
    lines = block.splitlines()
    settings = dict(_setting(line) for line in lines if "=" in line)
    return Configured(_word("version", lines), _word("execute", lines), settings)


def _word(name: str, lines: list[str]) -> str:
    words = (line.split() for line in lines if "=" not in line)
    return next((word[1] for word in words if word[0] == name and len(word) > 1), "")


def _setting(line: str) -> tuple[str, str]:
    name, _, value = line.partition("=")
    return name.strip(), value.strip()


def checks(ask: Ask[Any], names: Iterable[str]) -> Iterator[Check]:
    """Of the workers of an engine: alike ones are one check."""
    version = advice.version_of(ask, advice.HTCONDOR)
    if not version:
        return
    workers: Mapping[str, Configured] = ask.facts.get("configured") or {}
    yield _running(tuple(names), workers)
    shown: set[tuple[str, str]] = set()
    for worker in workers.values():
        for check in advice.checks(CHANGES, worker.version, version, worker):
            if (check.name, check.found) not in shown:
                shown.add((check.name, check.found))
                yield check


def _running(names: tuple[str, ...], workers: Mapping[str, Configured]) -> Check:
    silent = [name for name in names if name not in workers]
    versions = sorted({worker.version for worker in workers.values()})
    return Check(
        name="condor",
        ok=not silent,
        wanted="workers that run and say how they are configured",
        found=f"{advice.UNKNOWN} of {advice.listed(silent)}" if silent else advice.listed(versions),
        why="the image of the workers decides, and only one that runs tells what stands in it",
        remedy="inv triumf.worker.up, then again",
        blocks=False,
    )


def _all_of(worker: Configured, names: Iterable[str]) -> str:
    return advice.named(worker.settings, names)


def _with(pattern: str, worker: Configured, where: re.Pattern[str]) -> str:
    """The settings, of those names, whose value has the pattern."""
    return advice.listed(
        name
        for name, value in worker.settings.items()
        if where.fullmatch(name) and re.search(pattern, value)
    )


ANY = re.compile(r".*")


def _slots(worker: Configured) -> str:
    has_slots = any(SLOTS.fullmatch(name) for name in worker.settings)
    return "" if has_slots else "neither NUM_SLOTS nor SLOT_TYPE_1"


def _execute(worker: Configured) -> str | None:
    if not worker.execute:
        return None
    return "" if worker.execute == "condor" else f"EXECUTE is {worker.execute}'s"


CHANGES = (
    Change(
        name="GSI",
        since="10.0",
        aim="no GSI among the methods of authentication",
        why="GSI is gone: who has no other method is let in nowhere",
        source=TO_10,
        remedy="IDTOKENS (worker.token_secret), or SSL",
        concerned=lambda worker: _with(
            r"\bGSI\b", worker, re.compile(r"SEC_.*AUTHENTICATION_METHODS", re.I)
        ),
    ),
    Change(
        name="TRUST_DOMAIN",
        since="10.0",
        aim="TRUST_DOMAIN that is set",
        why="its default has become $(UID_DOMAIN): tokens of another issuer are not used",
        source=TO_10,
        remedy="TRUST_DOMAIN = the issuer of the pool's tokens (their claim iss)",
        concerned=lambda worker: "" if "TRUST_DOMAIN" in worker.settings else "not set",
        blocks=False,
    ),
    Change(
        name="slots",
        since="23.0",
        aim="slots that are configured",
        why="without any a startd has one slot that is divided, and its RANK has no effect",
        source=TO_23,
        remedy="use FEATURE:StaticSlots for one a core as before, or SLOT_TYPE_1",
        concerned=_slots,
        blocks=False,
    ),
    Change(
        name="policy",
        since="23.0",
        aim="none of the constants of desktop policies in expressions",
        why="ActivationTimer, CpuBusy, KeyboardBusy and their like are undefined, and CpuBusyTime "
        "is a time of day",
        source=TO_23,
        remedy="use FEATURE:POLICY_EXPR_FRAGMENTS in the image's configuration",
        concerned=lambda worker: _with(rf"\b(?:{'|'.join(POLICY)})\b", worker, ANY),
    ),
    Change(
        name="memory",
        since="23.0",
        aim="CGROUP_MEMORY_LIMIT_POLICY that is set",
        why="a job over its memory is held: the default has become to enforce it by cgroups",
        source=TO_23,
        remedy="CGROUP_MEMORY_LIMIT_POLICY = none, or hard if that is meant",
        concerned=lambda worker: (
            "" if "CGROUP_MEMORY_LIMIT_POLICY" in worker.settings else "not set"
        ),
        blocks=False,
    ),
    Change(
        name="suffixes",
        since="24.0",
        aim="numbers without a unit in expressions",
        why="the ClassAd language has no suffixes of units any more",
        source=TO_24,
        remedy="write the number out: 10 * 1024 instead of 10K",
        concerned=lambda worker: _with(SUFFIX.pattern, worker, EXPRESSIONS),
    ),
    Change(
        name="condor_pool",
        since="24.0",
        aim="condor@password for who comes by the pool's password",
        why="the identity of PASSWORD has become condor@password: rules for condor_pool@ let "
        "nobody in, and keep nobody out",
        source=TO_24,
        remedy="name condor@password beside it in these settings; those that a template of "
        "HTCondor's own has set (use security: ...) are as the next version has them",
        concerned=lambda worker: _with(
            r"^(?!.*\bcondor@password).*\bcondor_pool@",
            worker,
            re.compile(r"(?:ALLOW|DENY)_.*", re.I),
        ),
        blocks=False,
    ),
    Change(
        name="job router",
        since="25.0",
        aim="none of the old words of the job router",
        why="its old language of routes is gone",
        source=TO_25,
        remedy="JOB_ROUTER_ROUTE_NAME and JOB_ROUTER_TRANSFORM_NAME instead",
        concerned=lambda worker: _all_of(worker, (*ROUTER, "JOB_ROUTER_ENTRIES_CMD")),
    ),
    Change(
        name="EXECUTE",
        since="25.0",
        aim="a folder of jobs that is condor's own",
        why="where the daemons start as root it has to be, and a startd neither cleans nor mends "
        "one that is not",
        source=TO_25,
        remedy="chown condor on the folder of EXECUTE in the image",
        concerned=_execute,
    ),
)
