"""Packages of a host's own distribution."""

from collections.abc import Iterable

from fairlead.model.plan import Argv, Fact, Step, then
from fairlead.operations import script

sh = script.beside(__file__)

MANAGERS = ("apt", "dnf", "yum")


def manager_fact() -> Fact:
    """`packages`: apt, dnf or yum; "" for none that is known."""
    return Fact("packages", sh("manager"), _manager)


def _manager(code: int, text: str) -> str:
    return text.strip() if text.strip() in MANAGERS else ""


def install(manager: str, names: Iterable[str], enablerepo: str = "") -> Argv:
    """The line that installs, and takes nothing away; `enablerepo` is for dnf and yum."""
    if manager == "apt":
        options = ("-y", "--no-remove")
        return ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", *options, *names)
    option = (f"--enablerepo={enablerepo}",) if enablerepo else ()
    return (manager or "yum", "-y", *option, "install", *names)


def installed(
    manager: str,
    names: Iterable[str],
    enablerepo: str = "",
    name: str = "packages",
    exactly: bool = False,
    remedy: str = "are its repositories there?",
) -> Step:
    """They are there.

    What was installed stays when a later step fails: others may use it by then. `exactly`: nothing
    that only provides one of them takes its place.
    """
    names = tuple(names)
    offered = sh("offered_rpm", manager or "yum", enablerepo, *names)
    line = install(manager, names, enablerepo)
    question = "installed_deb" if manager == "apt" else "installed_rpm"
    return Step(
        name=name,
        unless=sh(question, *names),
        do=then(offered, line) if exactly and manager != "apt" else line,
        timeout=1800,
        progress=True,
        remedy=remedy,
    )
