"""The image: Confluent's packages on an Enterprise Linux, without systemd.

Source: `container/Dockerfile` of Confluent, whose base is almalinux:10; /etc/confluent has to be of
the user who runs it, or the server refuses to start (`assure_ownership` in main.py).
"""

from collections.abc import Iterator

from fairlead.api import (
    Ask,
    Check,
    Fact,
    Steps,
    build_checks,
    builds,
    enterprise,
    recipes,
    script,
)

from . import Confluent

COMMAND = "inv confluent.build"
LENOVO = "https://hpc.lenovo.com/yum/latest"
SYSTEM = ("almalinux-release", "bash", "coreutils", "findutils", "hostname", "iproute")
PACKAGE = "lenovo-confluent"
BESIDE = ("tftp-server", "openssh-clients", "openssl")

sh = script.beside(__file__)


def _recipe(site: Confluent) -> recipes.Recipe:
    assert site.recipe
    release = site.recipe.release
    url = f"{LENOVO}/el{release.partition('.')[0]}/$basearch/"
    lenovo = recipes.Repository("lenovo-hpc", url, f"{url}lenovohpckey.pub")
    own = f"{PACKAGE}-{site.recipe.version}" if site.recipe.version else PACKAGE
    return recipes.Recipe(
        method="dnf",
        release=release,
        repositories=enterprise.of_site(site.recipe.sources, release, lenovo),
        stanzas=(
            recipes.Stanza(name="system", packages=SYSTEM),
            recipes.Stanza(name="confluent", packages=(own, *BESIDE)),
        ),
        finish=sh("finish"),
    )


def _build(site: Confluent) -> builds.Build:
    assert site.recipe
    reference = f"{site.image}:{site.tag}"
    return builds.plain("confluent", _recipe(site), reference, site.recipe.scratch, site.engine)


def build(ask: Ask[builds.BuildOptions]) -> Steps:
    if not ask.section.recipe:
        return []
    return [*builds.build(ask, _build(ask.section))]


def facts(site: Confluent) -> Iterator[Fact]:
    """`built`, and what is asked of a host that builds."""
    assert site.recipe
    yield builds.state_fact(_build(site))
    yield from build_checks.facts(build_checks.tools((_recipe(site),)), site.recipe.scratch)


def checks(ask: Ask) -> Iterator[Check]:
    site: Confluent = ask.section
    assert site.recipe
    words = ("inv confluent.preflight", "recipe.scratch")
    return build_checks.of_host(ask, _recipe(site), site.recipe.scratch, *words)
