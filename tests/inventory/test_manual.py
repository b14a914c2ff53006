"""The example site and docs/sites.md hold what there is, and tell the truth."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fairlead.cli.group_sources import GroupSources
from fairlead.contract import loader
from fairlead.inventory import site, validation
from fairlead.inventory.hosts import HostSpec
from fairlead.model.errors import CommandLineError, SiteError
from tests.inventory.ropes import write

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real():
    """Every system of this repository."""
    return loader.load([ROOT / "plugins"], entry_points=False).systems


def test_the_example_is_a_site(real, monkeypatch):
    monkeypatch.chdir(ROOT)
    plugins = loader.load([ROOT / "plugins"], entry_points=False)
    asker = GroupSources(plugins)
    read = site.load(ROOT / "sites" / "example.yml", real, plugins.settings(), asker)
    assert list(read.sections) == [name for name in read.sections if name in real]
    assert [read.hosts[name].address for name in ("bastion", "n3", "ps002")] == [
        "192.0.2.10",
        "10.0.3.3",
        "ps002.example.org",
    ]


def test_the_example_holds_every_store_and_its_keys():
    stores = loader.load([ROOT / "plugins"], entry_points=False).settings()
    example = yaml.safe_load((ROOT / "sites" / "example.yml").read_text())["secrets"]
    assert {name: list(example[name] or ()) for name in example} == {
        name: list(validation.keys(kind)) for name, kind in stores.items()
    }


def test_the_example_holds_every_source_and_its_keys():
    plugins = loader.load([ROOT / "plugins"], entry_points=False)
    example = yaml.safe_load((ROOT / "sites" / "example.yml").read_text())["sources"]
    shown: dict[str, set[str]] = {}
    for name, keys in example.items():
        shown.setdefault(keys.get("from", name), set()).update(keys)
    assert set(shown) == set(plugins.sources)
    everywhere = {"timeout", "cache", "through"}
    for name in plugins.sources:
        own = set(validation.keys(plugins.source(name).Settings)) - everywhere
        assert own <= shown[name], name
    assert everywhere <= set().union(*shown.values())


def test_the_example_holds_every_key_of_every_system(real):
    text = (ROOT / "sites" / "example.yml").read_text()
    # of two keys that cannot both be so one stands in a remark
    example = yaml.safe_load(re.sub(r"^( *)# ( *[a-z_]+:( .*)?)$", r"\1\2", text, flags=re.M))
    kinds = {"hosts": HostSpec, "ssh": site.Ssh} | {
        name: system.section_type for name, system in real.items()
    }
    missing = [
        f"{name}.{key}"
        for name, kind in kinds.items()
        for key in validation.keys(kind)
        if not _occurs(example.get(name), key.split("."))
    ]
    assert missing == []


def _occurs(data: Any, keys: list[str]) -> bool:
    """Does the key path occur, in whatever map or list of the user's own?"""
    if not keys:
        return True
    if isinstance(data, dict) and keys[0] in data:
        return _occurs(data[keys[0]], keys[1:])
    return any(
        _occurs(part, keys)
        for part in (
            data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        )
    )


def _manual() -> list[tuple[str, str]]:
    """Every YAML block of the manual, with the error that follows it or ""."""
    blocks = re.findall(
        r"^```(\w+)\n(.*?)^```$", (ROOT / "docs" / "sites.md").read_text(), re.MULTILINE | re.DOTALL
    )
    after = [*blocks[1:], ("", "")]
    return [
        (text, next_text.strip() if next_kind == "error" else "")
        for (kind, text), (next_kind, next_text) in zip(blocks, after, strict=True)
        if kind == "yaml"
    ]


@pytest.mark.parametrize(("text", "says"), _manual())
def test_the_manual_tells_the_truth(text, says, real, folder):
    path = write(folder, text)
    if not says:
        assert site.load(path, real)
        return
    with pytest.raises(SiteError) as error:
        site.load(path, real)
    start, _, end = says.partition("...")
    assert str(error.value).startswith(start)
    assert end or str(error.value) == says or "..." in says


def test_the_manuals_types_for_plugin_authors_are_there():
    code = re.search(
        r"^```python\n(.*?)^```$",
        (ROOT / "docs" / "sites.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    there: dict[str, Any] = {}
    exec(code[1], there)  # noqa: S102
    with pytest.raises(
        CommandLineError, match="'X' is not a pool name; wanted lower case letters, digits and _"
    ):
        validation.value("X", there["Pool"], "--pool")
