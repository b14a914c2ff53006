"""What `inv adopt` proposes for a management node that somebody started by hand, in three ways."""

from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.adoption import HostReport, Proposal, RunningContainer
from fairlead.operations import script
from tests.shells import Shell

# The document's line, as `inspect` has it afterwards
DOCUMENT = RunningContainer(
    name="xcatmn",
    engine="docker",
    image="xcat/xcat-ubuntu-x86_64:2.11",
    hostname="xcatmn",
    network="none",
    options=(
        *("--dns=10.5.106.1", "--dns-search=clusters.com", "--privileged"),
        *("--add-host=xcatmn:10.5.106.101", "--hostname=xcatmn"),
    ),
)
THERE = """\
A x86_64
H br0 10.5.106.1/24
H eth1 192.0.2.7/24
P br0 eth0
G eth1 192.0.2.1
C xcatmn 10.5.106.101/24
R xcatmn 10.5.106.1
"""
HEARD = (
    "A x86_64",
    "H br0 10.5.106.1/24",
    "G eth1 192.0.2.1",
    "C xcatmn 10.5.106.101/24",
    "R xcatmn 10.5.106.1",
)
HOST = script.beside(__file__).text("host_with_manager")
ONCE = "xcatmn: fairlead did not start it: inv xcat.up takes it over once, and starts it anew"


@pytest.fixture
def propose(plugins: Plugins) -> Any:
    """The proposal for a host with a container, whose section is one."""
    probe, holds = plugins.adopters()["xcat"].PROBES

    def of(*containers: RunningContainer, there: str = THERE, holding: str = "") -> Proposal | None:
        evidence = {probe.name: probe.parse(0, there), holds.name: holds.parse(0, holding)}
        report = HostReport(host="mn", containers=containers, evidence=evidence)
        proposal = plugins.recognise("xcat", report)
        if proposal:
            msgspec.convert(proposal.section, plugins.systems["xcat"].section_type)
        return proposal

    return of


def changed(**fields: Any) -> RunningContainer:
    return msgspec.structs.replace(DOCUMENT, **fields)


def test_the_document_s_own_line(propose: Any) -> None:
    assert propose(DOCUMENT) == Proposal(
        section={
            "hosts": "mn",
            "tag": "2.11",
            "network": "bare",
            "address": "10.5.106.101/24",
            "bridge": {"name": "br0", "address": "10.5.106.1/24", "interface": "eth0"},
        },
        remarks=(ONCE,),
        containers=("xcatmn",),
    )


def test_one_in_a_network_of_the_engine_s_with_all_of_its_own(propose: Any) -> None:
    there = (
        "A x86_64\nH lan0 10.1.0.1/16\nP lan0 eno1\nG lan0 10.1.0.254\n"
        "C head 10.1.7.7/16\nR head 10.1.0.254\n"
    )
    proposal = propose(
        changed(
            name="head",
            engine="podman",
            image="docker.io/xcat2/xcat:latest",
            hostname="head",
            network="lan",
            options=(
                *(
                    "--hostname=head",
                    "--dns=10.9.9.9",
                    "--dns-search=pier.example.org",
                    "--memory=64",
                ),
                *("--add-host=db:10.1.0.3", "--volume=/srv/install:/install"),
            ),
        ),
        there=there,
    )
    assert proposal.section == {
        "hosts": "mn",
        "image": {"x86_64": "xcat2/xcat"},
        "engine": "podman",
        "tag": "latest",
        "name": "head",
        "hostname": "head",
        "network": "bridge",
        "address": "10.1.7.7/16",
        "bridge": {
            "name": "lan0",
            "address": "10.1.0.1/16",
            "interface": "eno1",
            "gateway": "10.1.0.254",
        },
        "gateway": "10.1.0.254",
        "dns": "10.9.9.9",
        "domain": "pier.example.org",
        "add_hosts": {"db": "10.1.0.3"},
    }
    assert proposal.remarks[1:] == (
        "head: no key says --memory=64; inv xcat.up keeps them where the engine can",
        "head: what lies in --volume=/srv/install:/install is copied into its state, and stays "
        "there too",
        "head: the engine's network lan holds the subnet of lan0, and inv xcat.up makes one of its "
        "own: before it, at a console: podman network disconnect lan head; podman network rm lan "
        "(a bridge that the engine made goes with it: give the host's address back to its "
        "interface)",
    )


def test_one_on_the_host_s_network_has_no_bridge(propose: Any) -> None:
    proposal = propose(
        changed(
            network="host",
            options=("--privileged", "--volume=/sys/fs/cgroup:/sys/fs/cgroup:ro"),
            units=("/etc/systemd/system/xcat.service",),
        )
    )
    assert proposal.section == {
        "hosts": "mn",
        "tag": "2.11",
        "network": "host",
        "bridge": {"address": "192.0.2.7/24"},
    }
    assert len(proposal.remarks) == 3
    assert proposal.remarks[2] == (
        "xcatmn: of the host's addresses bridge.address has 192.0.2.7/24, not 10.5.106.1/24: it "
        "becomes xCAT's master"
    )
    assert "xcat.service starts it, too; inv xcat.up disables it" in proposal.remarks[1]


def test_what_is_not_known_of_the_network_is_said(propose: Any) -> None:
    silent = propose(DOCUMENT, there="A x86_64\n")
    assert "address" not in silent.section
    assert silent.remarks[1:] == (
        "xcatmn: its address is not known: address and bridge are by default",
    )
    far = propose(DOCUMENT, there="A x86_64\nC xcatmn 10.5.106.101/24\n")
    assert far.remarks[1:] == (
        "xcatmn: no interface of the host is in its subnet: the bridge is by default",
    )
    bare = propose(DOCUMENT, there=THERE.replace("P br0 eth0\n", ""))
    assert bare.remarks[1:] == (
        "xcatmn: br0 has no port, or is no bridge: bridge.interface is by default",
    )


def test_entries_of_compose_with_several_names_are_one_each(propose: Any) -> None:
    options = (
        *("--privileged", "--dns=10.5.106.1", "--dns=10.9.9.9", "--hostname=xcatmn"),
        *("--add-host=xcatmn.clusters.com xcatmn:10.5.107.101", "--add-host=me:host-gateway"),
    )
    silent = "A x86_64\n"
    proposal = propose(changed(network="xcat_mgtnet", options=options), there=silent)
    assert proposal.section["add_hosts"] == {
        "xcatmn.clusters.com": "10.5.107.101",
        "xcatmn": "10.5.107.101",
    }
    assert proposal.section["dns"] == "10.5.106.1"
    assert proposal.remarks[1] == (
        "xcatmn: no key says --dns=10.9.9.9 --add-host=me:host-gateway; inv xcat.up keeps them "
        "where the engine can"
    )


def test_a_second_one_and_others_are_told_apart(propose: Any) -> None:
    second = changed(name="old", running=False)
    assert propose(second, DOCUMENT).remarks[-1] == "old: is of xCAT, too, and a site has one"
    assert propose(changed(image="n1:5000/myxcat:1")) is None


def test_one_of_ours_says_where_its_state_lies(propose: Any) -> None:
    volume = "--volume=/srv/mn/current/var/log/xcat:/var/log/xcat"
    ours = changed(ours=True, options=(*DOCUMENT.options, volume))
    assert propose(ours).section["state"] == "/srv/mn"
    assert propose(ours).remarks == ()


def test_addresses_are_asked_of_the_host_and_of_the_network_that_the_container_has(
    shell: Shell, plugins: Plugins
) -> None:
    for tool in ("ip", "nsenter", "uname", "docker"):
        shell.tool(tool, f'set -- {tool} "$@"\n{HOST}')
    shell.tool("podman", "exit 1")
    probe = plugins.adopters()["xcat"].PROBES[0]
    code, text = shell.run(probe.argv)
    there = msgspec.structs.replace(probe.parse(code, text), ports=())
    assert there == probe.parse(0, "\n".join(HEARD))


def test_one_that_holds_confluent_and_no_xcat_is_left_to_confluent(propose: Any) -> None:
    holding = "xcatmn /opt/confluent/bin/confetty\n"
    assert propose(DOCUMENT, holding=holding) is None
    both = f"{holding}xcatmn /opt/xcat/sbin/xcatd\n"
    assert propose(DOCUMENT, holding=both) == propose(DOCUMENT)
