"""What `inv adopt` proposes for test points that somebody started by hand, in several ways."""

import json
from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.adoption import HostReport, Proposal, RunningContainer
from fairlead.operations import script
from tests.shells import Shell

ENGINE = script.beside(__file__).text("engine_of_points")
NAME = "perfsonar-testpoint"
ONCE = "fairlead did not start it: inv perfsonar.up takes it over once, and starts it anew"
REMOTE = "https://psconfig.example.org/mesh.json"
# The document's own line for the systemd flavor, as `inspect` has it afterwards
DOCUMENT = RunningContainer(
    name=NAME,
    engine="docker",
    image="perfsonar/testpoint:systemd",
    hostname="ps1",
    network="host",
    options=(
        *("--cap-add=CAP_NET_RAW", "--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp"),
        "--volume=/sys/fs/cgroup:/sys/fs/cgroup",
    ),
)


@pytest.fixture(scope="module")
def adopts(plugins: Plugins) -> Any:
    """The plugin's module that recognises a test point."""
    return plugins.adopters()["perfsonar"]


@pytest.fixture
def propose(plugins: Plugins, adopts: Any) -> Any:
    """The proposal for a host with a container, whose section is one."""

    def of(container: RunningContainer, *remotes: dict[str, Any], full: str = "") -> Proposal:
        there = adopts.Remotes(full, {container.name: remotes})
        report = HostReport(
            host="ps1", containers=(container,), evidence={adopts.PROBES[0].name: there}
        )
        proposal = plugins.recognise("perfsonar", report)
        assert proposal is not None
        msgspec.convert(proposal.section, plugins.systems["perfsonar"].section_type)
        return proposal

    return of


def changed(**fields: Any) -> RunningContainer:
    return msgspec.structs.replace(DOCUMENT, **fields)


def test_the_document_s_own_line_loses_nothing(propose: Any) -> None:
    assert propose(DOCUMENT, {"url": REMOTE, "configure-archives": True}) == Proposal(
        section={
            "hosts": "ps1",
            "image": "perfsonar/testpoint",
            "tag": "systemd",
            "psconfig": [REMOTE],
        },
        remarks=(f"{NAME}: {ONCE}",),
        containers=(NAME,),
    )


def test_one_of_compose_and_supervisord_with_limits_and_a_fixed_name(propose: Any) -> None:
    proposal = propose(
        changed(
            name="ps",
            image="ghcr.io/perfsonar/testpoint",
            hostname="far.example.org",
            options=(
                *("--cap-add=CAP_NET_RAW", f"--shm-size={256 << 20}", "--pids-limit=100"),
                *("--add-host=far.example.org:192.0.2.7", "--volume=/srv/ps:/etc/perfsonar"),
                "--memory=64",
            ),
            labels={"com.docker.compose.project": "ps"},
        )
    )
    assert proposal.section == {
        "hosts": "ps1",
        "flavor": "supervisord",
        "launch": "compose",
        "name": "ps",
        "shm": 256,
        "pids": 100,
        "hostname": "far.example.org",
    }
    assert proposal.remarks == (
        f"ps: {ONCE}",
        "ps: no key says --memory=64; inv perfsonar.up keeps them where the engine can",
        "ps: what lies in --volume=/srv/ps:/etc/perfsonar is copied into its state, and stays "
        "there too",
        "ps: is of Compose (ps); put that away after inv perfsonar.up",
    )


def test_osg_s_deployment_is_taken_without_what_it_does_not_need(propose: Any) -> None:
    wrapper = "command /opt/perfsonar-tp/tools_scripts/testpoint-entrypoint-wrapper.sh"
    proposal = propose(
        changed(
            engine="podman",
            image="hub.opensciencegrid.org/osg-htc/perfsonar-testpoint:production",
            options=(
                *("--privileged", "--cap-add=CAP_SYS_ADMIN", "--tmpfs=/run"),
                *("--volume=/run/dbus:/run/dbus:ro", "--volume=/etc/letsencrypt:/etc/letsencrypt"),
            ),
            units=(f"/etc/systemd/system/{NAME}.service", f"{NAME}.service"),
            lost=(wrapper,),
        )
    )
    assert proposal.section == {
        "hosts": "ps1",
        "image": "hub.opensciencegrid.org/osg-htc/perfsonar-testpoint",
        "tag": "production",
        "engine": "podman",
    }
    assert proposal.remarks == (
        f"{NAME}: {ONCE}",
        f"{NAME}: no key says --volume=/etc/letsencrypt:/etc/letsencrypt; inv perfsonar.up keeps "
        "them where the engine can",
        f"{NAME}: its units are OSG's: inv perfsonar.up switches them off",
    )


def test_another_unit_that_starts_it_is_told(propose: Any) -> None:
    _, remark = propose(changed(units=("/etc/systemd/system/mine.service",))).remarks
    assert "mine.service starts it, too; inv perfsonar.up disables it where it runs" in remark


def test_remotes_keep_what_psconfig_was_told_of_them(propose: Any) -> None:
    listed = (
        {"url": "https://ps.example.org/auto/ps1.example.org"},
        {"url": REMOTE, "configure-archives": False, "transform": {"script": ".tasks |= {}"}},
        {"url": "https://a.example.org/x", "bind-address": "192.0.2.1", "ssl-ca-file": "/c.pem"},
        {"url": "https://***@b.example.org/y"},
        {"url": "https://c.example.org/z", "odd": 1},
    )
    proposal = propose(DOCUMENT, *listed, full="ps1.example.org")
    assert proposal.section["psconfig"] == [
        "https://ps.example.org/auto/%h",
        {"url": REMOTE, "archives": False, "transform": ".tasks |= {}"},
        {"url": "https://a.example.org/x", "archives": False, "bind": "192.0.2.1", "ca": "/c.pem"},
        "https://c.example.org/z",
    ]
    assert proposal.remarks[1:] == (
        "psconfig: https://***@b.example.org/y has user and password: it stays; to have it in the "
        "site, name a secret with it in psconfig_secret",
        "psconfig: no key of the section says odd of https://c.example.org/z",
    )


def test_what_is_not_known_is_said(plugins: Plugins, adopts: Any) -> None:
    evidence = {adopts.PROBES[0].name: adopts.Remotes()}
    containers = (changed(name="old", running=False), DOCUMENT)
    report = HostReport(host="ps1", containers=containers, evidence=evidence)
    proposal = plugins.recognise("perfsonar", report)
    assert proposal is not None
    assert "name" not in proposal.section
    assert proposal.remarks[1:] == (
        f"{NAME}: its psconfig does not answer: its remotes are not known",
        "old: is a test point, too, and a host has one here",
    )
    other = HostReport(host="ps1", containers=(changed(image="nginx"),), evidence=evidence)
    assert plugins.recognise("perfsonar", other) is None


def test_one_of_ours_says_where_its_state_lies_and_its_name(propose: Any) -> None:
    ours = changed(
        ours=True,
        options=("--volume=/srv/ps/current/etc/perfsonar:/etc/perfsonar", "--memory=64"),
        labels={"fairlead.hostname": "far.example.org 192.0.2.7"},
    )
    proposal = propose(ours)
    assert proposal.section["state"] == "/srv/ps"
    assert proposal.section["hostname"] == "far.example.org"
    assert proposal.remarks == ()


def test_the_remotes_of_every_test_point_are_listed_without_passwords(
    shell: Shell, adopts: Any
) -> None:
    listed = [{"url": REMOTE, "configure-archives": True}, {"url": "https://me:pw@b.example/y"}]
    shell.tool("docker", ENGINE)
    shell.tool("podman", "exit 1")
    shell.tool("timeout", 'shift; "$@"')
    shell.tool("hostname", "echo ps1.example.org")
    code, text = shell.run(adopts.PROBES[0].argv, LISTED=json.dumps(listed))
    assert "pw" not in text
    assert adopts.PROBES[0].parse(code, text) == adopts.Remotes(
        "ps1.example.org",
        {"a": ({"url": REMOTE, "configure-archives": True}, {"url": "https://***@b.example/y"})},
    )
