"""`inv site.import` shows lines for the site file, and with --write adds them."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from fairlead.cli.commands import site as commands
from fairlead.cli.group_sources import GroupSources
from fairlead.contract import loader
from fairlead.inventory import site as sites
from fairlead.model.errors import CommandLineError, SiteError
from fairlead.runner.request import Common

ROOT = Path(__file__).parents[3]
HOSTS = """
gate ansible_host=192.0.2.1
[web]
web[01:03] ansible_ssh_common_args="-J gate"
[all:vars]
ansible_user=root
[storage:children]
web
[odd]
"""
SITE = """\
# the pier
hosts:
  web01: {user: jdoe}  # ours
groups:
  web: web01
ssh: {connect_timeout: 5}
"""


class Repository:
    """An ops repository with an inventory beside it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.plugins = loader.load([ROOT / "plugins"], entry_points=False)
        (folder / "sites").mkdir()
        (folder / "hosts").write_text(HOSTS)

    def site(self, text: str, name: str = "pier") -> Path:
        path = self.folder / "sites" / f"{name}.yml"
        path.write_text(text)
        return path

    def load(self, name: str = "") -> sites.Site:
        path = sites.find(name, {}, self.folder)
        return sites.load(path, self.plugins.systems, {}, GroupSources(self.plugins))

    def run(self, source: str = "ansible", name: str = "", **flags):
        context = SimpleNamespace(
            plugins=self.plugins,
            site=lambda: self.load(name),
            store=lambda: SimpleNamespace(folder=self.folder / "secrets"),
        )
        flags = {"file": "hosts", **flags}
        return commands.import_(context, Common(site=name), from_=source, **flags)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return Repository(tmp_path)


def test_without_a_site_everything_is_shown_as_a_file_that_is_one(repository):
    text = repository.run().text
    assert text == (
        "# the group 'odd' has no hosts and is left out\n"
        "hosts:\n"
        '  gate: {address: "192.0.2.1", user: root}\n'
        '  "web[01-03]": {user: root, via: gate}\n'
        "groups:\n"
        '  web: "web[01-03]"\n'
        '  storage: "@web"'
    )
    repository.site(text, "new")
    assert repository.load().resolve("@storage") == ("web01", "web02", "web03")


def test_what_the_site_has_is_left_out_and_what_differs_is_said(repository):
    repository.site(SITE)
    assert repository.run().text == (
        "# the group 'odd' has no hosts and is left out\n"
        "# web01: user is jdoe in the site and root there; the site's stays\n"
        "# web01: via is none in the site and gate there; the site's stays\n"
        "# @web is web01 in the site and web[01-03] there; the site's stays\n"
        "hosts:\n"
        '  gate: {address: "192.0.2.1", user: root}\n'
        '  "web[02-03]": {user: root, via: gate}\n'
        "groups:\n"
        '  storage: "web[01-03]"'
    )


def test_write_adds_the_lines_and_the_site_is_well(repository):
    path = repository.site(SITE)
    path.chmod(0o664)
    result = repository.run(write=True)
    assert result.text.splitlines()[-1] == "sites/pier.yml: 3 hosts and 1 group added"
    assert path.read_text() == SITE.replace(
        "# ours\n",
        '# ours\n  gate: {address: "192.0.2.1", user: root}\n'
        '  "web[02-03]": {user: root, via: gate}\n',
    ).replace("  web: web01\n", '  web: web01\n  storage: "web[01-03]"\n')
    assert path.stat().st_mode & 0o777 == 0o664
    assert repository.load().resolve("@storage") == ("web01", "web02", "web03")
    assert [path.name for path in path.parent.iterdir()] == ["pier.yml"]


def test_a_second_time_nothing_is_new(repository):
    path = repository.site(SITE)
    repository.run(write=True)
    before = path.read_text()
    result = repository.run(write=True)
    assert result.text.splitlines()[-1] == "sites/pier.yml: nothing is new"
    assert repository.run().text.splitlines()[-1] == "# nothing is new"
    assert path.read_text() == before


def test_a_site_that_is_not_there_yet_is_made(repository):
    result = repository.run(name="new", write=True)
    assert result.text.endswith("sites/new.yml: 4 hosts and 2 groups added")
    assert repository.load("new").resolve("@web") == ("web01", "web02", "web03")


def test_json_has_what_is_new(repository):
    data = json.loads(json.dumps(repository.run().data))
    assert data == {
        "hosts": {
            "gate": {"address": "192.0.2.1", "user": "root"},
            "web[01-03]": {"user": "root", "via": "gate"},
        },
        "groups": {"web": "web[01-03]", "storage": "@web"},
        "remarks": ["the group 'odd' has no hosts and is left out"],
        "written": "",
    }


def test_a_site_that_would_be_wrong_is_not_written(repository):
    path = repository.site(SITE.replace("timeout: 5", "timeout: x"))
    (repository.folder / "hosts").write_text("n1\n")
    with pytest.raises(SiteError, match=r"sites/pier.yml:6: ssh"):
        repository.run(write=True)
    text = "extends: base.yml\nssh: {connect_timeout: 5}\n"
    repository.site("hosts: {n1: {address: 10.0.0.1}}\ngroups: {io: n1}\n", "base")
    path.write_text(text)
    (repository.folder / "hosts").write_text("[io]\nn1 ansible_host=10.0.0.2\n")
    repository.run(write=True)
    assert path.read_text() == text


def test_a_site_that_cannot_take_lines_is_left_and_said(repository):
    path = repository.site("hosts: {web01: {}}\n")
    with pytest.raises(SiteError, match="stands in one line, which takes no new ones"):
        repository.run(write=True)
    assert path.read_text() == "hosts: {web01: {}}\n"


REFUSED = {
    ("ansibel", "", False): "--from: no such source 'ansibel'; did you mean ansible? known: ",
    ("ansible", "", True): "--site: says not which site; name one: --site=NAME is sites/NAME.yml",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_said_is_asked_for(repository, case):
    source, name, write = case
    with pytest.raises(CommandLineError) as refused:
        repository.run(source, name, write=write)
    assert str(refused.value).startswith(REFUSED[case])


def test_groups_of_sources_are_listed_and_those_that_fail_said(repository, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(repository.folder / "cache"))
    repository.site(
        'hosts: {gate: {}, "web[01-03]": {}}\ngroups: {io: gate}\n'
        "sources: {fleet: {from: ansible, file: ../hosts}, gone: {from: genders, file: none}}\n"
    )
    context = SimpleNamespace(plugins=repository.plugins, site=repository.load)
    data = commands.groups(context, Common(), source="fleet").data
    assert {row["group"]: row["hosts"] for row in data} == {
        "@fleet:web": ["web01", "web02", "web03"],
        "@fleet:storage": ["web01", "web02", "web03"],
    }
    with pytest.raises(SiteError, match=r"@gone: is not known: .*none cannot be read"):
        commands.groups(context, Common())
    with pytest.raises(CommandLineError, match="the site has no source 'flet'; did you mean"):
        commands.groups(context, Common(), source="flet")
