"""What single hosts run becomes one section where they agree; who differs is told."""

from fairlead.inventory.proposals import folded


def test_hosts_that_agree_are_one_section() -> None:
    whole = folded({f"n{n}": {"hosts": f"n{n}", "tag": "a"} for n in (1, 2, 3)}, "x")
    assert (whole.section, whole.hosts) == ({"hosts": "n[1-3]", "tag": "a"}, ("n1", "n2", "n3"))
    assert whole.remarks == ()


def test_who_differs_from_most_is_left_out_and_told() -> None:
    sections = {
        "n1": {"hosts": "n1", "tag": "b"},
        "n2": {"hosts": "n2", "tag": "a"},
        "n3": {"hosts": "n3", "tag": "a"},
        "n4": {"hosts": "n4", "tag": "a", "shm": 64},
    }
    whole = folded(sections, "x")
    assert (whole.section, whole.hosts) == ({"hosts": "n[2-3]", "tag": "a"}, ("n2", "n3"))
    assert whole.remarks == (
        "x: n1 and n[2-3] differ (tag: b, a): n1 is left out; leave them out, or give them a "
        "site of their own",
        "x: n4 and n[2-3] differ (shm: 64, nothing): n4 is left out; leave them out, or give them "
        "a site of their own",
    )


def test_parts_have_hosts_of_their_own() -> None:
    sections = {
        "n1": {"release": "2.8", "server": {"hosts": "n1", "port": 1}},
        "n2": {"release": "2.8", "server": {"hosts": "n2", "port": 1}, "agent": {"hosts": "n2"}},
        "n3": {"release": "2.8", "agent": {"hosts": "n3"}},
        "n4": {"release": "2.8", "server": {"hosts": "n4", "port": 2}, "agent": {"hosts": "n4"}},
    }
    whole = folded(sections, "x")
    assert whole.section == {
        "release": "2.8",
        "server": {"hosts": "n[1-2]", "port": 1},
        "agent": {"hosts": "n[2-4]"},
    }
    assert whole.hosts == ("n1", "n2", "n3", "n4")
    assert whole.remarks == (
        "x.server: n4 and n[1-2] differ (port: 2, 1): n4 is left out; leave them out, or give them "
        "a site of their own",
    )


def test_maps_by_host_and_maps_of_things_grow_together() -> None:
    sections = {
        "n1": {"hosts": "n1", "worker": {"tag": "a", "names": {"n1": ["w1", "w2"]}}},
        "n2": {"hosts": "n2", "worker": {"tag": "a", "names": {"n2": ["w3"]}}},
    }
    whole = folded(sections, "x")
    assert whole.section == {
        "hosts": "n[1-2]",
        "worker": {"tag": "a", "names": {"n1": ["w1", "w2"], "n2": ["w3"]}},
    }
    assert whole.remarks == ()


def test_things_of_several_hosts_stand_once_and_of_two_kinds_those_of_most() -> None:
    ours, other = {"nodes": ["n1", "n2"]}, {"nodes": ["n2"]}
    sections = {
        "n1": {"services": {"a": ours}},
        "n2": {"services": {"a": ours, "b": other}},
        "n3": {"services": {"a": other}},
    }
    whole = folded(sections, "x")
    assert (whole.section, whole.hosts) == ({"services": {"a": ours, "b": other}}, ("n1", "n2"))
    assert whole.remarks == (
        "x.services.a: n3 and n[1-2] differ (nodes: [n2], [n1, n2]): n3 is left out; leave them "
        "out, or give them a site of their own",
    )
