"""A service under the agent of 2014 on a real host: from nothing to up, changed, and down."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import svc
from tests.e2e.ground import done, publish, sh, under
from tests.e2e.inv import NETWORK, Said, inv
from tests.e2e.svc import NAME, changed, row_of_service

ETC = "/opt/opensvc/etc"
STEPS = (
    "file",
    "links",
    "disks",
    "file systems",
    "addresses",
    "folders",
    "engine",
    "image 1",
    "image 2",
    "container 1",
    "container 2",
    "start",
)
SERVICE = svc.service(
    autostart_node="n1",
    containers=[
        {"image": svc.IMAGE, "command": "sh", "run_args": "-v /opt/svc/a/vol1:/vol1:rw"},
        {"image": "busybox:1.37", "command": "sh"},
    ],
    ip=[{"dev": "eth0", "name": "svc102.opensvc.test", "netmask": "24"}],
    disks=[{"vg": "vgdocker"}],
)


@pytest.fixture(scope="module")
def folder(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """n1 has an agent and a volume group."""
    with svc.node("legacy", vgs=True):
        yield tmp_path_factory.mktemp("site")


def site(folder: Path, **changes: Any) -> str:
    return svc.option(folder, **SERVICE | changes)


@pytest.fixture(scope="module")
def began(folder: Path) -> tuple[str, Said]:
    """The site, and what the first `up` said."""
    path = site(folder)
    return path, done("opensvc.up", path, "--json")


@pytest.fixture
def web(began: tuple[str, Said]) -> str:
    """It is up as this site says."""
    return began[0]


def resource_states(result: Said) -> dict[str, str]:
    """Resource -> status."""
    return {
        resource["resource"]: resource["status"]
        for resource in row_of_service(result)["fields"][NAME]["resources"]
    }


def running() -> dict[str, str]:
    """Container -> its number and when it was started."""
    lines = under("n1", sh.text("opensvc_running"), NAME).splitlines()
    return {line.split()[0].removeprefix(f"/{NAME}."): line.partition(" ")[2] for line in lines}


def image(number: int) -> str:
    return svc.docker(
        "n1", NAME, "inspect", "-f", "{{.Config.Image}}", f"{NAME}.container.{number}"
    ).strip()


def stand_in(number: int) -> str:
    """The release that runs in a container."""
    return svc.docker(
        "n1", NAME, "exec", f"{NAME}.container.{number}", "cat", "/etc/fairlead-stand-in"
    )


def test_docker_that_starts_at_boot_blocks_until_it_is_taken_out(folder: Path) -> None:
    under("n1", "update-rc.d docker defaults")
    blocked = inv("opensvc.up", site(folder))
    assert (
        blocked.code,
        "n1 opensvc.agent: docker: blocks: found started at boot by /etc/rc2.d/S01docker"
        in blocked.out,
    ) == (4, True), blocked.out
    assert done("opensvc.preflight", site(folder), "--fix", "--json").json["changed"]
    assert (
        under("n1", "ls /etc/rc?.d/S??docker 2>/dev/null; docker version -f '{{.Server.Os}}'")
        == "linux\n"
    )


def test_from_nothing_to_up_in_the_order_of_the_document(began: tuple[str, Said], web: str) -> None:
    assert changed(began[1]) == [
        *(step for step in STEPS if step not in ("links", "container 1", "container 2")),
        "note 1",
        "note 2",
    ]
    assert (
        svc.acts("n1", NAME)
        == "start vg#1, start fs#1, start fs#2, start ip#1, start container#1, start container#2"
    )
    assert under(
        "n1", 'cd "$1"; cat "$2.env"; readlink "$2" "$2.d"; stat -c %F "$2.dir"', ETC, NAME
    ) == (
        "[DEFAULT]\nautostart_node = n1\napp = OSVCLAB\nservice_type = DEV\nnodes = n1\n"
        "docker_data_dir = /opt/svc/a/appdata\n\n"
        f"[container#1]\ntype = docker\nrun_image = {svc.IMAGE}\nrun_command = sh\n"
        "run_args = -v /opt/svc/a/vol1:/vol1:rw\n\n"
        "[container#2]\ntype = docker\nrun_image = busybox:1.37\nrun_command = sh\n\n"
        "[ip#1]\nipdev = eth0\nipname = svc102.opensvc.test\nnetmask = 24\n\n"
        "[vg#1]\nvgname = vgdocker\n\n"
        "[fs#1]\nmnt_opt = bind\nmnt = /opt/svc/a\ndev = /root/svc/a\ntype = none\n\n"
        "[fs#2]\nmnt_opt = bind\nmnt = /opt/svc/a/appdata\ndev = /root/svc/adata\ntype = none\n"
        f"../bin/svcmgr\n{NAME}.dir\ndirectory\n"
    )
    assert (
        under("n1", 'ip -o addr show dev eth0 to "$1"', f"{NETWORK}.102").count(f"{NETWORK}.102/24")
        == 1
    )
    again = done("opensvc.up", web, "--json")
    assert (again.json["changed"], svc.acts("n1", NAME)) == (False, "")


def test_adopt_proposes_the_service_that_runs_and_its_plan_is_empty(web: str) -> None:
    adopted = done("adopt", "--host=n1", "--system=opensvc", "--json").json
    keys = adopted["sections"]["opensvc"]["services"][NAME]
    assert (keys["nodes"], keys["autostart_node"]) == (["n1"], "n1")
    assert [container["image"] for container in keys["containers"]] == [svc.IMAGE, "busybox:1.37"]
    assert [(plan["name"], plan["empty"]) for plan in adopted["plans"]] == [("opensvc", True)]


def test_its_status_is_a_table_and_a_document(web: str) -> None:
    numbers = {name: words[:12] for name, words in running().items()}
    assert row_of_service(done("opensvc.status", web, "--json"))["fields"] == {
        NAME: {
            "overall": "up",
            "avail": "up",
            "up on": ["n1"],
            "frozen": False,
            "resources": [
                {
                    "resource": "container#1",
                    "status": "up",
                    "label": f"{numbers['container.1']}@{svc.IMAGE}",
                    "notes": "",
                },
                {
                    "resource": "container#2",
                    "status": "up",
                    "label": f"{numbers['container.2']}@busybox:1.37",
                    "notes": "",
                },
                {
                    "resource": "fs#1",
                    "status": "up",
                    "label": "/root/svc/a@/opt/svc/a",
                    "notes": "",
                },
                {
                    "resource": "fs#2",
                    "status": "up",
                    "label": "/root/svc/adata@/opt/svc/a/appdata",
                    "notes": "",
                },
                {
                    "resource": "ip#1",
                    "status": "up",
                    "label": "svc102.opensvc.test@eth0",
                    "notes": "",
                },
                {"resource": "vg#1", "status": "up", "label": "vgdocker", "notes": ""},
            ],
        }
    }


def test_words_go_to_its_own_engine_and_docker_s_exit_code_comes_back(web: str) -> None:
    words = ("opensvc.docker", web, f"--service={NAME}", "--")
    result = done(*words, "ps", "--format", "{{.Names}} {{.Image}}")
    assert result.out == f"{NAME}.container.2 busybox:1.37\n{NAME}.container.1 {svc.IMAGE}\n"
    assert under("n1", "docker ps -aq") == ""  # in the node's own engine there is none
    missing = inv(*words, "inspect", "nonesuch")
    assert (missing.code, "No such object: nonesuch" in missing.out + missing.err) == (1, True)
    assert inv(*words, "run", "--rm", svc.IMAGE, "sh", "-c", "exit 7").code == 7
    assert inv("opensvc.exec", web, "--container=2", "--", "sh", "-c", "exit 9").code == 9
    assert done("opensvc.exec", web, "--", "ls", "-d", "/vol1").out == "/vol1\n"


def test_what_is_down_alone_is_started(web: str) -> None:
    before = running()
    svc.docker("n1", NAME, "kill", f"{NAME}.container.2")
    result = inv("opensvc.status", web, "--json")
    assert (
        result.code,
        row_of_service(result)["fields"][NAME]["overall"],
        resource_states(result)["container#2"],
    ) == (
        1,
        "warn",
        "down",
    )
    assert (changed(done("opensvc.up", web, "--json")), svc.acts("n1", NAME)) == (
        ["start"],
        "start container#2",
    )
    assert running()["container.1"] == before["container.1"]


def test_a_changed_image_is_applied_by_making_that_container_anew_alone(
    web: str, folder: Path
) -> None:
    before, around = running(), under("n1", sh.text("opensvc_around"), NAME)
    first, second = SERVICE["containers"]
    newer = site(folder, containers=[first | {"image": "busybox:1.37"}, second])
    dry = done("opensvc.up", newer, "--dry-run")
    assert (
        "-run_image = busybox:1.36" in dry.out,
        "+run_image = busybox:1.37" in dry.out,
        running(),
    ) == (True, True, before), dry.out
    assert changed(done("opensvc.up", newer, "--json")) == [
        "file",
        "container 1",
        "start",
        "note 1",
    ]
    assert (image(1), running()["container.2"], under("n1", sh.text("opensvc_around"), NAME)) == (
        "busybox:1.37",
        before["container.2"],
        around,
    )
    assert svc.acts("n1", NAME) == "stop container#1, start container#1"
    assert not done("opensvc.up", newer, "--json").json["changed"]
    done("opensvc.up", web)
    assert image(1) == svc.IMAGE


@pytest.mark.parametrize("harm", ["no such image", "ends at once"])
def test_a_change_that_does_not_come_up_gives_way_to_what_ran(
    web: str, folder: Path, harm: str
) -> None:
    file, first, second = under("n1", f"cat {ETC}/{NAME}.env"), *SERVICE["containers"]
    bad = {
        "no such image": {"image": "busybox:nonesuch"},
        "ends at once": {"image": "busybox:1.37", "command": "false"},
    }[harm]
    result = inv("opensvc.up", site(folder, containers=[first | bad, second], patience=5), "--json")
    assert (result.code, row_of_service(result)["state"]) == (
        1 if harm == "no such image" else 8,
        "rolled-back",
    ), result.err
    assert (under("n1", f"cat {ETC}/{NAME}.env"), image(1), stand_in(1).count("1.36.0")) == (
        file,
        svc.IMAGE,
        1,
    )
    assert done("opensvc.status", web, "--json").json["ok"]
    assert changed(done("opensvc.up", web, "--json")) == (
        [] if harm == "no such image" else ["note 1"]
    )  # which container is ours


@pytest.mark.long
def test_an_upgrade_makes_anew_what_has_a_newer_image_and_comes_back_where_that_is_sick(
    web: str, folder: Path
) -> None:
    first, second = SERVICE["containers"]
    checked = site(
        folder,
        containers=[
            first | {"healthy": ["grep", "-vq", "1.36.9", "/etc/fairlead-stand-in"]},
            second,
        ],
        patience=5,
    )
    before = running()
    assert (done("opensvc.upgrade", checked, "--json").json["changed"], running()) == (
        False,
        before,
    )
    publish("1.36.1", image="library/busybox", tag="1.36")
    assert changed(done("opensvc.upgrade", checked, "--json")) == [
        "image 1",
        "container 1",
        "start",
        "note 1",
    ]
    assert (stand_in(1).count("1.36.1"), running()["container.2"]) == (1, before["container.2"])
    publish("1.36.9", image="library/busybox", tag="1.36")
    result = inv("opensvc.upgrade", checked, "--json")
    assert (result.code, row_of_service(result)["state"], stand_in(1).count("1.36.1")) == (
        8,
        "rolled-back",
        1,
    ), result.err
    assert running()["container.2"] == before["container.2"]
    publish("1.36.0", image="library/busybox", tag="1.36")


def test_chargeback_counts_images_containers_and_bytes(web: str) -> None:
    (before,) = row_of_service(done("opensvc.chargeback", web, "--json"))["fields"]["services"]
    svc.docker(
        "n1",
        NAME,
        "exec",
        f"{NAME}.container.1",
        "dd",
        "if=/dev/urandom",
        "of=/scratch",
        "bs=1024",
        "count=1024",
    )
    (after,) = row_of_service(done("opensvc.chargeback", web, "--json"))["fields"]["services"]
    images = svc.docker("n1", NAME, "image", "ls", "-q", "--no-trunc").split()
    sizes = [
        int(svc.docker("n1", NAME, "image", "inspect", "-f", "{{.Size}}", image))
        for image in set(images)
    ]
    assert (after["service"], after["app"]) == (NAME, "OSVCLAB")
    assert (after["images"], after["containers"], after["bytes of images"]) == (
        len(sizes),
        2,
        sum(sizes),
    )
    assert after["bytes of containers"] - before["bytes of containers"] == 1 << 20
    assert 1 << 20 <= after["bytes on disk"] - before["bytes on disk"] < 2 << 20
    assert svc.docker("n1", NAME, "exec", f"{NAME}.container.1", "rm", "/scratch") == ""


def test_restart_is_of_the_containers_alone(web: str) -> None:
    around = under("n1", "grep /opt/svc/a /proc/self/mountinfo | grep -v overlay | wc -l")
    svc.acts("n1", NAME)
    assert changed(done("opensvc.restart", web, "--json")) == ["restart"]
    assert (
        svc.acts("n1", NAME)
        == "stop container#2, stop container#1, start container#1, start container#2"
    )
    assert under("n1", "grep /opt/svc/a /proc/self/mountinfo | grep -v overlay | wc -l") == around


def test_a_down_that_cannot_end_brings_all_of_it_up_again(web: str) -> None:
    """Somebody's docker is no stranger while the service runs.

    It is in the way of its file systems once the engine is gone.
    """
    done("opensvc.up", web)
    under("n1", sh.text("opensvc_busy"))
    refused = inv("opensvc.down", web, "--json")
    assert under("n1", "pkill -fx '/root/docker 777'; echo $?; rm /root/docker") == "0\n"
    states = {
        step["name"].removeprefix(f"{NAME}: "): step["state"]
        for step in row_of_service(refused)["steps"]
    }
    assert (
        refused.code,
        "in use by docker(" in row_of_service(refused)["error"],
        states["containers"],
    ) == (1, True, "undone"), refused.out
    assert set(resource_states(done("opensvc.status", web, "--json")).values()) == {"up"}
    assert changed(done("opensvc.up", web, "--json")) == []


def test_it_goes_down_in_reverse_and_keeps_its_data_and_nobody_is_killed(web: str) -> None:
    svc.docker("n1", NAME, "exec", f"{NAME}.container.1", "touch", "/vol1/kept")
    under("n1", "cd /opt/svc/a && setsid -f sleep 777 </dev/null >/dev/null 2>&1")
    svc.acts("n1", NAME)
    before = running()
    refused = inv("opensvc.down", web, "--json")
    assert (refused.code, "in use by sleep(" in row_of_service(refused)["error"], running()) == (
        1,
        True,
        before,
    ), refused.out  # before anything is stopped
    assert under("n1", "pkill -fx 'sleep 777'; echo $?") == "0\n"
    svc.acts("n1", NAME)
    assert [step for step in changed(done("opensvc.down", web, "--json")) if step != "engine"] == [
        "containers",
        "stop",
    ]  # the agent may end it first
    assert (
        svc.acts("n1", NAME)
        == "stop container#2, stop container#1, stop fs#2, stop fs#1, stop vg#1, stop ip#1"
    )
    assert (
        svc.engines("n1"),
        under("n1", f"grep /opt/svc/a /proc/mounts; ip -o addr show to {NETWORK}.102"),
    ) == (0, "")
    down = inv("opensvc.status", web, "--json")
    assert (down.code, set(resource_states(down).values())) == (1, {"down"}), json.dumps(
        resource_states(down)
    )
    assert not done("opensvc.down", web, "--json").json["changed"]
    assert under("n1", "ls /root/svc/a/vol1") == "kept\n"
    done("opensvc.up", web)
    assert svc.docker("n1", NAME, "exec", f"{NAME}.container.1", "ls", "/vol1") == "kept\n"
