"""genders, Slurm, xCAT, ssh and a command of one's own."""

import json
import re
from pathlib import Path

import pytest
import yaml

from fairlead.cli.source_access import access
from fairlead.contract import loader
from fairlead.inventory import fragment, nodesets
from fairlead.model.errors import PluginError, SiteError
from fairlead.model.sources import SourceSettings
from tests.plugins.sources.conftest import inventory

CASES = Path(__file__).parent / "cases"
SINFO = yaml.safe_load((CASES / "sinfo.yml").read_text())
XCAT = yaml.safe_load((CASES / "xcat.yml").read_text())


def addresses(inventory) -> dict[str, str]:
    return {host.name: host.address for host in inventory.hosts}


def test_an_attribute_of_genders_is_a_group_as_nodeattr_says(read):
    inventory = read("genders", CASES / "genders")
    theirs = json.loads((CASES / "genders.json").read_text())
    del theirs["altname=m0"]  # another name of a host is no group
    assert {name: set(nodesets.expand(text, "")) for name, text in inventory.groups.items()} == {
        name.replace("=", "_"): set(nodesets.expand(text, "")) for name, text in theirs.items()
    }
    assert inventory.remarks == ("a group has no value: cpu=8 is the group cpu_8, and so on (5)",)


@pytest.mark.parametrize("case", SINFO, ids=lambda case: case["called"])
def test_a_partition_is_a_group(read, tmp_path, case):
    (tmp_path / "sinfo").write_text(case["printed"])
    inventory = read("slurm", tmp_path / "sinfo")
    assert addresses(inventory) == case["hosts"]
    assert inventory.groups == {"batch": "wn[001-004]", "gpu": "gpu[1-2]", "hidden": "io1"}
    assert list(inventory.remarks) == case.get("remarks", [])


@pytest.mark.parametrize("case", XCAT, ids=lambda case: case["called"])
def test_a_group_of_xcat_is_a_group(read, tmp_path, case):
    (tmp_path / "nodes").write_text(case["printed"])
    inventory = read("xcat", tmp_path / "nodes")
    assert (addresses(inventory), inventory.groups) == (case["hosts"], case["groups"])


@pytest.mark.parametrize("source", ["slurm", "xcat"])
@pytest.mark.parametrize("printed", ["", "slurm_load_partitions: Unable to contact: no\n"])
def test_what_is_no_answer_is_no_empty_group(read, tmp_path, source, printed):
    (tmp_path / "printed").write_text(printed)
    with pytest.raises(SiteError):
        read(source, tmp_path / "printed")


@pytest.mark.parametrize(("source", "program"), [("slurm", "sinfo"), ("xcat", "lsdef")])
def test_the_command_is_run_here_or_through_ssh(read, tmp_path, monkeypatch, source, program):
    for name in (program, "ssh"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho "{name} $*" >&2\nexit 3\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SiteError, match=rf"ended with 3: {program} -"):
        read(source)
    with pytest.raises(SiteError, match=rf"ssh -o BatchMode=yes -T -- head {program} -"):
        read(source, through="head")


@pytest.mark.parametrize(("source", "program"), [("slurm", "sinfo"), ("xcat", "lsdef")])
def test_a_command_that_is_not_here_is_said_with_what_to_do(
    read, tmp_path, monkeypatch, source, program
):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SiteError) as refused:
        read(source)
    assert str(refused.value) == (
        f"{program}: cannot be run here; "
        "run it where it is: name `through`, or give what it prints with --file"
    )


def test_a_command_prints_groups(read, tmp_path):
    program = tmp_path / "groups"
    program.write_text("#!/bin/sh\necho '# mine'\necho 'io: n[1-2]'\necho 'x: @io,n9'\necho 'e:'\n")
    program.chmod(0o755)
    inventory = read("command", argv=[str(program)])
    assert inventory.groups == {"io": "n[1-2]", "x": "@io,n9"}
    assert list(addresses(inventory)) == ["n1", "n2", "n9"]
    assert inventory.remarks == ("the group 'e' has no hosts and is left out",)


@pytest.mark.parametrize("line", ["n[1-3]", "a b: n1", "io: n[1-", "io: @other"])
def test_a_line_that_is_none_is_refused(read, tmp_path, line):
    (tmp_path / "printed").write_text(f"{line}\n")
    with pytest.raises(SiteError):
        read("command", tmp_path / "printed")


SSH = """
Include {folder}/more/*.conf
Host gate
  HostName 192.0.2.9
  Port 2222
  User ops
Host deep
  ProxyJump gate,n2
Host n1 n2 *.example.org !bad
  ProxyJump gate
  User jdoe
Host n2
  IdentityFile ~/.ssh/other
Match host n1 exec "true"
  Port 2200
Host odd
  ProxyCommand nc %h %p
"""


def test_ssh_says_what_its_names_mean(read, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.conf").write_text("Host inc1\n  Hostname 10.1.1.1\n")
    file = tmp_path / "config"
    file.write_text(SSH.format(folder=tmp_path))
    inventory = read("ssh_config", file)
    assert {host.name: fragment.keys(host) for host in inventory.hosts} == {
        "inc1": {"address": "10.1.1.1"},
        "gate": {"address": "192.0.2.9", "user": "ops", "port": 2222},
        "deep": {"via": "n2"},
        "n1": {"user": "jdoe", "port": 2200, "via": "gate"},
        "n2": {"user": "jdoe", "via": "gate", "identity": "~/.ssh/other"},
        "odd": {},
    }
    assert [remark.replace(f"{file}:", "") for remark in inventory.remarks] == [
        "9: the pattern '*.example.org' names no host of its own",
        "14: Match host n1 exec true: holds where ssh says so",
        "odd: ProxyCommand 'nc %h %p' is not taken; ssh still does it",
    ]


def test_a_file_that_is_not_there_is_said(read, tmp_path):
    with pytest.raises(SiteError, match="config: cannot be read: No such file or directory"):
        read("ssh_config", tmp_path / "config")


def test_the_source_of_the_docs_is_one(tmp_path, monkeypatch):
    page = (Path(__file__).parents[3] / "docs" / "import.md").read_text("utf-8")
    text = page.split("```python\n")[1].split("```")[0]
    folder = tmp_path / "plugins" / "cmdb_of_the_docs"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(re.search(r"sources = .*", text)[0] + "\n")
    (folder / "cmdb.py").write_text(text)
    (tmp_path / "cmdb").write_text("#!/bin/sh\necho n1\necho n2\n")
    (tmp_path / "cmdb").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    plugins = loader.load([tmp_path / "plugins"], entry_points=False)
    made = inventory(plugins, "cmdb", "", "", {})
    assert (addresses(made), made.groups) == ({"n1": "", "n2": ""}, {"cmdb": "n1,n2"})


WRONG = {
    "no hook": ("class Settings: ...\n", "a source has a read_inventory() and its Settings"),
    "another answer": (
        "from fairlead.api import SourceSettings as Settings, hookimpl\n"
        "@hookimpl\ndef read_inventory(access):\n    return [1]\n",
        "read_inventory() returned a list; return an Inventory",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_source_that_is_wrong_is_a_plugin_error(tmp_path, case):
    text, words = WRONG[case]
    name = f"wrong_source_{len(text)}"
    folder = tmp_path / "plugins" / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text(f'sources = ("{name}",)\n')
    (folder / f"{name}.py").write_text(text)
    plugins = loader.load([tmp_path / "plugins"], entry_points=False)
    with pytest.raises(PluginError) as refused:
        plugins.read_inventory(name, access(SourceSettings(), ""))
    assert words in str(refused.value)


def test_a_second_source_of_a_name_is_refused(tmp_path):
    for name in ("first_source", "second_source"):
        folder = tmp_path / "plugins" / name
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text('sources = ("same",)\n')
    with pytest.raises(PluginError, match="a second source of this name"):
        loader.load([tmp_path / "plugins"], entry_points=False)
