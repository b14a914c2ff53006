"""What the document demands of a host, each with numbers, reason and remedy.

And the configurations from which it is read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from fairlead.contract.loader import Plugins
from fairlead.inventory import yamlfile
from fairlead.model.plan import Check
from fairlead.testing import BASE, HOSTS, ask_for

EXAMPLE = yaml.safe_load((Path(__file__).parents[3] / "sites/example.yml").read_text())["daos"]
CONFIG = {
    "control_metadata": {"path": "/var/db/daos_server"},
    "disable_vfio": True,
    "nr_hugepages": 8192,
    "engines": [
        {
            "fabric_iface": "ib0",
            "pinned_numa_node": 0,
            "storage": [
                {"class": "ram", "scm_mount": "/mnt/daos0", "scm_size": 16},
                {
                    "class": "nvme",
                    "bdev_list": ["0000:41:00.0"],
                    "bdev_roles": ["data", "meta", "wal"],
                },
            ],
        }
    ],
}
FABRIC = {"fabric_ifaces": [{"numa_node": 0, "devices": [{"iface": "ib0", "domain": "ib0"}]}]}


def host(**changed: Any) -> Any:
    from fairlead_plugins.daos.common.hardware import Hardware

    well = Hardware(
        pages=8192,
        size=2048,
        memory=64 * 1024 * 1024,
        has_mount=True,
        interfaces={"lo": "", "docker0": "", "ib0": "1", "eth0": "-1", "veth12": ""},
        pci={"0000:41:00.0": "0x010802", "0000:01:00.0": "0x020000"},
        nodes=(0, 1),
        fuse=True,
        socket=True,
        thp="never",
        maps=1_000_000,
    )
    return msgspec.structs.replace(well, **changed)


def checks(
    plugins: Plugins, component: str, hardware: Any, section: dict[str, Any]
) -> dict[str, Check]:
    facts = dict(BASE) | {
        "hardware": hardware,
        "container": {},
        "state": (),
        "room": 100_000,
        "sockets": (),
        "pids": frozenset(),
    }
    ask = ask_for(
        plugins, f"daos.{component}", "preflight", section=section | {"insecure": True}, facts=facts
    )
    return {check.name: check for check in plugins.ask(ask)}


def server(
    plugins: Plugins, content: Any = CONFIG, section: Mapping[str, Any] = {}, **hardware: Any
) -> dict[str, Check]:
    return checks(
        plugins,
        "server",
        host(**hardware),
        {"server": {"hosts": "n1", "config": content} | dict(section)},
    )


def failing(results: dict[str, Check]) -> list[str]:
    return [name for name, check in results.items() if not check.ok]


def test_a_host_that_has_all_passes(plugins: Plugins) -> None:
    assert failing(server(plugins)) == []
    assert (
        failing(checks(plugins, "agent", host(), {"agent": {"hosts": "n1", "config": FABRIC}}))
        == []
    )


def test_a_host_with_podman_alone_is_refused_with_the_reason(plugins: Plugins) -> None:
    facts = dict(HOSTS["a host with Podman"])
    for component in ("server", "agent", "client", "admin"):
        section = {component: {"hosts": "n1"}, "insecure": True}
        ask = ask_for(plugins, f"daos.{component}", "preflight", section=section, facts=facts)
        (check,) = (check for check in plugins.ask(ask) if check.name == "engine")
        assert (check.ok, check.blocks, check.found) == (False, True, "podman, not docker")
        assert "`podman compose` (from Podman 4.7 on) calls another program" in check.why
        assert check.remedy.startswith("install Docker and its Compose")
    assert "Compose" not in server(plugins)["engine"].why


def test_huge_pages_are_told_with_numbers(plugins: Plugins) -> None:
    check = server(plugins, CONFIG | {"nr_hugepages": 0}, pages=0)["huge pages"]
    assert (check.ok, check.blocks, check.wanted, check.found) == (
        False,
        True,
        "4096 of 2048 KiB",
        "0 of 2048 KiB",
    )
    assert [step.do[4:] for step in check.fix] == [("4096", "/etc/sysctl.d/60-daos-hugepages.conf")]
    assert server(plugins, pages=4096)["huge pages"].wanted == "8192 of 2048 KiB"
    other = server(plugins, size=1048576)["huge pages"]
    assert (other.ok, other.fix, other.remedy) == (False, (), "boot with default_hugepagesz=2M")


@pytest.mark.parametrize("value", [None, False])
def test_vfio_has_to_be_off(plugins: Plugins, value: Any) -> None:
    check = server(plugins, CONFIG | {"disable_vfio": value})["VFIO"]
    assert (check.ok, check.blocks) == (False, True)
    assert (
        check.why
        == "the VFIO driver is not supported when the server is in a container; SPDK has to use UIO"
    )
    assert check.remedy == "add disable_vfio: true to daos.server.config"


WRONG = {
    "IOMMU": ({"iommu": True}, {}),
    "/dev/hugepages": ({"has_mount": False}, {}),
    "interfaces of engines": ({"interfaces": {"eth1": ""}}, {}),
    "NVMe devices": ({"pci": {"0000:41:00.0": "0x020000"}}, {}),
    "memory": ({"memory": 1024}, {}),
    "NUMA": ({"nodes": (1,)}, {}),
    "limit memlock": ({"raises": False, "memlock": "8388608"}, {}),
    "privileged": ({}, {"privileged": False}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_a_server_lacks_blocks_by_its_own_name(plugins: Plugins, name: str) -> None:
    hardware, section = WRONG[name]
    assert failing(server(plugins, section=section, **hardware)) == [name]


def of_version(plugins: Plugins, version: str, content: Any, **hardware: Any) -> dict[str, Check]:
    section = {"server": {"hosts": "n1", "config": content}, "version": version}
    return checks(plugins, "server", host(**hardware), section)


@pytest.mark.parametrize(
    ("version", "changes", "thp", "fails"),
    [
        ("2.8.0-1.el9", {}, "madvise", True),
        ("2.6.5-1.el8", {}, "always", True),
        ("2.6.5-1.el8", {}, "", True),
        ("2.6.5-1.el8", {}, "never", False),
        ("2.6.5-1.el8", {"allow_thp": True}, "always", False),
        ("2.8.0-1.el9", {"disable_hugepages": True}, "always", False),
        ("2.6.4-2.el8", {}, "always", False),
        ("2.4.0-2.el8", {"allow_thp": True}, "always", False),
    ],
)
def test_transparent_huge_pages_block_from_the_version_on_that_refuses_them(
    plugins: Plugins, version: str, changes: dict[str, Any], thp: str, fails: bool
) -> None:
    results = of_version(plugins, version, CONFIG | changes, thp=thp)
    assert failing(results) == (["transparent huge pages"] if fails else [])
    if fails:
        check = results["transparent huge pages"]
        assert (check.blocks, "code = 623" in check.why) == (True, True)
        assert check.found == (f"[{thp}]" if thp else "not known")


@pytest.mark.parametrize(("maps", "fails"), [(65530, True), (1_000_000, False)])
def test_too_few_areas_of_memory_are_a_warning(plugins: Plugins, maps: int, fails: bool) -> None:
    check = server(plugins, maps=maps)["vm.max_map_count"]
    assert (check.ok, check.blocks) == (not fails, False)


@pytest.mark.parametrize(
    ("version", "keys", "found"),
    [
        ("2.6.5-1.el9", {"control_iface": "eth0"}, "control_iface (since 2.8.0)"),
        ("2.8.0-1.el9", {"control_iface": "eth0"}, ""),
        ("2.6.4-2.el9", {"allow_thp": True}, "allow_thp (since 2.6.5)"),
        ("2.6.5-1.el9", {"mgmt_svc_replicas": ["n1"]}, "mgmt_svc_replicas (since 2.8.0)"),
    ],
)
def test_a_key_that_the_version_does_not_know_blocks(
    plugins: Plugins, version: str, keys: dict[str, Any], found: str
) -> None:
    """In a file of the user's; in a map those are written otherwise that can be."""
    text = yamlfile.write(CONFIG | keys | {"allow_thp": True} if found == "" else CONFIG | keys, "")
    results = of_version(plugins, version, "/etc/daos/mine.yml", config=text)
    check = results.get("keys of the configuration")
    assert (check.found if check else "") == found
    assert check is None or check.blocks


def test_a_release_on_a_distribution_that_nobody_tried_is_a_warning(plugins: Plugins) -> None:
    results = of_version(plugins, "2.8.0-1.el8", CONFIG)
    check = results["distribution"]
    assert failing(results) == ["distribution"]
    assert (check.blocks, check.found) == (False, "el8")


def test_less_is_enough_where_no_nvme_is_used(plugins: Plugins) -> None:
    assert not server(
        plugins, {key: value for key, value in CONFIG.items() if key != "control_metadata"}
    )["metadata"].ok
    config = CONFIG | {"engines": [{"storage": [{"class": "ram", "scm_size": 1}]}]}
    config.pop("control_metadata")
    section = {"privileged": False, "ulimits": {"memlock": 8388608, "nofile": 20000}}
    results = server(
        plugins, config, section, raises=False, memlock="8388608", nofile="20000", iommu=True
    )
    assert failing(results) == ["metadata", "IOMMU"]
    assert not results["IOMMU"].blocks


@pytest.mark.parametrize(
    ("metadata", "roles", "found"),
    [
        (True, True, ""),
        (True, False, "control_metadata alone"),
        (False, True, "bdev_roles alone"),
        (False, False, ""),
    ],
)
def test_metadata_on_ssd_is_said_in_both_places_or_in_none(
    plugins: Plugins, metadata: bool, roles: bool, found: str
) -> None:
    tier = {"class": "nvme", "bdev_list": ["0000:41:00.0"]}
    storage = [tier | ({"bdev_roles": ["data", "meta", "wal"]} if roles else {})]
    config = CONFIG | {"engines": [{"storage": storage}]}
    if not metadata:
        config.pop("control_metadata")
    for content, section in ((config, {}), (yamlfile.write(config, ""), {})):
        is_file = isinstance(content, str)
        own = "/etc/daos/mine.yml" if is_file else content
        results = server(plugins, own, section, **({"config": content} if is_file else {}))
        check = results.get("metadata on SSD")
        assert (check.found if check else "", check is None or check.blocks) == (found, True)


def test_an_agent_beside_docker0_needs_fabric_ifaces_and_gets_the_lines(plugins: Plugins) -> None:
    check = checks(plugins, "agent", host(), {"agent": {"hosts": "n1"}})["fabric_ifaces"]
    lines = (
        "fabric_ifaces: [{numa_node: 1, devices: [{iface: ib0, domain: ib0}]}, "
        "{numa_node: 0, devices: [{iface: eth0, domain: eth0}]}]"
    )
    assert (check.ok, check.blocks, check.remedy) == (
        False,
        True,
        f"add to daos.agent.config: {lines}",
    )
    assert check.why == "the agent may take docker0, over which no server is reached"
    config = yaml.safe_load(check.remedy.partition(": ")[2])
    assert (
        failing(checks(plugins, "agent", host(), {"agent": {"hosts": "n1", "config": config}}))
        == []
    )
    assert (
        failing(checks(plugins, "agent", host(interfaces={"eth0": ""}), {"agent": {"hosts": "n1"}}))
        == []
    )


def test_an_agent_s_interfaces_have_to_be_there(plugins: Plugins) -> None:
    results = checks(
        plugins,
        "agent",
        host(interfaces={"eth0": "", "docker0": ""}),
        {"agent": {"hosts": "n1", "config": FABRIC}},
    )
    assert failing(results) == ["interfaces of fabric_ifaces"]


def test_a_client_needs_fuse_and_on_bare_metal_its_agent(plugins: Plugins) -> None:
    section = {"client": {"hosts": "n1", "mode": "bare-metal-agent"}}
    assert failing(checks(plugins, "client", host(fuse=False, socket=False), section)) == [
        "/dev/fuse",
        "agent",
    ]
    stack = {"client": {"hosts": "n1", "mode": "gathered", "launch": "stack"}}
    assert "/dev/fuse" not in checks(plugins, "client", host(fuse=False), stack)


def test_a_file_of_the_user_s_is_read_line_by_line(plugins: Plugins) -> None:
    text = yamlfile.write(CONFIG, "disable_vfio: false\n0000:99:00.0 is a comment")
    assert failing(server(plugins, "/etc/daos/mine.yml", config=text)) == ["metadata"]
    assert failing(server(plugins, "/etc/daos/mine.yml", config=text, nodes=(1,), pci={})) == [
        "metadata",
        "NVMe devices",
        "NUMA",
    ]
    assert failing(
        server(
            plugins,
            "/etc/daos/mine.yml",
            config=text.replace("disable_vfio: true", "disable_vfio: false"),
        )
    ) == ["VFIO", "metadata"]
    assert failing(server(plugins, "/etc/daos/mine.yml", config=None)) == ["configuration"]


def test_what_the_host_says_is_read(plugins: Plugins) -> None:
    from fairlead_plugins.daos.common.hardware import hardware

    lines = ("pages 12", "memory 100", "size 2048", "capabilities 000001fffeffffff")
    more = ("memlock 8388608", "interface eth0 0", "thp madvise", "maps 65530")
    more = (*more, "config", "name: x", "")
    read = hardware(0, "\n".join((*lines, *more)))
    assert (
        read.pages,
        read.memory,
        read.size,
        read.raises,
        read.memlock,
        read.interfaces,
        read.config,
    ) == (
        12,
        100,
        2048,
        False,
        "8388608",
        {"eth0": "0"},
        "name: x\n",
    )
    assert (read.thp, read.maps) == ("madvise", 65530)
    assert hardware(0, "capabilities 000001ffffffffff\n").raises


# Configurations


def test_what_is_rendered_is_read_again_as_it_was() -> None:
    content = {
        "a": "yes",
        "b": ["1", 2, True, None, {"c": [], "d": {}}],
        "e": {"f": {"g": "x: y"}},
        "h": "ofi+tcp;ofi_rxm",
        "i": "0000:41:00.0",
        "j": "",
    }
    assert yaml.safe_load(yamlfile.write(content, "words")) == content


def test_the_example_s_server_is_pleasant_to_read(plugins: Plugins) -> None:
    from fairlead_plugins.daos.common.config import config
    from fairlead_plugins.daos.site import Daos

    site = msgspec.convert({"server": {"hosts": "n1", "config": EXAMPLE["server"]["config"]}}, Daos)
    assert (
        config(site, "server", "/x").text
        == """\
# daos_server.yml, written by fairlead from daos.server.config of the site
name: daos_server
port: 10001
socket_dir: /var/run/daos_server
transport_config:
  allow_insecure: false
  ca_cert: /etc/daos/certs/daosCA.crt
  cert: /etc/daos/certs/server.crt
  key: /etc/daos/certs/server.key
  client_cert_dir: /etc/daos/certs/clients
access_points: [n1]
provider: ofi+tcp;ofi_rxm
disable_vfio: true
control_metadata:
  path: /var/db/daos_server
engines:
  - targets: 4
    pinned_numa_node: 0
    fabric_iface: eth0
    fabric_iface_port: 31416
    storage:
      - class: ram
        scm_mount: /mnt/daos0
        scm_size: 16
      - class: nvme
        bdev_list: ["0000:41:00.0"]
        bdev_roles: [data, meta, wal]
"""
    )
