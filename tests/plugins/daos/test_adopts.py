"""What `inv adopt` proposes for DAOS's containers that somebody has started."""

from collections.abc import Mapping
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
PRIVILEGED = {"options": ("--privileged",)}
ONE_OFF = {"labels": {"com.docker.compose.oneoff": "True"}}
ENGINE = script.beside(__file__).text("engine_composed")


@pytest.fixture
def adopts(plugins: Plugins) -> Any:
    """The plugin's module that recognises DAOS."""
    return plugins.adopters()["daos"]


@pytest.fixture
def propose(plugins: Plugins, adopts: Any) -> Any:
    """The proposal for a host with these containers of DAOS's, whose section is one.

    `about`: what all of its containers have."""

    def of(
        *composed: Any, host: str = "n1", about: Mapping[str, Any] = PRIVILEGED, **variables: str
    ) -> Proposal | None:
        parts = adopts.Parts(composed, variables)
        there = (*(one.name for one in composed), "web")
        known = {"engine": "docker", "image": "x", **about}
        containers = tuple(RunningContainer(name=name, **known) for name in there)
        report = HostReport(
            host=host, containers=containers, evidence={adopts.PROBES[0].name: parts}
        )
        proposal = plugins.recognise("daos", report)
        if proposal:
            msgspec.convert(proposal.section, plugins.systems["daos"].section_type)
        return proposal

    return of


def composed(adopts: Any, component: str, file: str, config: str = "", folder: str = FOLDER) -> Any:
    path = f"{folder}/docker-compose.{file}.yml"
    return adopts.Part(f"daos-daos_{component}-1", component, path, folder, config)


def test_a_server_of_a_checkout_with_its_configuration(propose: Any, adopts: Any) -> None:
    config = "port: 10001\nengines:\n- targets: 4\ntransport_config:\n  allow_insecure: false\n"
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
                "transport_config": {"allow_insecure": False},
            },
        },
    }
    assert (proposal.components, proposal.containers) == (("server",), (SERVER,))
    assert proposal.remarks == (
        "certificates: inv daos.secrets says which are to be put into secrets: those that the host "
        "has are not read",
        f"{SERVER}: fairlead did not start it: inv daos.up takes it over once, and starts it anew",
        f"{SERVER}: inv daos.up takes over what is called daos-server, and would start one beside "
        f"it: before it docker rename {SERVER} daos-server",
    )


def test_without_authentication_a_checkout_is_left_out_and_said(propose: Any, adopts: Any) -> None:
    config = "transport_config:\n  allow_insecure: true\n"
    proposal = propose(composed(adopts, "server", "server", config), DAOS_VERSION="2.6.3-4.el9")
    assert proposal.section == {
        "version": "2.6.3-4.el9",
        "server": {"hosts": "n1", "config": {"transport_config": {"allow_insecure": True}}},
        "insecure": True,
    }
    what = "source: with /opt/daos authentication cannot be off, and here it is"
    assert f"{what}: inv daos.up builds from fairlead's own files" in proposal.remarks


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
    assert "version: neither a .env of compose files nor a container says it" in text
    assert "daos-daos_admin-1: has no configuration where DAOS has it" in text
    assert "certificates: inv daos.secrets says which" in text


def test_an_agent_alone_says_that_there_are_no_certificates(propose: Any, adopts: Any) -> None:
    config = "transport_config:\n  allow_insecure: true\n"
    proposal = propose(composed(adopts, "agent", "client_sa", config), DAOS_VERSION="2.4.0-2.el8")
    assert proposal.section["insecure"] is True
    assert not any(remark.startswith("certificates") for remark in proposal.remarks)


def test_one_of_docker_compose_run_is_no_service(propose: Any, adopts: Any) -> None:
    proposal = propose(composed(adopts, "server", "server"), about=ONE_OFF)
    what = "was started by docker compose run, and inv daos.up does not take it over"
    remedy = f"end it before (docker stop {SERVER})"
    assert f"{SERVER}: {what}: {remedy}" in proposal.remarks


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
    server = composed(adopts, "server", "server", "port: 10001\n", folder)
    assert adopts.PROBES[0].parse(code, text) == adopts.Parts(
        (
            msgspec.structs.replace(server, inside={"DAOS_VERSION": "2.6.3-4.el9"}),
            composed(adopts, "client", "client_sa", "", folder),
            adopts.Part("storage", "server", config="port: 1\n"),
            adopts.Part("mine", "agent"),
            adopts.Part("dmg", "admin"),
        ),
        {"DAOS_VERSION": "2.6.3-4.el9"},
    )


# By docker run, and of Podman


RPM = """case $* in *daos) printf 2.4.0-2.el8 ;; *) exit 1 ;; esac"""
REPO = """[a.example.org_v2.4_]
name=created by dnf config-manager from http://a.example.org/v2.4/
baseurl=http://a.example.org/v2.4/
enabled=1
gpgcheck={check}
gpgkey=http://a.example.org/ONE http://a.example.org/TWO
"""
BASE = "[baseos]\nname=Rocky 8\nbaseurl=http://rocky.example.org/8/\ngpgcheck=1\n"


@pytest.mark.parametrize("check", ["0", "1"])
def test_a_container_tells_version_release_and_the_repositories_that_were_added_to_it(
    shell: Shell, adopts: Any, check: str
) -> None:
    folder = shell.folder / "etc" / "yum.repos.d"
    folder.mkdir(parents=True)
    (folder / "Rocky-BaseOS.repo").write_text(BASE)
    (folder / "daos.repo").write_text(REPO.format(check=check))
    (shell.folder / "etc" / "os-release").write_text('ID="rocky"\nVERSION_ID="8.6"\n')
    shell.tool("rpm", RPM)
    _, text = shell.run((*adopts.sh("part_inside"), str(shell.folder)))
    told = text.splitlines()
    url = "http://a.example.org/v2.4/"
    assert ("unsigned\t" + url in told) == (check == "0")
    assert [line for line in told if not line.startswith("unsigned")] == [
        "version\t2.4.0-2.el8",
        "rocky\t8.6",
        f"repo\t{url}",
        "key\thttp://a.example.org/ONE",
        "key\thttp://a.example.org/TWO",
    ]


def test_what_is_no_rocky_says_no_release_of_it(shell: Shell, adopts: Any) -> None:
    (shell.folder / "etc").mkdir()
    (shell.folder / "etc" / "os-release").write_text('ID=debian\nVERSION_ID="12"\n')
    shell.tool("rpm", "exit 1")
    assert shell.run((*adopts.sh("part_inside"), str(shell.folder)))[1] == ""


INSIDE = {
    "DAOS_VERSION": "2.6.5-1.el9",
    "RHEL_BASE_IMAGE_TAG": "9.4",
    "DAOS_REPOS": "http://a.example.org/1 http://a.example.org/2",
}
CONFIG = "engines:\n- storage:\n  - {class: ram, scm_mount: /mnt/daos0}\n"
LASTING = f"{CONFIG}control_metadata: {{path: /var/db/daos}}\n"


def run(adopts: Any, component: str, config: str = "", name: str = "") -> Any:
    return adopts.Part(name or f"my-{component}", component, config=config, inside=INSIDE)


def about(*options: str, image: str = "site/daos-server:of-ours", **more: Any) -> dict[str, Any]:
    return {"image": image, "options": ("--privileged", *options), **more}


def test_a_server_of_docker_run_is_proposed_by_what_is_inside_it(propose: Any, adopts: Any) -> None:
    limits = ("--ulimit=memlock=-1:-1", "--ulimit=nofile=20000:20000")
    known = about(*limits) | {"options": limits}
    proposal = propose(run(adopts, "server", LASTING), about=known)
    server = proposal.section.pop("server")
    assert proposal.section == {
        "version": "2.6.5-1.el9",
        "image_tag": "of-ours",
        "repos": ["http://a.example.org/1", "http://a.example.org/2"],
        "base_image": {"tag": "9.4"},
    }
    assert (server["privileged"], server["ulimits"]) == (False, {"nofile": 20000})
    text = "\n".join(proposal.remarks)
    assert "its metadata (/var/db/daos in the container) is copied into its state" in text
    assert text.endswith("before it docker rename my-server daos-server")


def test_mounts_that_the_site_says_otherwise_are_named_with_what_becomes_of_them(
    propose: Any, adopts: Any
) -> None:
    own = ("--volume=/srv/a.yml:/etc/daos/daos_server.yml:ro", "--volume=/srv/b:/var/db/daos")
    proposal = propose(run(adopts, "server", LASTING), about=about(*own, "--volume=/c:/c"))
    text = "\n".join(proposal.remarks)
    assert f"my-server: {own[0]} is not kept: configuration and certificates come from" in text
    assert "its metadata (/srv/b, mounted as /var/db/daos) is copied into its state" in text
    assert "/c:/c" not in text


@pytest.mark.parametrize(
    ("config", "mount", "goes"),
    [
        (CONFIG, "", True),
        (CONFIG, "--volume=/srv/scm:/mnt/daos0", False),
        (CONFIG, "--volume=/srv/mnt:/mnt", False),
        (LASTING, "", False),
        (CONFIG.replace("ram", "dcpm"), "", False),
    ],
)
def test_pools_that_would_go_with_the_container_are_said(
    propose: Any, adopts: Any, config: str, mount: str, goes: bool
) -> None:
    proposal = propose(run(adopts, "server", config), about=about(*filter(None, (mount,))))
    lost = "what it has in /mnt/daos0 goes with its container"
    assert (lost in "\n".join(proposal.remarks)) is goes


@pytest.mark.parametrize("mount", ["", "--volume=/srv/b:/var/db/daos"])
def test_a_server_with_rm_says_how_its_metadata_comes_out(
    propose: Any, adopts: Any, mount: str
) -> None:
    state = "/var/lib/daos-docker/server/current/var/db/daos"
    known = about(*filter(None, (mount,)), autoremove=True)
    proposal = propose(run(adopts, "server", LASTING), about=known)
    commands = f"docker cp my-server:/var/db/daos/. {state}; docker stop my-server"
    (remark,) = (text for text in proposal.remarks if "--rm" in text)
    assert "and inv daos.up does not take it over: its metadata has to be in our state" in remark
    assert remark.endswith(f"before it ends: dmg system stop; mkdir -p {state}; {commands}")


def test_a_server_with_rm_whose_pools_go_with_it_says_so(propose: Any, adopts: Any) -> None:
    proposal = propose(run(adopts, "server", CONFIG), about=about(autoremove=True))
    (remark,) = (text for text in proposal.remarks if "--rm" in text)
    assert "its pools would be gone; bring its data elsewhere before docker stop" in remark


def test_of_two_servers_the_one_that_is_called_as_ours_is_proposed(
    propose: Any, adopts: Any
) -> None:
    two = (run(adopts, "server"), run(adopts, "server", LASTING, "daos-server"))
    proposal = propose(*two, about=about())
    assert proposal.section["server"]["config"]["control_metadata"] == {"path": "/var/db/daos"}
    what = "is a part of DAOS as daos-server is, and a host has one server here"
    assert f"my-server: {what}" in proposal.remarks


def test_one_of_podman_is_refused_in_words(adopts: Any, plugins: Plugins) -> None:
    image = "localhost/daos-server:v2.6.0"
    container = RunningContainer(name="storage", engine="podman", image=image)
    evidence = {adopts.PROBES[0].name: adopts.Parts()}
    report = HostReport(host="n1", containers=(container,), evidence=evidence)
    proposal = plugins.recognise("daos", report)
    assert proposal is not None
    assert (proposal.section, proposal.containers) == ({}, ("storage",))
    (remark,) = proposal.remarks
    assert remark.startswith("storage: is of Podman, and inv daos.up refuses it: images are built")
