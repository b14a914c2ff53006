"""Preflight of what a container is limited in: memory, processors, processes."""

from collections.abc import Iterator, Sequence

from fairlead.model.plan import NOT_KNOWN, Ask, Check

# Flag of `run` -> the controller of cgroups that it needs
CONTROLLERS = {"--memory": "memory", "--cpus": "cpu", "--pids-limit": "pids"}


def check(ask: Ask, engine: str, options: Sequence[str] = ()) -> Iterator[Check]:
    """The host's cgroups can limit what a container of this engine is limited in by its `options`.
    Podman limits processes also where nothing says so.
    """
    flags = {word.partition("=")[0] for word in options} & set(CONTROLLERS)
    needed = tuple(name for flag, name in CONTROLLERS.items() if flag in flags)
    own = () if engine == "docker" or "pids" in needed else ("pids",)
    if needed:
        yield _check(ask, needed, _stops(ask, engine, needed))
    elif own and ask.engine.controllers is not None and "pids" not in ask.engine.controllers:
        yield _check(ask, own, False)


def _stops(ask: Ask, engine: str, needed: Sequence[str]) -> bool:
    """Does a missing controller keep the container from starting?

    Docker goes on without a limit that it cannot set, but for that of processors; so does Podman on
    cgroup v1, and on v2 its runtime ends.
    """
    if ask.engine.controllers is None:
        return False
    missing = set(needed) - set(ask.engine.controllers)
    if engine == "docker":
        return "cpu" in missing
    return bool(missing) and ask.engine.cgroup != "1"


def _check(ask: Ask, needed: Sequence[str], blocks: bool) -> Check:
    controllers = ask.engine.controllers
    missing = [name for name in needed if name not in (controllers or ())]
    return Check(
        name="limits",
        ok=controllers is not None and not missing,
        wanted=f"cgroups that limit {', '.join(needed)}",
        found=_described(controllers, missing),
        why="a limit without its controller is left out, or keeps the container from starting",
        remedy="a host whose cgroups have it (/sys/fs/cgroup/cgroup.controllers), or no such limit "
        "in the site, nor of Podman's own (pids_limit = 0 in containers.conf)",
        blocks=blocks,
    )


def _described(controllers: Sequence[str] | None, missing: Sequence[str]) -> str:
    if controllers is None:
        return NOT_KNOWN
    return f"no {', '.join(missing)}" if missing else "they do"
