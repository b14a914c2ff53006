"""What `inv adopt` proposes for a Confluent that somebody started by hand."""

from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.adoption import HostReport, Proposal, RunningContainer

HAND = RunningContainer(
    name="confluent",
    engine="podman",
    image="reg.example.org/hpc/confluent:3.12",
    network="host",
    options=("--privileged", "--volume=/srv/cf:/etc/confluent", "--memory=64"),
)


@pytest.fixture
def propose(plugins: Plugins) -> Any:
    """The proposal for a host with these containers, whose section is one."""
    (probe,) = plugins.adopters()["confluent"].PROBES

    def of(*containers: RunningContainer, holding: str = "") -> Proposal | None:
        evidence = {probe.name: probe.parse(0, holding)}
        report = HostReport(host="cf", containers=containers, evidence=evidence)
        proposal = plugins.recognise("confluent", report)
        if proposal:
            msgspec.convert(proposal.section, plugins.systems["confluent"].section_type)
        return proposal

    return of


def changed(**fields: Any) -> RunningContainer:
    return msgspec.structs.replace(HAND, **fields)


def test_one_of_another_image_is_pulled(propose: Any) -> None:
    proposal = propose(HAND)
    assert proposal.section == {
        "hosts": "cf",
        "recipe": None,
        "image": "reg.example.org/hpc/confluent",
        "tag": "3.12",
        "engine": "podman",
    }
    assert proposal.remarks == (
        "confluent: fairlead did not start it: inv confluent.up takes it over once, and starts it "
        "anew",
        "confluent: no key says --privileged --memory=64; inv confluent.up keeps them where the "
        "engine can",
        "confluent: what lies in --volume=/srv/cf:/etc/confluent is copied into its state, and "
        "stays there too",
    )


def test_one_of_ours_is_built_and_says_where_its_state_lies(propose: Any) -> None:
    volume = "--volume=/srv/cf/current/etc/confluent:/etc/confluent"
    ours = changed(image="localhost/fairlead/confluent:latest", ours=True, options=(volume,))
    assert propose(ours) == Proposal(
        section={"hosts": "cf", "engine": "podman", "state": "/srv/cf"}, containers=("confluent",)
    )


def test_another_network_and_a_second_one_are_said(propose: Any) -> None:
    proposal = propose(changed(network="lan"), changed(name="old", running=False))
    assert proposal.remarks[-2:] == (
        "confluent: it is in the network lan, and ours has the host's",
        "old: is of Confluent, too, and a host has one here",
    )
    assert propose(changed(image="nginx")) is None


def test_an_image_that_holds_it_is_it_whatever_it_is_called(propose: Any) -> None:
    other = changed(name="xcatmn", image="xcat/xcat2:2.17")
    holds = "xcatmn /opt/confluent/bin/confetty\n"
    proposal = propose(other, holding=holds)
    assert proposal.section == {
        "hosts": "cf",
        "recipe": None,
        "image": "xcat/xcat2",
        "tag": "2.17",
        "engine": "podman",
        "name": "xcatmn",
    }
    assert propose(other, holding=f"{holds}xcatmn /opt/xcat/sbin/xcatd\n") is None
    assert propose(other) is None
