"""An inventory of Ansible, held against what Ansible's own program makes of it."""

import json
from pathlib import Path

import pytest
import yaml

from fairlead.inventory import fragment, nodesets
from fairlead.model.errors import SiteError

HERE = Path(__file__).parent
CASES = yaml.safe_load((HERE / "cases" / "ansible.yml").read_text())
INVENTORIES = ("fleet.ini", "tree.yml")


def ansible(name: str) -> dict:
    return json.loads((HERE / "ansible" / name).with_suffix(".json").read_text())


@pytest.mark.parametrize("name", INVENTORIES)
def test_the_groups_are_those_of_ansible(read, name):
    theirs, inventory = ansible(name), read("ansible", HERE / "ansible" / name)
    ours = {
        group: set(nodesets.members([f"@{group}"], inventory.groups, group))
        for group in inventory.groups
    }
    own = {"_meta", "all", "ungrouped"}
    assert ours == {group: hosts_below(theirs, group) for group in theirs if group not in own}


def hosts_below(theirs: dict, group: str) -> set[str]:
    own = theirs.get(group, {})
    below = [hosts_below(theirs, child) for child in own.get("children", ())]
    return set(own.get("hosts", ())).union(*below)


@pytest.mark.parametrize("name", INVENTORIES)
def test_the_way_to_a_host_is_that_of_ansible(read, name):
    variables = ansible(name)["_meta"]["hostvars"]
    inventory = read("ansible", HERE / "ansible" / name)
    ours = {host.name: (host.address, host.user, host.port, host.sudo) for host in inventory.hosts}
    theirs = {
        host: (
            own.get("ansible_host", ""),
            own.get("ansible_user", "") if "{{" not in own.get("ansible_user", "") else "",
            own.get("ansible_port", 0),
            str(own.get("ansible_become", False)).lower() == "true",
        )
        for host, own in variables.items()
    }
    assert {name: ours[name] for name in theirs} == theirs


def test_the_ways_lead_over_the_jump_hosts(read):
    inventory = read("ansible", HERE / "ansible" / "fleet.ini")
    ways = {host.name: host.via for host in inventory.hosts if host.via}
    assert ways == {"hop": "bastion", "dtn1": "hop", "dtn2": "bastion"}


def test_what_is_not_taken_is_said(read):
    assert read("ansible", HERE / "ansible" / "fleet.ini").remarks == (
        "web01 and 11 more: the variable http_port is not taken: it says no way to a host",
        "dtn3: the template ansible_user={{ somebody }} is not taken",
        "dtn3: the password in ansible_ssh_pass is not taken: use keys",
        "dtn1: the argument 'C' of ansible_ssh_common_args is not taken: see ssh_config",
        "the group 'empty' has no hosts and is left out",
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["line"])
def test_a_variable_becomes_a_key(read, tmp_path, case):
    file = tmp_path / "hosts"
    file.write_text(f"gate ansible_user=ops\n{case['line']}\n")
    inventory = read("ansible", file)
    host = next(host for host in inventory.hosts if host.name == "n1")
    assert fragment.keys(host) == case["host"]
    assert inventory.remarks == tuple(case.get("remarks", ()))


def test_a_jump_host_that_is_no_host_yet_becomes_one(read, tmp_path):
    (tmp_path / "hosts").write_text("n1 ansible_ssh_common_args='-J ops@jump:2200'\n")
    hosts = {host.name: fragment.keys(host) for host in read("ansible", tmp_path / "hosts").hosts}
    assert hosts == {"n1": {"via": "jump"}, "jump": {"user": "ops", "port": 2200}}


REFUSED = {
    "n1 rack": "hosts:1: 'rack' is no variable; write NAME=VALUE behind a host",
    "n1 a='b": "hosts:1: cannot be read: No closing quotation; close the quotes",
    "n[1:99999]": "hosts:1: 'n[1:99999]' goes beyond 10,000 names; name fewer hosts",
    "n[1:c]": "hosts:1: 'n[1:c]' is no range; write n[01:50]",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_ansible_refuses_is_refused_with_its_line(read, tmp_path, line):
    (tmp_path / "hosts").write_text(f"{line}\n[web]\n")
    with pytest.raises(SiteError) as refused:
        read("ansible", tmp_path / "hosts")
    assert str(refused.value).replace(f"{tmp_path}/", "") == REFUSED[line]


def test_a_file_of_variables_that_is_encrypted_is_said(read, tmp_path):
    (tmp_path / "hosts").write_text("[web]\nn1\n")
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "web.yml").write_text("a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n")
    remarks = read("ansible", tmp_path / "hosts").remarks
    where = f"{tmp_path}/group_vars/web.yml:1: a"
    assert remarks == (f"{where}: is not read: the tag '!vault' is refused",)
