"""What is wrong ends with its exit code and one sentence that says where, what and the remedy; and
nothing on any host has changed.
"""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.testing import plugins_in
from tests.e2e.ground import HOSTS, listing, under
from tests.e2e.inv import NETWORK, REPOSITORY, ROOT, SITE, inv

CASES = yaml.safe_load((Path(__file__).parent / "cases/bad_input.yml").read_text())


def fingerprint(host: str) -> str:
    said = subprocess.run(
        ["ssh-keygen", "-lf", ROOT / host / "hostkey.pub"],
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.split()[1]


@pytest.fixture
def words(running, tmp_path: Path) -> dict[str, Any]:
    """What the cases name in braces."""
    (tmp_path / "none").write_text("")
    (tmp_path / "ssh_config").write_text(f"IdentityFile {ROOT}/key\nUser root\n")
    (tmp_path / "wrong").write_text(f"{NETWORK}.1 {(ROOT / 'n2/hostkey.pub').read_text()}")
    names = {"site": tmp_path / Path(SITE).name, "root": ROOT, "keys": tmp_path, "net": NETWORK}
    section = plugins_in(REPOSITORY / "plugins").systems["perfsonar"].section_type
    return (
        names
        | {"known": ", ".join(section.__struct_fields__)}
        | {host: fingerprint(host) for host in ("n1", "n2")}
    )


def filled(text: str, words: dict[str, Any]) -> str:
    return re.sub(r"{(\w+)}", lambda found: str(words[found[1]]), text)


def told(err: str) -> str:
    """stderr without the lines that say how steps went and which run it was."""
    return re.sub(r"^(n\d .*: failed \([0-9.]+ s\)|\S+: exit \d+, run \S+)\n", "", err, flags=re.M)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"])
def test_it_is_refused_in_one_sentence_and_nothing_has_changed(words, case) -> None:
    text = Path(SITE).read_text()
    for old, new in case.get("site", {}).items():
        assert filled(old, words) in text
        text = text.replace(filled(old, words), filled(new, words))
    Path(words["site"]).write_text(text)
    before = listing(of="containers")
    said = inv(*case["argv"], FAIRLEAD_SITE=str(words["site"]))
    assert (said.code, said.out, told(said.err)) == (
        case["code"],
        filled(case.get("out", ""), words),
        filled(case.get("err", ""), words),
    )
    assert listing(of="containers") == before
    assert {
        host: under(host, "ls -d /tmp/x 2>/dev/null || echo none") for host in HOSTS
    } == dict.fromkeys(HOSTS, "none\n")
    assert not Path("/tmp/x").exists()


def test_the_same_as_a_document(running) -> None:
    said = inv("perfsonar.up", "--host=n5", "--json")
    assert said.code == said.json["code"] == 2
    assert f"fairlead: {said.json['error']}\n" == said.err
