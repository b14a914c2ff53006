"""Options of node_exporter: beside the image's own, none of which is dropped."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.testing import BASE, faults
from tests.plugins.perfsonar.conftest import AWKS
from tests.plugins.perfsonar.test_perfsonar import ask, names, there

CASES = yaml.safe_load((Path(__file__).parent / "cases/exporter.yml").read_text())


@pytest.fixture(scope="module")
def exporter(plugins: Plugins) -> Any:
    """The plugin's module of node_exporter."""
    from fairlead_plugins.perfsonar import exporter

    return exporter


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_site_s_options_go_into_the_image_s_line(exporter, awk, case):
    done = subprocess.run(
        [*awk, exporter.program()],
        input=case["image"],
        env=os.environ | {"OPTIONS": case["site"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == case["is"]


def test_the_folder_is_a_volume_only_where_the_site_has_options(plugins, exporter):
    nothing = {"container": {}, "state": ()}
    options = "--no-collector.cpufreq"
    assert "node_exporter" in names(plugins, "up", nothing, node_exporter=options)
    assert "node_exporter" not in names(plugins, "up", nothing)
    from fairlead_plugins.perfsonar import commands

    def folders(**section: Any) -> set[str]:
        asked = ask(plugins, "up", section=section, facts=dict(BASE) | {"container": there()})
        assert list(faults(plugins.ask(asked))) == []
        return {volume.path for volume in commands.testpoint(asked).state}

    assert folders(node_exporter=options) - folders() == {"/etc/default"}


def test_the_file_is_written_in_place_and_is_then_as_it_should_be(exporter, sh, tmp_path):
    file, image = tmp_path / "file", tmp_path / "image"
    image.write_text('# ours\nNODE_EXPORTER_OPTS="--a.b=c\\.d"\n')
    words = (str(file), str(image), "--no-x", exporter.program())
    assert sh(exporter.sh.text("exporter_is"), *words)[0] == 1
    file.write_text("before\n")
    inode = file.stat().st_ino
    assert sh(exporter.sh.text("exporter_is"), *words)[0] == 1
    assert sh(exporter.sh.text("exporter_put"), *words)[0] == 0
    assert file.read_text() == '# ours\nNODE_EXPORTER_OPTS="--a.b=c\\.d --no-x"\n'
    assert (sh(exporter.sh.text("exporter_is"), *words)[0], file.stat().st_ino) == (0, inode)
    image.unlink()
    code, said = sh(exporter.sh.text("exporter_put"), *words)
    assert (code, "from 5.1.0 on" in said) == (1, True)
