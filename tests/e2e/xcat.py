"""A docker host for xCAT: n1 of the lab, whose uplink its address leaves, and which is as it was
afterwards."""

import socket
import subprocess
import threading
import time
from typing import Any, Self

from tests.e2e.ground import clear, sh, under
from tests.e2e.inv import NETWORK, ROOT

HOST, CONTAINER = f"{NETWORK}.1", f"{NETWORK}.101"
ROUTERS = (f"{NETWORK}.254", f"{NETWORK}.250")  # of all, and of 192.0.2.0/24
SECTION: dict[str, Any] = {
    "hosts": "n1",
    "network": "bare",
    "bridge": {"address": f"{HOST}/24", "patience": 5},
    "address": f"{CONTAINER}/24",
    "patience": 15,
    "loop_devices": 8,
}
INTERFACES = f"""# The loopback network interface
auto lo
iface lo inet loopback

allow-hotplug eth0
iface eth0 inet static
    address {HOST}/24
    gateway {NETWORK}.254
    up ip route add 192.0.2.0/24 via {NETWORK}.250 dev eth0
"""
ECHO = """import socket
with socket.create_server(("", 7777)) as server:
    print("listens", flush=True)
    line, _ = server.accept()
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while word := line.recv(100):
        line.sendall(word)
"""


def plain() -> None:
    """Nothing of xCAT stands; the address is where it was."""
    under("n1", sh.text("xcat_plain"), HOST, *ROUTERS, INTERFACES)


def prepare() -> None:
    """n1 is a docker host with ifupdown's files, and holds no image of a test before."""
    clear("n1")
    runc = (sh.folder / "runc.sh").read_text("utf-8")
    under("n1", sh.text("xcat_prepare"), INTERFACES, *ROUTERS, runc)


def leave() -> None:
    plain()
    under("n1", sh.text("xcat_leave"))


def addresses(device: str) -> str:
    return under("n1", sh.text("address_of"), device).strip()


def routes() -> str:
    return under("n1", "ip -4 route show | grep -v 'proto kernel' | sed 's/ *$//'")


class Session:
    """A TCP session with a host over its uplink, on which a byte goes to and fro as fast as it can.
    `gap`: the longest silence, in seconds."""

    def __init__(self, number: int = 1) -> None:
        self._address = f"{NETWORK}.{number}"
        lab = ("sh", f"{ROOT}/lib/lab.sh", str(ROOT), NETWORK, "exec", f"n{number}")
        echo = (*lab, "python3", "-u", "-c", ECHO)
        self._server = subprocess.Popen(
            echo, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self.gap, self.alive, self._over = 0.0, True, threading.Event()
        self._thread = threading.Thread(target=self._talk)

    def __enter__(self) -> Self:
        assert self._server.stdout.readline() == "listens\n"
        self._line = socket.create_connection((self._address, 7777), timeout=5)
        self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread.start()
        return self

    def _talk(self) -> None:
        try:
            while not self._over.is_set():
                sent = time.monotonic()
                self._line.sendall(b"x")
                self.alive = self._line.recv(1) == b"x"
                self.gap = max(self.gap, time.monotonic() - sent)
                time.sleep(0.0005)
        except OSError:
            self.alive = False

    def __exit__(self, *what: object) -> None:
        self._over.set()
        self._thread.join()
        self._line.close()
        self._server.kill()
        self._server.wait()
