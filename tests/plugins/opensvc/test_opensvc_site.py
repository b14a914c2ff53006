"""A site with OpenSVC services: what is refused when it is read, and where its components are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.inventory import site
from fairlead.model.errors import SiteError
from tests.plugins.opensvc.services import PLUGINS, SITE, service


def loaded(tmp_path: Path, section: Mapping[str, Any]) -> Any:
    path = tmp_path / "x.yml"
    path.write_text(
        yaml.safe_dump({"hosts": {"n[1-2]": {}}, "opensvc": dict(section)}, sort_keys=False)
    )
    return site.load(path, PLUGINS.systems)


WRONG = {
    "a generation that cannot say it": (
        {"agent": {"generation": "3"}, **SITE},
        "docker_data_dir: agent 3 gives a service no engine of its own; take it away",
    ),
    "two engines on one directory": (
        {
            "services": {
                "a": service(nodes=["n1"], autostart_node=None),
                "b": service(nodes=["n1", "n2"], autostart_node=None),
            }
        },
        "opensvc.services.b.docker_data_dir: on n1 is already that of "
        "opensvc.services.a.docker_data_dir",
    ),
    "a node of another site": (
        {"services": {"a": service(nodes=["n9"], autostart_node=None)}},
        "no such host 'n9'",
    ),
    "several nodes as one": (
        {"services": {"a": service(nodes=["n[1-2]"], autostart_node=None)}},
        "no such host 'n[1-2]'; known: n1, n2, local",
    ),
    "a start elsewhere": (
        {"services": {"a": service(nodes=["n1"], autostart_node="n2")}},
        "autostart_node n2 is none of nodes",
    ),
    "no image": (
        {
            "services": {
                "a": service(nodes=["n1"], autostart_node=None, containers=[{"command": "a"}])
            }
        },
        "wanted image or run_image",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_site_that_is_wrong_is_refused_when_it_is_read(tmp_path: Path, case: str) -> None:
    section, words = WRONG[case]
    with pytest.raises(SiteError) as error:
        loaded(tmp_path, section)
    assert words in str(error.value)


def test_both_components_are_where_the_services_are(tmp_path: Path) -> None:
    opened = loaded(tmp_path, SITE)
    assert {
        component: opened.hosts_of("opensvc", component) for component in ("agent", "service")
    } == {"agent": ("n1", "n2"), "service": ("n1", "n2")}
