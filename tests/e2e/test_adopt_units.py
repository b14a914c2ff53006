"""Units let a container go that they hold, and take charge of it again, under a systemd: that of
n3's container, which is a machine with systemd for this purpose. The engine there is a stand-in
whose container is a process."""

from collections.abc import Iterator

import pytest

from fairlead.operations import script
from fairlead.operations.container import units
from tests.e2e.ground import NAME, eventually, under
from tests.e2e.inv import inv

sh = script.beside(units.__file__)
UNIT = """[Service]
ExecStartPre=-/bin/rm -f /root/is-there
ExecStart=/bin/sh -c "echo $$$$ >/root/main; exec sleep 3600"
ExecStop=/bin/touch /root/was-stopped
ExecStopPost=/bin/rm -f /root/is-there
Restart=always
[Install]
WantedBy=multi-user.target
"""
ENGINE = '#!/bin/sh\n[ "$1 $2" = "wait app" ] && exec sleep 3600\nexit 1\n'
FILES = ("/etc/systemd/system/app.service", "/usr/local/bin/docker")
MAKE = 'printf %s "$2" >"$1"; chmod 755 "$1"'
END = "systemctl disable --now app; kill $(cat /root/main); rm -f /root/* $*"


def shell(program: str, *words: str) -> str:
    """What a program prints in the container."""
    return under("n3", 'docker exec "$@"', NAME, "sh", "-c", program, "sh", *words)


def states() -> list[str]:
    return shell("systemctl is-enabled app; systemctl is-active app").split()


@pytest.fixture
def held(running: None) -> Iterator[str]:
    """A unit that holds what it has started; the number of that process."""
    assert inv("perfsonar.exec", "--host=n3", "--", "cat", "/proc/1/comm").out == "systemd\n"
    for path, text in zip(FILES, (UNIT, ENGINE), strict=True):
        shell(MAKE, path, text)
    shell("systemctl daemon-reload; systemctl enable --now app")
    eventually(lambda: states() == ["enabled", "active"])
    shell("touch /root/is-there")
    yield shell("cat /root/main").strip()
    shell(END, *FILES)
    shell("systemctl daemon-reload")


def test_a_unit_lets_go_and_takes_charge_again_without_a_word_to_what_it_started(
    held: str,
) -> None:
    alive = f"kill -0 {held} && ls /root /run/systemd/system"
    shell(sh.text("units_off"), "app.service")
    assert states() == ["disabled", "inactive"]
    assert shell(alive).split() == ["/root:", "is-there", "main", "/run/systemd/system:"]
    shell(sh.text("units_on"), "docker", "app", "app.service:enabled:active")
    assert states() == ["enabled", "active"]
    assert shell(alive).split() == ["/root:", "is-there", "main", "/run/systemd/system:"]
    waits = shell("cat /proc/$(systemctl show -P MainPID app)/cmdline").split("\0")
    assert waits[:2] == ["sleep", "3600"]  # what the stand-in is as long as it waits
    assert shell("systemctl show -P MainPID app").strip() != held
