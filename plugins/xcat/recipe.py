"""An image of today's xCAT by our recipe: its packages on an Enterprise Linux, with systemd.

The packages' own scripts run `xcatconfig -i` while the tree is made. What it leaves, keys and the
name of the host that builds, is taken away again; the first start does it anew (first_start.sh).
Sources: xCAT.spec, xcatconfig, xcatd.service of github.com/xcat2/xcat-core (2.19.0), its page
"Configure xCAT Software Repository".
"""

from collections.abc import Iterator
from typing import Any

from fairlead.api import (
    Ask,
    Check,
    Fact,
    build_checks,
    builds,
    docker,
    enterprise,
    recipes,
    script,
)
from fairlead.api import checks as preflight
from fairlead.api import facts as facts_

from .site import XCat

COMMAND = "inv xcat.build"
XCAT = "https://xcat.org/files/xcat/repos/yum/latest"
SYSTEM = (
    *("almalinux-release", "bash", "coreutils", "findutils", "hostname", "iproute"),
    *("procps-ng", "systemd", "openssh-server"),
)
START = "/usr/local/sbin/xcat-start"
UNIT = f"""[Unit]
Description=xCAT: its first start, and every other
After=network.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={START}
TimeoutStartSec=900
StandardOutput=journal+console
StandardError=journal+console

[Install]
WantedBy=multi-user.target
"""
LEGACY = "10"  # from this release on systemd refuses cgroup v1
BOTH = "both answer DHCP, TFTP and http, and the nodes would boot from either"

sh = script.beside(__file__)


def reference(site: XCat) -> str:
    return docker.made_here(f"fairlead/xcat:{site.tag or 'latest'}", site.engine)


def _recipe(site: XCat) -> recipes.Recipe:
    assert site.recipe
    release, version = site.recipe.release, site.recipe.version
    major = release.partition(".")[0]
    key = f"{XCAT}/xcat-core/repodata/repomd.xml.key"
    own = (
        recipes.Repository("xcat-core", f"{XCAT}/xcat-core", key),
        recipes.Repository("xcat-dep", f"{XCAT}/xcat-dep/rh{major}/$basearch", key),
    )
    package = f"xCAT-{version}" if version else "xCAT"
    return recipes.Recipe(
        method="dnf",
        release=release,
        repositories=enterprise.of_site(site.recipe.sources, release, *own),
        stanzas=(
            recipes.Stanza(name="system", packages=SYSTEM),
            recipes.Stanza(name="xcat", packages=(package,)),
        ),
        files=(
            recipes.File(path=START, content=f"#!/bin/sh\n{sh.text('first_start')}", mode="0755"),
            recipes.File(path="/etc/systemd/system/xcat-start.service", content=UNIT),
        ),
        finish=sh("finish"),
        changes=('CMD ["/sbin/init"]', "ENV container=docker"),
    )


def build(site: XCat) -> builds.Build | None:
    """What makes the image; None: the site has no recipe."""
    if not site.recipe:
        return None
    return builds.plain("xcat", _recipe(site), reference(site), site.recipe.scratch, site.engine)


def facts(site: XCat) -> Iterator[Fact]:
    """`built`, what is asked of a host that builds, `alone`, `elsewhere`."""
    if own := build(site):
        yield from build_checks.own_facts(own)
    yield preflight.alone_fact(site.engine, "confluent")
    older = ("test", "!", "-d", f"{site.state}/current/xcatdata")
    yield Fact("elsewhere", older, lambda code, text: code == 1)


def checks(ask: Ask[Any]) -> Iterator[Check]:
    """What an image of our own needs of its host."""
    if own := build(ask.section):
        yield from build_checks.own(ask, own)
    yield _cgroup(ask)
    yield _state(ask)
    yield preflight.alone(ask, "confluent", "Confluent", BOTH)


def _cgroup(ask: Ask[Any]) -> Check:
    cgroup = ask.engine.cgroup
    needs_new = facts_.at_least(ask.section.recipe.release, LEGACY)
    return Check(
        name="cgroup",
        ok=cgroup == "2" or not needs_new,
        wanted="cgroup v2" if needs_new else "any cgroup version",
        found=f"cgroup v{cgroup}" if cgroup else "not known",
        why="systemd of Enterprise Linux 10 does not start on cgroup v1",
        remedy="release 9 in xcat.recipe, or another host",
        blocks=cgroup == "1",
    )


def _state(ask: Ask[Any]) -> Check:
    """Upstream's own images of before keep their tables elsewhere, where ours does not look."""
    elsewhere = bool(ask.facts.get("elsewhere"))
    return Check(
        name="tables",
        ok=not elsewhere,
        wanted=f"no tables of xcat/xcat2 in {ask.section.state}",
        found="there are some in current/xcatdata" if elsewhere else "none",
        why="the new image would begin with empty tables",
        remedy="dumpxCATdb in the old container, another xcat.state, then restorexCATdb in the new "
        "one",
    )
