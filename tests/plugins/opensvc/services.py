"""The service of the document, and what a node says of it; for the tests of this folder."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from fairlead.model.plan import Argv
from fairlead.testing import BASE, ask_for, faults, plan_of, plugins_in
from fairlead_plugins.opensvc.common import instance, service_file
from fairlead_plugins.opensvc.common.sections import Service
from tests.machine import SHELLS

ROOT = Path(__file__).parents[3]
PLUGINS = plugins_in(ROOT / "plugins")

NAME = "docker.opensvc.com"
DOCUMENT: dict[str, Any] = {
    "nodes": ["deb1.opensvc.com"],
    "autostart_node": "deb1.opensvc.com",
    "app": "OSVCLAB",
    "service_type": "DEV",
    "docker_data_dir": "/opt/docker.opensvc.com/appdata",
    "containers": [
        {
            "run_image": "f66342b343ae",
            "command": "/bin/sh",
            "run_args": "-v /opt/docker.opensvc.com/vol1:/vol1:rw",
            "pull": "busybox:latest",
        }
    ],
    "ip": [{"dev": "eth0", "name": "docker.opensvc.com"}],
    "disks": [{"vg": "vgdocker"}],
    "fs": [
        {
            "dev": "/dev/mapper/vgdocker-lvdockerroot",
            "mnt": "/opt/docker.opensvc.com",
            "type": "ext4",
            "options": "rw",
        },
        {
            "dev": "/dev/mapper/vgdocker-lvdockerdata",
            "mnt": "/opt/docker.opensvc.com/appdata",
            "type": "ext4",
            "options": "rw",
        },
    ],
}


def cases(name: str) -> list[Any]:
    """The cases of a file in plugins/opensvc/cases."""
    path = ROOT / f"plugins/opensvc/cases/{name}.yml"
    return yaml.safe_load(path.read_text("utf-8"))


def ids(name: str) -> list[str]:
    """What the cases of a file are called."""
    return [str(case.get("name") or case["say"][0]) for case in cases(name)]


def service(**changes: Any) -> dict[str, Any]:
    """The document's service with these keys changed; None: left out."""
    return {key: value for key, value in (DOCUMENT | changes).items() if value is not None}


def typed(section: Mapping[str, Any]) -> Service:
    """A service of a site as the plugin reads it."""
    return msgspec.convert(section, Service)


SITE = {"services": {NAME: service(nodes=["n1", "n2"], autostart_node="n1")}}
RIDS = ("container#1", "ip#1", "vg#1", "fs#1", "fs#2")


def up(status: str = "up", **some: str) -> instance.Instance:
    """The service on a node: all its resources with a status, some (`vg1="up"`) with another."""
    states = {rid: some.get(rid.replace("#", ""), status) for rid in RIDS}
    overall = status if set(states.values()) == {status} else "warn"
    resources = tuple(instance.Resource(rid, state, "") for rid, state in states.items())
    return instance.Instance(overall, overall, resources)


def down(**some: str) -> instance.Instance:
    """The service on a node where it is down, but for some resources."""
    return up("down", **some)


def facts_of(
    status: instance.Instance | None, generation: str = "legacy", **changes: Any
) -> dict[str, Any]:
    """The facts of a node on which a service stands so; None: it is not installed."""
    section = SITE["services"][NAME] | changes
    text = service_file.render(NAME, typed(section), generation) if status else None
    return dict(BASE) | {"agent": generation, f"file {NAME}": text, f"status {NAME}": status}


def ask_service(
    verb: str,
    here: Mapping[str, Any],
    there: Mapping[str, Any] | None = None,
    host: str = "n1",
    section: Any = None,
    **more: Any,
) -> Any:
    """What a node with the facts `here` is asked while the other one has the facts `there`."""
    other = {"n1": "n2", "n2": "n1"}[host]
    return ask_for(
        PLUGINS,
        "opensvc.service",
        verb,
        section=section or SITE,
        facts=here,
        around={other: there} if there else {},
        host=host,
        **more,
    )


def names(ask: Any) -> list[str]:
    """The names of the steps that are planned, without the service's own."""
    assert list(faults(PLUGINS.ask(ask))) == []
    return [step.name.removeprefix(f"{NAME}: ") for step in plan_of(PLUGINS, ask)]


def run_in(
    shell: str, folder: Path, argv: Argv, **options: Any
) -> subprocess.CompletedProcess[str]:
    """A program of ours in one of the shells that hosts have; `folder` is first on its PATH."""
    folder.mkdir(exist_ok=True)
    (folder / "sh").unlink(missing_ok=True)
    (folder / "sh").symlink_to(SHELLS[shell])
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    return subprocess.run(
        [folder / "sh", *map(str, argv[1:])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        **options,
    )
