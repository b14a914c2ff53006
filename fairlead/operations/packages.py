"""Packages of a host's own distribution."""

from collections.abc import Iterable

from fairlead.model.plan import Argv, Fact, Step

# A Debian may hold dnf as well, to build from: its own packages are still apt's.
MANAGER = """[ ! -e /etc/debian_version ] || { echo apt; exit; }
for name in dnf yum; do if command -v $name >/dev/null; then echo $name; exit; fi; done"""
INSTALLED = {
    "apt": """for name; do [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = "ii " ] || exit 1; done""",
    "rpm": """for name; do rpm -q "$name" >/dev/null 2>&1 || exit 1; done""",
}


def manager_fact() -> Fact:
    """`packages`: apt, dnf or yum; "" for none that is known."""
    return Fact(
        "packages",
        ("sh", "-c", MANAGER, "packages"),
        lambda code, text: text.strip() if text.strip() in ("apt", "dnf", "yum") else "",
    )


def install(manager: str, names: Iterable[str], enablerepo: str = "") -> Argv:
    """The line that installs; `enablerepo` is for dnf and yum."""
    if manager == "apt":
        return ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", *names)
    return (
        manager or "yum",
        "-y",
        *((f"--enablerepo={enablerepo}",) if enablerepo else ()),
        "install",
        *names,
    )


def installed(
    manager: str, names: Iterable[str], enablerepo: str = "", name: str = "packages"
) -> Step:
    """They are there. What was installed stays when a later step fails: others may use it by then."""
    given = tuple(names)
    question = ("sh", "-c", INSTALLED["apt" if manager == "apt" else "rpm"], "installed", *given)
    return Step(
        name=name,
        unless=question,
        do=install(manager, given, enablerepo),
        timeout=1800,
        progress=True,
        remedy="are its repositories there?",
    )
