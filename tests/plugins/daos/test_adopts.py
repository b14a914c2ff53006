"""What `inv adopt` proposes for DAOS's containers that Compose has started."""

from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.inventory.proposals import folded
from fairlead.model.adoption import HostReport, Proposal, RunningContainer
from fairlead.operations import script
from tests.shells import Shell

FOLDER = "/opt/daos/utils/docker/examples"
SERVER = "daos-daos_server-1"
ENGINE = script.beside(__file__).text("engine_composed")


@pytest.fixture
def adopts(plugins: Plugins) -> Any:
    """The plugin's module that recognises DAOS."""
    return plugins.adopters()["daos"]


@pytest.fixture
def propose(plugins: Plugins, adopts: Any) -> Any:
    """The proposal for a host with these containers of Compose's, whose section is one."""

    def of(
        *composed: Any, host: str = "n1", one_off: bool = False, **variables: str
    ) -> Proposal | None:
        project = adopts.Project(composed, variables)
        labels = {"com.docker.compose.oneoff": str(one_off)}
        there = (*(one.name for one in composed), "web")
        containers = tuple(
            RunningContainer(name=n, engine="docker", image="x", labels=labels) for n in there
        )
        report = HostReport(
            host=host, containers=containers, evidence={adopts.PROBES[0].name: project}
        )
        proposal = plugins.recognise("daos", report)
        if proposal:
            msgspec.convert(proposal.section, plugins.systems["daos"].section_type)
        return proposal

    return of


def composed(adopts: Any, component: str, file: str, config: str = "", folder: str = FOLDER) -> Any:
    path = f"{folder}/docker-compose.{file}.yml"
    return adopts.Composed(f"daos-daos_{component}-1", component, path, folder, config)


def test_a_server_of_a_checkout_with_its_configuration(propose: Any, adopts: Any) -> None:
    config = "port: 10001\nengines:\n- targets: 4\ntransport_config:\n  allow_insecure: true\n"
    proposal = propose(
        composed(adopts, "server", "server", config),
        DAOS_VERSION="2.6.3-4.el9",
        LINUX_IMAGE_TAG="9.4",
        LINUX_IMAGE_NAME="rockylinux/rockylinux",
        LINUX_DISTRO="el9",
        DAOS_REPOS="https://a.example.org/1 https://a.example.org/2",
    )
    assert proposal.section == {
        "version": "2.6.3-4.el9",
        "repos": ["https://a.example.org/1", "https://a.example.org/2"],
        "base_image": {"name": "rockylinux/rockylinux", "tag": "9.4"},
        "source": "/opt/daos",
        "server": {
            "hosts": "n1",
            "config": {
                "port": 10001,
                "engines": [{"targets": 4}],
                "transport_config": {"allow_insecure": True},
            },
        },
        "insecure": True,
    }
    assert (proposal.components, proposal.containers) == (("server",), (SERVER,))
    assert proposal.remarks == (
        f"{SERVER}: fairlead did not start it: inv daos.up takes it over once, and starts it anew",
        f"{SERVER}: inv daos.up takes over what is called daos-server, and would start one beside "
        f"it: before it docker rename {SERVER} daos-server",
    )


def test_a_client_with_its_agent_and_an_admin_of_files_of_ones_own(
    propose: Any, adopts: Any
) -> None:
    proposal = propose(
        composed(adopts, "agent", "client_sa", "name: daos_server\n", "/srv/daos"),
        composed(adopts, "client", "client_sa", "", "/srv/daos"),
        composed(adopts, "admin", "admin", "", "/srv/daos"),
        DAOS_CLIENT_UID="1000",
        DAOS_CLIENT_UNAME="me",
    )
    assert proposal.section == {
        "agent": {"hosts": "n1", "config": {"name": "daos_server"}},
        "client": {
            "hosts": "n1",
            "keep": True,
            "mode": "separate-agent",
            "user": "me",
            "uid": 1000,
        },
        "admin": {"hosts": "n1", "keep": True},
    }
    text = "\n".join(proposal.remarks)
    assert "no .env beside the compose files says DAOS_VERSION" in text
    assert "daos-daos_admin-1: does not run, or has no configuration" in text
    assert "certificates: inv daos.secrets says which" in text


def test_an_agent_alone_says_that_there_are_no_certificates(propose: Any, adopts: Any) -> None:
    config = "transport_config:\n  allow_insecure: true\n"
    proposal = propose(composed(adopts, "agent", "client_sa", config), DAOS_VERSION="2.4.0-2.el8")
    assert proposal.section["insecure"] is True
    assert not any(remark.startswith("certificates") for remark in proposal.remarks)


def test_one_of_docker_compose_run_is_no_service(propose: Any, adopts: Any) -> None:
    proposal = propose(composed(adopts, "server", "server"), one_off=True)
    what = "is of docker compose run, and ends with its session: end it before inv daos.up"
    assert f"{SERVER}: {what}, which starts one that stays" in proposal.remarks


def test_components_of_several_hosts_are_one_section(propose: Any, adopts: Any) -> None:
    server = composed(adopts, "server", "server", "port: 1\n")
    client = composed(adopts, "client", "client_sa")
    version = {"DAOS_VERSION": "2.6.3-4.el9"}
    sections = {
        "n1": propose(server, host="n1", **version).section,
        "n2": propose(server, client, host="n2", **version).section,
    }
    whole = folded(sections, "daos")
    assert whole.remarks == ()
    assert whole.section["server"]["hosts"] == "n[1-2]"
    assert whole.section["client"]["hosts"] == "n2"


def test_a_configuration_that_is_no_yaml_is_said(propose: Any, adopts: Any) -> None:
    proposal = propose(composed(adopts, "server", "server", "a: [\n"))
    assert "config" not in proposal.section["server"]
    assert any("its configuration cannot be read" in remark for remark in proposal.remarks)


def test_other_hosts_have_none(propose: Any) -> None:
    assert propose() is None


def test_compose_tells_its_containers_and_the_variables_that_are_daos_s(
    shell: Shell, adopts: Any
) -> None:
    (shell.folder / ".env").write_text('DAOS_VERSION="2.6.3-4.el9"\nTOKEN=sesame\n')
    shell.tool("docker", ENGINE)
    shell.tool("timeout", 'shift; "$@"')
    code, text = shell.run(adopts.PROBES[0].argv, FOLDER=str(shell.folder))
    assert "sesame" not in text
    folder = str(shell.folder)
    assert adopts.PROBES[0].parse(code, text) == adopts.Project(
        (
            composed(adopts, "server", "server", "port: 10001\n", folder),
            composed(adopts, "client", "client_sa", "", folder),
        ),
        {"DAOS_VERSION": "2.6.3-4.el9"},
    )
