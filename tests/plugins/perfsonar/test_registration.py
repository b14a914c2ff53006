"""What the lookup service is told: the image's own file, edited in place."""

import os
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from tests.plugins.perfsonar.conftest import AWKS
from tests.plugins.perfsonar.test_perfsonar import PLUGINS, names

IMAGES = (
    PLUGINS / "lab/files/standins/perfsonar/rootfs/etc/perfsonar/lsregistrationdaemon.conf"
).read_text()
SECTION = {
    "site": "Tier-2 of L'Aquila, north",
    "domain": "example.org",
    "projects": ["WLCG", "CMS"],
    "country": "IT",
    "zip": "67100",
    "latitude": 42.35,
    "longitude": -13.4,
    "admin": {"name": "Net team", "email": "net@example.org"},
    "access": "research-education",
    "role": ["science-dmz"],
}
LINES = """\
site_name Tier-2 of L'Aquila, north
domain example.org
site_project WLCG
site_project CMS
country IT
zip_code 67100
latitude 42.35
longitude -13.4
role science-dmz
access_policy research-education
<administrator>
    name Net team
    email net@example.org
</administrator>
"""


@pytest.fixture(scope="module")
def registration(plugins: Plugins) -> Any:
    """The plugin's module of registration."""
    from fairlead_plugins.perfsonar import registration

    return registration


def lines(registration: Any, **section: Any) -> str:
    from fairlead_plugins.perfsonar.site import Registration

    return "\n".join(registration.lines(msgspec.convert(section, Registration)))


def test_the_keys_of_the_site_are_those_of_the_daemon(registration):
    assert lines(registration, **SECTION) + "\n" == LINES
    assert lines(registration, city="Geneva", latitude=0.0) == "city Geneva\nlatitude 0.0"


def edited(registration: Any, awk: tuple[str, ...], before: str, keys: str) -> str:
    words = [*awk, registration.edit_program()]
    environment = os.environ | {"KEYS": keys}
    return subprocess.run(
        words, input=before, env=environment, capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<site>\n</site>\n", f"{LINES}\n<site>\n</site>\n"),
        (
            "# x\ncheck_interval 1\n<site>\n</site>\n",
            f"# x\ncheck_interval 1\n{LINES}\n<site>\n</site>\n",
        ),
        (
            "a 1\nsite_name Old\nb 2\ndomain = old\n site_project X\\\n  Y\nc 3\n<administrator>\n"
            "  name A\n</administrator>\n<site>\n  site_name Kept\n</site>\nrole nren\n",
            f"a 1\n{LINES}b 2\nc 3\n<site>\n  site_name Kept\n</site>\n",
        ),
        (
            "#site_name X\n#<site>\ncity Rome\n<site>\n</site>",
            f"#site_name X\n#<site>\ncity Rome\n{LINES}\n<site>\n</site>\n",
        ),
    ],
)
def test_lines_are_put_where_they_belong(registration, awk, before, after):
    keys = lines(registration, **SECTION)
    assert edited(registration, awk, before, keys) == after
    assert edited(registration, awk, after, keys) == after


@pytest.mark.parametrize("awk", AWKS)
def test_of_the_images_file_nothing_is_lost(registration, awk):
    keys = lines(registration, **SECTION)
    after = edited(registration, awk, IMAGES, keys)
    assert after.replace(f"{LINES}\n", "") == IMAGES
    assert after.index(LINES) < after.index("<service_template")
    moved = edited(registration, awk, after, "site_name Elsewhere")
    assert moved == after.replace("Tier-2 of L'Aquila, north", "Elsewhere")


def test_the_file_is_edited_in_place_and_comes_back(registration, sh, tmp_path: Path):
    file, copy = tmp_path / "a.conf", tmp_path / "copy"
    file.write_text(IMAGES)
    watched = file.stat().st_ino
    words = (str(file), registration.edit_program(), lines(registration, **SECTION))
    assert sh(registration.sh.text("registers"), *words)[0] == 1
    assert sh(registration.sh.text("keep_file"), str(file), str(copy)) == (0, "")
    assert sh(registration.sh.text("register"), *words) == (0, "")
    assert sh(registration.sh.text("registers"), *words)[0] == 0
    assert (LINES in file.read_text(), file.stat().st_ino) == (True, watched)
    assert sh(registration.sh.text("file_back"), str(file), str(copy)) == (0, "")
    assert (file.read_text(), file.stat().st_ino) == (IMAGES, watched)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.conf"]


def test_a_file_without_its_site_is_left_and_told(registration, sh, tmp_path: Path):
    file = tmp_path / "a.conf"
    file.write_text("site_name X\n#<site>\n")
    words = (str(file), registration.edit_program(), "site_name Y")
    told = f"{file} has no <site>, without which the daemon ends: take the image's file\n"
    assert sh(registration.sh.text("registers"), *words) == (2, told)
    assert sh(registration.sh.text("register"), *words)[0] != 0
    assert file.read_text() == "site_name X\n#<site>\n"
    words = (f"{file}.none", *words[1:])
    assert sh(registration.sh.text("registers"), *words) == (2, f"there is no {file}.none\n")


def test_without_a_word_of_the_site_it_is_left_alone(plugins):
    facts = {"container": {}, "state": ()}
    assert "registration" not in names(plugins, "up", facts)
    assert "registration" in names(plugins, "up", facts, registration={"city": "Geneva"})
