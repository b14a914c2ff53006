"""Packages of a host's own distribution."""

from collections.abc import Iterable

from fairlead.model.plan import Argv, Fact, Step
from fairlead.operations import script

sh = script.beside(__file__)

MANAGERS = ("apt", "dnf", "yum")


def manager_fact() -> Fact:
    """`packages`: apt, dnf or yum; "" for none that is known."""
    return Fact("packages", sh("manager"), _manager)


def _manager(code: int, text: str) -> str:
    return text.strip() if text.strip() in MANAGERS else ""


def install(manager: str, names: Iterable[str], enablerepo: str = "") -> Argv:
    """The line that installs; `enablerepo` is for dnf and yum."""
    if manager == "apt":
        return ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", *names)
    option = (f"--enablerepo={enablerepo}",) if enablerepo else ()
    return (manager or "yum", "-y", *option, "install", *names)


def installed(
    manager: str, names: Iterable[str], enablerepo: str = "", name: str = "packages"
) -> Step:
    """They are there.

    What was installed stays when a later step fails: others may use it by then.
    """
    names = tuple(names)
    question = "installed_deb" if manager == "apt" else "installed_rpm"
    return Step(
        name=name,
        unless=sh(question, *names),
        do=install(manager, names, enablerepo),
        timeout=1800,
        progress=True,
        remedy="are its repositories there?",
    )
