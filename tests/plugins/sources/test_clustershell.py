"""ClusterShell's groups, held against ClusterShell itself."""

from pathlib import Path

import pytest
from ClusterShell.NodeSet import NodeSet
from ClusterShell.NodeUtils import GroupResolverConfig

from fairlead.inventory import nodesets
from fairlead.model.errors import SiteError

HERE = Path(__file__).parent / "clustershell"


def theirs() -> dict[str, set[str]]:
    resolver = GroupResolverConfig([str(HERE / "groups.conf")])
    groups = {}
    for source in ("local", "roles", "racks"):
        for group in resolver.grouplist(source):
            name = group if source == "local" else f"{source}.{group}"
            groups[name] = set(NodeSet(f"@{source}:{group}", resolver=resolver))
    return groups


def ours(inventory) -> dict[str, set[str]]:
    return {
        group: set(nodesets.members([f"@{group}"], inventory.groups, group))
        for group in inventory.groups
    }


def test_every_group_of_every_source_is_that_of_clustershell(read):
    inventory = read("clustershell", HERE / "groups.conf")
    groups = theirs()
    assert {host.name for host in inventory.hosts} == groups.pop("all")
    assert ours(inventory) == groups
    assert inventory.remarks == ()


@pytest.mark.parametrize("group", ["compute", "io", "racks.r1", "roles.both"])
def test_one_group_is_asked_for_alone(read, group):
    inventory = read("clustershell", HERE / "groups.conf", group=group)
    assert ours(inventory)[group] == theirs()[group]


def test_a_group_that_the_command_does_not_know_is_said(read):
    with pytest.raises(SiteError, match="ended with 1"):
        read("clustershell", HERE / "groups.conf", group="racks.r9")


def test_a_file_of_groups_alone_is_read(read):
    groups = theirs()
    groups = {name: groups[name] for name in groups if "." not in name and name != "all"}
    assert ours(read("clustershell", HERE / "groups")) == groups


def test_a_group_of_a_source_that_is_not_there_is_left_out(read):
    inventory = read("clustershell", HERE / "groups.d" / "roles.yaml")
    assert set(inventory.groups) == {"adm", "cpu"}
    text = "the group 'both' of roles is left out: no such group '@local.oss'"
    assert inventory.remarks == (text,)


def test_a_command_that_hangs_is_ended(read, tmp_path):
    (tmp_path / "groups.conf").write_text("[Main]\ndefault: a\n[a]\nmap: echo n1\nlist: sleep 9\n")
    with pytest.raises(SiteError, match=r"sh -c sleep 9: has not answered in 0.2 s"):
        read("clustershell", tmp_path / "groups.conf", timeout=0.2)
