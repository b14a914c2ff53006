"""TRIUMF: which ranges of addresses are refused, and what is written into an engine's files."""

import json
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile
from textwrap import indent
from typing import Any

import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import site
from fairlead.model.errors import FairleadError, SiteError

PLUGINS = Path(__file__).parents[3] / "plugins"
RANGES = yaml.safe_load((PLUGINS / "triumf/cases/ranges.yml").read_text())
DOCUMENT = yaml.safe_load((PLUGINS / "triumf/cases/document.yml").read_text())
SITE = 'hosts: {"n[1-3]": {address: "10.0.3.%"}}\ntriumf:\n  hosts: n[1-3]\n  engine:\n'


@pytest.mark.parametrize("case", RANGES, ids=[case["name"] for case in RANGES])
def test_ranges_that_overlap_are_refused_with_both_places(
    plugins: Plugins, case: dict[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sites").mkdir()
    registry = f"\n  registry: {json.dumps(case['registry'])}\n" if "registry" in case else ""
    (tmp_path / "sites/s.yml").write_text(SITE + indent(case["engine"], "    ") + registry)
    said = ""
    try:
        site.load(Path("sites/s.yml"), plugins.systems)
    except SiteError as error:
        said = str(error)
    assert said == case.get("says", "")


def test_addresses_are_given_out_in_order() -> None:
    from fairlead_plugins.triumf.ranges import addresses

    assert (addresses("10.0.3.144/28")[0], len(addresses("10.0.3.144/28"))) == ("10.0.3.144", 16)


# The engine's files


def section(plugins: Plugins, **changes: Any) -> Any:
    """The document's section."""
    import msgspec

    return msgspec.convert(DOCUMENT["section"] | changes, plugins.systems["triumf"].section)


def diff(after: str, before: str) -> str:
    """What diff(1) says of two texts."""
    with NamedTemporaryFile("w") as one, NamedTemporaryFile("w") as other:
        for file, text in ((one, after), (other, before)):
            file.write(text)
            file.flush()
        return subprocess.run(
            ["diff", one.name, other.name], capture_output=True, text=True, check=False
        ).stdout


def test_the_files_of_rhel_7_differ_from_its_own_as_in_the_document(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import daemon_config as wishes

    before = {path: case["original"] for path, case in DOCUMENT["files"].items()}
    after = wishes.files(section(plugins), "wn024", before, "1.12.6")
    assert {path: diff(after[path], before[path]) for path in after} == {
        path: case["diff"] for path, case in DOCUMENT["files"].items()
    }
    assert wishes.files(section(plugins), "wn024", after, "1.12.6") == after


def test_daemon_json_says_the_same_and_what_it_cannot_say_is_told(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import daemon_config as wishes

    case = DOCUMENT["daemon.json"]
    after = wishes.files(
        section(plugins), "wn024", {wishes.DAEMON: case["original"]}, case["engine"]
    )
    assert after == {wishes.DAEMON: case["content"]}
    assert wishes.files(section(plugins), "wn024", after, case["engine"]) == after
    assert dict(wishes.unsaid(section(plugins), case["engine"])) == case["unsaid"]


def test_an_engine_of_before_23_is_not_told_of_proxies_in_daemon_json(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import daemon_config as wishes

    after = wishes.files(section(plugins), "wn024", {}, "20.10.24")
    assert "proxies" not in after[wishes.DAEMON]
    assert "https_proxy somehost.triumf.ca:3130" in dict(
        wishes.unsaid(section(plugins), "20.10.24")
    )


def test_other_words_of_options_stay(plugins: Plugins) -> None:
    from fairlead_plugins.triumf import daemon_config as wishes

    text = "OPTIONS='--selinux-enabled --log-driver=journald --graph /var/lib/docker -g=/x --signature-verification=false'\n"
    wanted = (
        "--selinux-enabled=false -g /docker --log-driver=journald --signature-verification=false"
    )
    assert wishes.main(section(plugins), text).splitlines()[0] == f"OPTIONS='{wanted}'"


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"a": 1,}'])
def test_a_broken_daemon_json_is_left_alone(plugins: Plugins, text: str) -> None:
    from fairlead_plugins.triumf import daemon_config as wishes

    with pytest.raises(
        FairleadError, match="n1: /etc/docker/daemon.json: (is not JSON|holds no JSON object)"
    ):
        wishes.daemon(section(plugins), "n1", text, "28.2.2")
