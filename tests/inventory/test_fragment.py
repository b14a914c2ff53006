"""Hosts of elsewhere as lines of a site file: the site has them as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.inventory import fragment, merging, nodesets, yamlfile
from fairlead.inventory.hosts import Host, read_hosts
from fairlead.model.sources import Inventory, SourceHost


def hosts_of(text: str) -> dict[str, Host]:
    """The hosts that a site with this text has, without this machine."""
    tree = yamlfile.read(text, "s.yml").part("hosts").or_empty()
    return {name: host for name, host in read_hosts(tree).items() if name != nodesets.LOCAL}


def text(*hosts: SourceHost, **groups: str) -> str:
    return merging.text_of(fragment.fragment(Inventory(hosts=hosts, groups=groups)))


def numbered(pattern: str, address: str, *numbers: int) -> list[SourceHost]:
    return [
        SourceHost(name=pattern.format(number), address=address.format(number))
        for number in numbers
    ]


FOLDED = {
    "the number is the address's": (
        numbered("n{}", "10.0.3.{}", 1, 2, 3, 7),
        'hosts:\n  "n[1-3,7]": {address: "10.0.3.%"}\n',
    ),
    "a padded number is written so where the address has it so": (
        numbered("n{:03}", "ps{:03}.example.org", 1, 2),
        'hosts:\n  "n[001-002]": {address: "ps%03.example.org"}\n',
    ),
    "a host that is alone keeps its address": (
        numbered("n{}", "10.0.3.{}", 3),
        'hosts:\n  n3: {address: "10.0.3.3"}\n',
    ),
    "of two places the one counts that more hosts share": (
        numbered("n{}", "10.3.3.{}", 3, 4),
        'hosts:\n  "n[3-4]": {address: "10.3.3.%"}\n',
    ),
    "one address is never that of two": (
        [SourceHost(name=f"n{number}", address="10.0.3.9") for number in (1, 2)],
        'hosts:\n  n1: {address: "10.0.3.9"}\n  n2: {address: "10.0.3.9"}\n',
    ),
    "names alone need none": (
        [SourceHost(name=f"n{number}", user="root") for number in (1, 2)],
        'hosts:\n  "n[1-2]": {user: root}\n',
    ),
}


@pytest.mark.parametrize("case", FOLDED)
def test_hosts_that_are_alike_stand_under_one_node_set(case):
    hosts, expected = FOLDED[case]
    assert text(*hosts) == expected


names = st.from_regex(r"[a-z]{1,3}[0-9]{1,3}(?:-ib)?", fullmatch=True)
addresses = st.one_of(
    st.just(""),
    st.integers(0, 12).map("10.0.3.{}".format),
    st.integers(0, 120).map("h{:03}.example.org".format),
    st.integers(0, 12).map("n{0}-{0}.example.org".format),
)
hosts = st.builds(
    SourceHost,
    name=names,
    address=addresses,
    user=st.sampled_from(["", "root", "jdoe"]),
    port=st.sampled_from([0, 2222]),
    sudo=st.booleans(),
)


@given(st.lists(hosts, max_size=30, unique_by=lambda host: host.name))
def test_the_site_has_every_host_as_it_was(inventory):
    read = hosts_of(text(*inventory) or "hosts: {}\n")
    assert {
        name: (host.address, host.user, host.port, host.sudo) for name, host in read.items()
    } == {
        host.name: (host.address or host.name, host.user, host.port or 22, host.sudo)
        for host in inventory
    }


LEFT_OUT = {
    "a name with a blank": (SourceHost(name="n 1"), "the host 'n 1' is left out"),
    "an address that is none": (
        SourceHost(name="n1", address="10.0.0.999"),
        "the host 'n1' is left out: '10.0.0.999' is no address",
    ),
    "a port that is none": (
        SourceHost(name="n1", port=70000),
        "the host 'n1' is left out: has to be <= 65535",
    ),
    "a way over what is left out": (
        SourceHost(name="n1", via="gate"),
        "the host 'n1' is left out: its way leads by 'gate'",
    ),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_a_site_cannot_hold_is_left_out_and_said(case):
    host, remark = LEFT_OUT[case]
    made = fragment.fragment(Inventory(hosts=(host, SourceHost(name="n2")), remarks=("before",)))
    assert made.hosts == {"n2": {}}
    assert made.remarks[0] == "before"
    assert made.remarks[1].startswith(remark[:40])


def test_a_group_of_what_is_left_out_is_left_out():
    groups = {"io": "n1", "odd": "n9", "both": "@io,@odd"}
    made = fragment.fragment(Inventory(hosts=(SourceHost(name="n1"),), groups=groups))
    assert made.groups == {"io": "n1"}
    assert made.remarks == (
        "the group 'odd' is left out: no such host 'n9'",
        "the group 'both' is left out: no such host 'n9'",
    )


def test_this_machine_is_there_anyhow():
    assert text(SourceHost(name="local", transport="local")) == ""
