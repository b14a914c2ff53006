"""Preflight of what a site gives its workers beyond the document's line: devices, user namespaces,
propagation, and the time that condor takes where its own name does not resolve."""

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.api import Ask, Check

from ..places import Place, places
from ..sections.worker import Worker
from . import options

# Seconds: three daemons of a worker (master, shared port, startd) sleep 60 each
UNNAMED = 240


def checks(ask: Ask[Any]) -> Iterator[Check]:
    worker, host = ask.section.worker, ask.target.host
    files = options.device_files(worker)
    if files:
        absent = ask.facts.get("absent") or ()
        yield _devices([path for path in files if path in absent], host)
    if ask.selinux == "Enforcing":
        yield _selinux(worker, bool(ask.facts.get("confined")))
    if worker.security_opt:
        yield _user_namespaces(ask.facts.get("userns"))
    for path, wanted in worker.propagation.items():
        yield _propagation(worker.engine, path, wanted, ask.facts.get("propagation") or {})
    yield from _own_names(ask, places(ask.section, host))


def _devices(absent: list[str], host: str) -> Check:
    return Check(
        name="devices",
        ok=not absent,
        wanted="every device of worker.devices",
        found=f"{', '.join(absent)}: not there" if absent else "all there",
        why="no container starts with a device that is not there; "
        "without /dev/fuse apptainer mounts no image",
        remedy=f"load its module on {host} (modprobe fuse), or take it out of worker.devices",
    )


def _selinux(worker: Worker, confined: bool) -> Check:
    is_free = bool({"label=disable", "label:disable"} & set(worker.security_opt))
    found = "label=disable" if is_free else "workers are confined"
    return Check(
        name="SELinux",
        ok=is_free or not confined,
        wanted="workers that may read what is mounted: label=disable in worker.security_opt",
        found=found if confined else "the engine confines nobody",
        why="only what fairlead makes is labelled for containers; another label on /home, /cvmfs "
        "or /etc/grid-security would be another one for everybody on the host",
        remedy="security_opt: [label=disable], or a policy of the site's own for these folders",
        blocks=False,
    )


def _user_namespaces(settings: tuple[str, ...] | None) -> Check:
    found = ", ".join(settings) if settings else "allowed"
    return Check(
        name="user namespaces",
        ok=settings == (),
        wanted="user namespaces without privileges",
        found="not known" if settings is None else found,
        why="apptainer starts payloads in them where it is not setuid",
        remedy="sysctl user.max_user_namespaces=15000, kernel.unprivileged_userns_clone=1, "
        "kernel.apparmor_restrict_unprivileged_userns=0: those that are named here, "
        "and in a file of /etc/sysctl.d",
        blocks=False,
    )


def _propagation(engine: str, path: str, wanted: str, states: Mapping[str, str]) -> Check:
    state = states.get(path, "not known")
    words = state.split(",")
    return Check(
        name=f"propagation of {path}",
        ok="shared" in words or (wanted == "rslave" and "slave" in words),
        wanted="shared, or slave of another" if wanted == "rslave" else "shared",
        found=state,
        why=f"{engine.capitalize()} mounts it as {wanted} from such a mount alone, "
        "and starts no container else",
        remedy=f"mount --make-rshared on the mount that {path} lies in (findmnt -T {path})",
    )


def _own_names(ask: Ask[Any], here: tuple[Place, ...]) -> Iterator[Check]:
    """Names without an address, where the patience is too short for them."""
    dns, patience = ask.facts.get("dns") or {}, ask.section.worker.patience
    nameless = [place.hostname for place in here if not dns.get(place.hostname, ("",))[0]]
    if nameless and patience < UNNAMED:
        yield Check(
            name="patience",
            ok=False,
            wanted=f"own names that resolve, or worker.patience of {UNNAMED}",
            found=f"no address of {', '.join(nameless)}, patience of {patience} s",
            why="an HTCondor whose own name does not resolve sleeps 60 s in each of its daemons, "
            "and a worker that is not well in time gives way to the old one",
            remedy=f"enter the names in DNS, or say patience: {UNNAMED}",
            blocks=False,
        )
