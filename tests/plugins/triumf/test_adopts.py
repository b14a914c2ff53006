"""What `inv adopt` proposes for workers and a registry that somebody started by hand."""

from typing import Any

import msgspec
import pytest

from fairlead.contract.loader import Plugins
from fairlead.model.adoption import HostReport, Proposal, RunningContainer
from tests.shells import Shell

SHARED = ("/home", "/etc/grid-security", "/cvmfs", "/opt/glite", "/etc/localtime")
IMAGE = "reg.tier1.lan:5000/sl6-umd3condv4"
# The document's line, as `inspect` has it afterwards
DOCUMENT = RunningContainer(
    name="vn0317",
    engine="docker",
    image=IMAGE,
    hostname="vn0317",
    network="default",
    command=("/root/init",),
    lost=("command /root/init",),
    options=(
        *("--cap-add=CAP_SYS_ADMIN", "--publish=4080:4080/tcp", "--hostname=vn0317"),
        *(f"--volume={path}:{path}" for path in SHARED),
        "--volume=/var/log/vn0317:/var/log/condor",
    ),
)
CONFIG = """\
S active
F /etc/docker/registry/config.yml
K level: debug
K rootdirectory: /data/images
K addr: 192.0.2.9:5000
K host: https://reg.tier1.lan:5000
K certificate: /etc/ssl/reg.pem
K key: /etc/ssl/reg.key
K path: /etc/docker/registry/registry_passwd
U triumf
"""
ENGINE = (
    "of the engines nothing is proposed: say of them what inv triumf.engine.up shall keep, and see "
    "its plan before it"
)


@pytest.fixture
def propose(plugins: Plugins) -> Any:
    """The proposal for a host with these containers and this answer of the probe."""
    probe = plugins.adopters()["triumf"].PROBES[0]

    def of(*containers: RunningContainer, there: str = "") -> Proposal | None:
        evidence = {probe.name: probe.parse(0, there)}
        return plugins.recognise(
            "triumf", HostReport(host="n2", containers=containers, evidence=evidence)
        )

    return of


@pytest.fixture
def typed(plugins: Plugins) -> Any:
    """A section, which has to be one."""
    kind = plugins.systems["triumf"].section_type
    return lambda proposal: msgspec.convert(proposal.section, kind)


def changed(**fields: Any) -> RunningContainer:
    return msgspec.structs.replace(DOCUMENT, **fields)


def second(**fields: Any) -> RunningContainer:
    options = (word.replace("vn0317", "vn0318") for word in DOCUMENT.options)
    own = {"options": tuple(o.replace("=4080:", "=4081:") for o in options)}
    return changed(**{"name": "vn0318", "hostname": "vn0318", **own, **fields})


def test_the_document_s_own_line_on_two_workers(propose: Any, typed: Any) -> None:
    proposal = propose(second(), DOCUMENT)
    assert proposal.section == {"hosts": "n2", "worker": {"names": {"n2": ["vn0317", "vn0318"]}}}
    assert typed(proposal).worker.first_port == 4080
    assert (proposal.components, proposal.containers) == (("worker",), ("vn0318", "vn0317"))
    once = "fairlead did not start it: inv triumf.worker.up takes it over once, and starts it anew"
    where = (
        "its image is of reg.tier1.lan:5000: the section's registry has to be that one: adopt its "
        "host, too"
    )
    assert proposal.remarks == (
        *(f"vn0317: {once}", f"vn0317: {where}", f"vn0318: {once}", f"vn0318: {where}"),
        ENGINE,
    )


def test_a_worker_of_today_with_all_of_its_own(propose: Any, typed: Any) -> None:
    worker = RunningContainer(
        name="w1",
        engine="podman",
        image="wn9:23.0",
        hostname="w1.tier1.lan",
        network="tier1.lan",
        command=("/usr/sbin/start",),
        variables=("CONDOR_HOST",),
        options=(
            *("--volume=/cvmfs:/cvmfs:rslave", "--volume=/srv/log/w1:/var/log/condor"),
            *(f"--memory={64 << 30}", f"--shm-size={128 << 20}", "--cpus=16"),
            *("--device=/dev/fuse:/dev/fuse:rwm", "--security-opt=seccomp=unconfined"),
            *("--ulimit=nofile=4096:4096", "--label=owner=ops"),
            "--volume=/etc/condor/tokens.d:/etc/condor/tokens.d:ro",
        ),
    )
    proposal = propose(worker)
    assert proposal.section["worker"] == {
        "names": {"n2": ["w1"]},
        "engine": "podman",
        "image": "wn9",
        "tag": "23.0",
        "command": "/usr/sbin/start",
        "logs": "/srv/log",
        "domain": "tier1.lan",
        "memory": "65536m",
        "shm_size": "128m",
        "cpus": 16.0,
        "mounts": ["/cvmfs"],
        "devices": ["/dev/fuse"],
        "security_opt": ["seccomp=unconfined"],
        "capabilities": [],
        "ulimits": {"nofile": 4096},
        "propagation": {"/cvmfs": "rslave"},
        "port": "none",
    }
    assert typed(proposal).worker.cpus == 16
    text = "\n".join(proposal.remarks)
    for words in (
        "no key says --label=owner=ops --volume=/etc/condor/tokens.d:/etc/condor/tokens.d:ro "
        "--env=CONDOR_HOST=...",
        "it is in the network tier1.lan, and no key says its address",
        "it joins by a token: name the secret of it in worker.token_secret",
    ):
        assert words in text


def test_a_worker_that_differs_from_the_first_is_left_out(propose: Any) -> None:
    proposal = propose(DOCUMENT, second(image=f"{IMAGE}:new"))
    assert proposal.section["worker"]["names"] == {"n2": ["vn0317"]}
    assert "vn0318: is left out: it has another tag" in proposal.remarks


def test_ports_with_a_gap_are_said(propose: Any) -> None:
    options = tuple(word.replace("=4080:", "=4090:") for word in DOCUMENT.options)
    far = changed(name="vn0319", hostname="vn0319", options=options)
    logs = "--volume=/var/log/vn0319:/var/log/condor"
    far = msgspec.structs.replace(far, options=(*options[:-1], logs))
    remarks = propose(DOCUMENT, far).remarks
    assert "worker: ports that do not follow one another (4080 4090) no key says" in remarks


def test_a_registry_of_a_package(propose: Any, typed: Any) -> None:
    proposal = propose(there=CONFIG)
    assert proposal.section == {
        "hosts": "n2",
        "registry": {
            "hosts": "n2",
            "name": "reg.tier1.lan",
            "users": {"triumf": "registry.triumf"},
            "launch": "package",
            "address": "192.0.2.9",
            "port": 5000,
            "root": "/data/images",
            "log_level": "debug",
            "tls": {"certificate": "/etc/ssl/reg.pem", "key": "/etc/ssl/reg.key"},
        },
    }
    assert typed(proposal).registry.reference == "reg.tier1.lan:5000"
    assert (proposal.components, proposal.remarks) == (
        ("registry",),
        (
            "registry: inv secrets.set --name=registry.triumf has to be told the password of "
            "triumf: the host has its hash alone",
        ),
    )


def test_a_registry_of_a_container_that_asks_nobody(propose: Any) -> None:
    server = RunningContainer(name="hub", engine="podman", image="docker.io/library/registry:2")
    there = "F /etc/distribution/config.yml\nK addr: :5000\n"
    proposal = propose(server, there=there)
    assert proposal.section["registry"] == {
        "hosts": "n2",
        "name": "n2",
        "users": {},
        "launch": "container",
        "address": "0.0.0.0",
        "port": 5000,
        "tag": "2",
        "engine": "podman",
        "container": "hub",
    }
    assert len(proposal.remarks) == 4
    assert propose(server) is None


def test_what_the_section_does_not_say_of_a_registry_is_not_kept(propose: Any) -> None:
    server = RunningContainer(
        name="hub",
        engine="docker",
        image="registry:3",
        network="hub_default",
        command=("serve", "/etc/distribution/config.yml"),
        lost=("command serve ...",),
        options=(
            *("--publish=127.0.0.1:5443:443/tcp", "--memory=64", "--hostname=hub"),
            *("--volume=/srv/conf:/etc/distribution", "--volume=hub_data:/data"),
            "--volume=/srv/ca:/etc/ssl/certs",
        ),
        variables=("REGISTRY_PROXY_REMOTEURL", "REGISTRY_LOG_LEVEL", "TZ"),
        labels={"com.docker.compose.project": "hub"},
    )
    lines = ("C hub", "K addr: :443", "K rootdirectory: /data/images")
    there = (*lines, "K path: /etc/distribution/htpasswd", "K certificate: /etc/ssl/certs/a.pem")
    proposal = propose(server, there="\n".join(there))
    registry = proposal.section["registry"]
    assert (registry["address"], registry["port"], registry["container"]) == (
        *("127.0.0.1", 5443),
        "hub",
    )
    assert registry["tls"] == {"certificate": "/srv/ca/a.pem"}
    up = "inv triumf.registry.up"
    assert proposal.remarks[:5] == (
        f"hub: fairlead did not start it: {up} takes it over once, and starts it anew",
        f"hub: no key says --memory=64 --env=TZ=...; {up} keeps them where the engine can",
        f"hub: not expressed, and not kept by {up}: --env=REGISTRY_PROXY_REMOTEURL=...",
        f"hub: is of Compose (hub); put that away after {up}",
        f"hub: its images lie in no folder of the host (/data/images): before {up}: mkdir -p "
        "/data/docker/registry; docker cp hub:/data/images/. /data/docker/registry",
    )


def test_other_containers_are_no_workers(propose: Any) -> None:
    assert propose(changed(options=())) is None


def test_a_registry_is_told_without_its_secrets(shell: Shell, plugins: Plugins) -> None:
    probe = plugins.adopters()["triumf"].PROBES[0]
    shell.tool("systemctl", "exit 3")
    argv = (*probe.argv[:-1], str(shell.folder))
    assert shell.run(argv) == (0, "")
    folder = shell.folder / "etc/docker/registry"
    folder.mkdir(parents=True)
    lines = (
        "http:",
        "  addr: 192.0.2.9:5000 # IPv4",
        "  secret: sesame",
        "  debug:",
        "    addr: localhost:5001",
        "storage: {s3: {secretkey: sesame}}",
        "auth:",
        "  htpasswd:",
        "    path: '/etc/docker/registry/registry_passwd'",
    )
    (folder / "config.yml").write_text("\n".join(lines))
    (folder / "registry_passwd").write_text("triumf:$2y$05$sesame\n")
    shell.tool("systemctl", "echo active")
    code, text = shell.run(argv)
    assert "sesame" not in text
    there = probe.parse(code, text)
    assert (there.file, there.unit) == ("/etc/docker/registry/config.yml", "active")
    assert there.values["addr"] == "192.0.2.9:5000"
    assert (there.users, there.unread) == (("triumf",), ("storage",))
