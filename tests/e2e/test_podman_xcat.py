"""xCAT's stand-ins on Podman 4 and cgroup v2, with the host's network: upstream's image of
before, and one by our recipe; versions, one of them broken, a boot."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import managers, xcat
from tests.e2e.depot import Depot
from tests.e2e.ground import done, eventually, publish, sh, site_with, under
from tests.e2e.inv import NETWORK, Said, inv

pytestmark = pytest.mark.long

IMAGE = "xcat/xcat2"
LSDEF = "podman exec xcatmn /opt/xcat/bin/lsdef | sort"
STANDS = "podman ps -a --format '{{.Names}} {{.Status}}' | cut -d' ' -f1,2 | sort"
MODE = "podman inspect -f '{{.Config.StopSignal}} {{.Config.SystemdMode}}' xcatmn"
SECTION: dict[str, Any] = xcat.SECTION | {
    "hosts": "n3",
    "engine": "podman",
    "network": "host",
    "bridge": {"address": f"{NETWORK}.3/24"},
}
VERSION = "podman exec xcatmn /opt/xcat/bin/lsxcatd -v"


@pytest.fixture
def site(lab: None, tmp_path: Path) -> Iterator[str]:
    under("n3", sh.text("podman_clear"))
    under("n3", "rm -rf /var/lib/xcat-docker")
    publish("2.16.5", image=IMAGE)
    section = SECTION | {"image": {"x86_64": IMAGE}}
    yield f"--site={site_with(tmp_path, xcat=section)}"
    under("n3", sh.text("podman_clear"))
    under("n3", "rm -rf /var/lib/xcat-docker")


def test_it_goes_its_whole_way_on_podman(site: str) -> None:
    checks = {
        check["name"]: check["ok"]
        for check in done("xcat.preflight", site, "--json").rows["n3"]["checks"]
    }
    assert (checks["engine"], checks["at boot"], checks["room"]) == (True, True, True)
    done("xcat.up", site)
    assert not done("xcat.up", site, "--json").json["changed"]
    assert done("xcat.status", site, "--json").json["ok"]
    under("n3", "podman exec xcatmn /opt/xcat/bin/mkdef -t node cn1")
    before = under("n3", LSDEF)
    assert "cn1" in before
    publish("2.17.0", image=IMAGE)
    done("xcat.upgrade", site)
    assert ("2.17.0" in under("n3", VERSION), under("n3", LSDEF)) == (True, before)
    assert not done("xcat.upgrade", site, "--json").json["changed"]
    publish("2.18.0", image=IMAGE, broken=True)
    assert inv("xcat.upgrade", site, timeout=300).code == 8
    assert ("2.17.0" in under("n3", VERSION), under("n3", LSDEF)) == (True, before)
    for state in ("off", "on"):
        done("lab.power", "--host=n3", f"--state={state}", "--yes")
    eventually(lambda: under("n3", LSDEF) == before, 30)
    assert under("n3", STANDS) == "xcatmn Up\nxcatmn.previous Exited\n"
    done("xcat.rollback", site)
    assert "2.16.5" in under("n3", VERSION)
    done("xcat.down", site, "--yes")
    assert under("n3", "podman ps -q; systemctl is-enabled fairlead-xcatmn.service") == "disabled\n"


@pytest.fixture
def built(lab: None, depot: Depot, tmp_path: Path) -> Iterator[Callable[..., Said]]:
    """`inv` with a site whose host builds the version that is asked for; it has to end well."""
    managers.prepare("n3")
    under("n3", sh.text("podman_clear"))
    sources = managers.repository(depot)

    def call(*argv: str, version: str = "2.18.1") -> Said:
        recipe = {"release": "10", "version": version, "sources": sources}
        section = SECTION | {"hostname": "mn3", "patience": 60, "recipe": recipe}
        site = site_with(tmp_path, xcat=section)
        return done(*argv, "--json", FAIRLEAD_SITE=site, timeout=300)

    yield call
    under("n3", sh.text("podman_clear"))
    managers.leave("n3")


def test_an_image_of_our_recipe_becomes_podman_s_and_systemd_is_its_first_process(built) -> None:
    assert built("xcat.build").json["changed"]
    assert not built("xcat.build").json["changed"]
    built("xcat.up")
    assert not built("xcat.up").json["changed"]
    assert under("n3", MODE) == "37 true\n"
    under("n3", "podman exec xcatmn /opt/xcat/bin/mkdef -t node cn1 cn2")
    built("xcat.build", version="2.19.0")
    built("xcat.upgrade", version="2.19.0")
    assert not built("xcat.upgrade", version="2.19.0").json["changed"]
    fields = built("xcat.status", version="2.19.0").rows["n3"]["fields"]
    assert (fields["xcatd"], fields["nodes"]) == ("answers", 2)
    built("xcat.rollback", version="2.19.0")
    assert under("n3", VERSION).startswith("Version 2.18.1 ")
    built("xcat.down", "--yes")
