"""Is the system fit to stop for another version, and may it go back? Asked of dmg beforehand."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check

from . import recipe
from .compatibility import same_release
from .releases import Release, release
from .system_state import WELL, Pool, SystemState

READY = frozenset({"ready", ""})
QUIET = frozenset({"idle", "done", ""})


def upgradable(ask: Ask[Any]) -> Iterator[Check]:
    """What is asked before anything stops; on the first host with dmg."""
    state: SystemState | None = ask.facts.get("system")
    if state is None:
        return
    current = versions(ask).get("daos-server", "")
    crosses = not current or not same_release(current, ask.section.version)
    yield _answers(state, blocks=crosses)
    if state.ranks:
        yield _ranks(state.ranks)
        yield _pools(state.pools)
    target = release(ask.section.version)
    if state.ranks and target and crosses:
        yield from layouts(state, target)


def versions(ask: Ask[Any]) -> Mapping[str, str]:
    """The version of DAOS in each container of a server, as the part before found them.

    By the name of the container: where servers differ, that of any.
    """
    hosts = ask.components.get("server", {}).values()
    states = [facts["container"] for facts in hosts if isinstance(facts.get("container"), dict)]
    return {
        name: state.labels.get(recipe.VERSION, "")
        for of_host in states
        for name, state in of_host.items()
    }


def _answers(state: SystemState, blocks: bool) -> Check:
    error = state.error or state.pools_error
    found = f"no: {error}" if error else "yes"
    return Check(
        name="the system answers dmg",
        ok=not error,
        wanted="yes, with all ranks and pools",
        found=found if state.is_formatted else "its storage was never formatted",
        why="whether ranks and pools are well, and of which layout pools are, is asked before all "
        "stops; afterwards nobody answers",
        remedy="inv daos.up starts what stands still, inv daos.admin.query shows it; "
        "--skip-preflight goes without asking",
        blocks=blocks,
    )


def _ranks(ranks: Mapping[int, str]) -> Check:
    wrong = {rank: state for rank, state in ranks.items() if state not in WELL}
    words = ", ".join(f"{rank} {state}" for rank, state in sorted(wrong.items()))
    return Check(
        name="ranks",
        ok=not wrong,
        wanted="all joined",
        found=words or f"{len(ranks)} joined",
        why="what is wrong now is harder to mend when all has stopped, and a new version is judged "
        "by its ranks",
        remedy="inv daos.admin.query shows them; one that is meant to be away: "
        "inv daos.admin.exec -- dmg system exclude --ranks=RANK",
    )


def _pools(pools: Iterable[Pool]) -> Check:
    wrong = [pool for pool in pools if not _is_well(pool)]
    words = ", ".join(f"{pool.label} {pool.state or pool.rebuild}" for pool in wrong)
    return Check(
        name="pools",
        ok=not wrong,
        wanted="all ready, and none rebuilding",
        found=words or "all ready",
        why="a rebuild that is cut short begins anew, with less redundancy meanwhile",
        remedy="inv daos.pool.query --name=POOL; wait until it is ready",
    )


def _is_well(pool: Pool) -> bool:
    return pool.state.lower() in READY and pool.rebuild in QUIET


def layouts(state: SystemState, target: Release) -> Iterator[Check]:
    """A release reads the layout of the one before it, and none that is older."""
    wanted = target.layout - 1
    older = [pool for pool in state.pools if pool.layout is not None and pool.layout < wanted]
    silent = [pool for pool in state.pools if pool.layout is None] if wanted > 2 else []
    number = ".".join(map(str, target.number))
    words = [f"{pool.label} has layout {pool.layout}" for pool in older]
    words += [f"{pool.label}: not known" for pool in silent]
    example = next(iter((*older, *silent)), None)
    yield Check(
        name="layouts of pools",
        ok=not words,
        wanted=f"{wanted} at least, before DAOS {number}",
        found=", ".join(words) or "all are",
        why="dmg pool upgrade goes one layout at a time, by the release that has it",
        remedy=f"inv daos.admin.exec -- dmg pool upgrade {example.label if example else 'POOL'}, "
        "for each; when dmg pool get-prop POOL upgrade_status says completed: inv daos.upgrade",
    )


# Back


def returnable(ask: Ask[Any]) -> Iterator[Check]:
    """Which pools would nobody be able to read in the version before?"""
    state: SystemState | None = ask.facts.get("system")
    if state is None:
        return
    before = release(versions(ask).get("daos-server.previous", ""))
    if not before:
        return
    newer = [pool for pool in state.pools if (pool.layout or 0) > before.layout]
    number = ".".join(map(str, before.number))
    yield Check(
        name="pools made since",
        ok=not newer,
        wanted=f"none that DAOS {number} cannot read (layout {before.layout})",
        found=", ".join(f"{pool.label} has layout {pool.layout}" for pool in newer) or "none",
        why="a pool that was made or upgraded since has a layout that the version before does not "
        "know: it stays, and nobody reads it there",
        remedy="copy out what is in them, then inv daos.pool.destroy; --skip-preflight goes back "
        "without them, and they are there again after the next upgrade",
    )
