"""The image: Confluent's packages on an Enterprise Linux, without systemd.

Source: `container/Dockerfile` of Confluent, whose base is almalinux:10; /etc/confluent has to be of
the user who runs it, or the server refuses to start (`assure_ownership` in main.py).
"""

from fairlead.api import builds, enterprise, recipes, script

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


def build(site: Confluent) -> builds.Build | None:
    """What makes the image; None: the site has no recipe."""
    if not site.recipe:
        return None
    reference = f"{site.image}:{site.tag}"
    return builds.plain("confluent", _recipe(site), reference, site.recipe.scratch, site.engine)
