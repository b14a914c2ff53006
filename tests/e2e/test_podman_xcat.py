"""xCAT's stand-in on Podman 4, with its host's network: up, versions, one of them broken, a boot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import xcat
from tests.e2e.ground import done, eventually, publish, sh, site_with, under
from tests.e2e.inv import NETWORK, inv

IMAGE = "xcat/xcat2"
LSDEF = "podman exec xcatmn /opt/xcat/bin/lsdef | sort"
STANDS = "podman ps -a --format '{{.Names}} {{.Status}}' | cut -d' ' -f1,2 | sort"
VERSION = "podman exec xcatmn /opt/xcat/bin/lsxcatd -v"


@pytest.fixture
def site(lab: None, tmp_path: Path) -> Iterator[str]:
    under("n3", sh.text("podman_clear"))
    under("n3", "rm -rf /var/lib/xcat-docker")
    publish("2.16.5", image=IMAGE)
    section = {
        "hosts": "n3",
        "engine": "podman",
        "network": "host",
        "image": {"x86_64": IMAGE},
        "bridge": {"address": f"{NETWORK}.3/24"},
    }
    yield f"--site={site_with(tmp_path, xcat=xcat.SECTION | section)}"
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
