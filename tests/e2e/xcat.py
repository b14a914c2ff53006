"""A docker host for xCAT: n1 of the lab, whose uplink its address leaves, and which is as it was afterwards."""

import socket
import subprocess
import threading
import time
from typing import Any, Self

from tests.e2e.ground import clear, under
from tests.e2e.inv import NETWORK, ROOT

HOST, CONTAINER = f"{NETWORK}.1", f"{NETWORK}.101"
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
# A machine that is itself a container may lack a capability that an older engine asks for in every privileged container: there it is left out.
PREPARE = """mkdir -p /etc/network; printf %s "$1" >/etc/network/interfaces
grep -q 'CapBnd:.*ffffffffff$' /proc/self/status || cat >/usr/local/sbin/runc <<'END'
#!/bin/sh
previous=
for word; do
  case $previous in
    --bundle) sed -i 's/"CAP_SYS_RESOURCE",//g' "$word/config.json" ;;
    --process) sed -i 's/"CAP_SYS_RESOURCE",//g' "$word" ;;
  esac
  previous=$word
done
exec /usr/sbin/runc "$@"
END
chmod 755 /usr/local/sbin/runc 2>/dev/null
ip route replace default via "$2"; ip route replace 192.0.2.0/24 via "$3" """
# Nothing of xCAT stands; the address is where it was.
PLAIN = """iptables -F INPUT
docker ps -aq | xargs -r docker rm -fv >/dev/null
docker network rm br0 >/dev/null 2>&1
ip link set eth0 nomaster; for link in br0 br9; do ip link delete $link 2>/dev/null; done
ip address replace "$1/24" dev eth0
ip route replace default via "$2"; ip route replace 192.0.2.0/24 via "$3"
rm -rf /var/lib/xcat-docker; printf %s "$4" >/etc/network/interfaces"""
LEAVE = "ip route delete default; ip route delete 192.0.2.0/24; rm -rf /etc/network/interfaces /usr/local/sbin/runc /usr/local/bin/arping"
ECHO = """import socket
with socket.create_server(("", 7777)) as server:
    print("listens", flush=True)
    line, _ = server.accept()
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while word := line.recv(100):
        line.sendall(word)
"""


def plain() -> None:
    under("n1", PLAIN, HOST, f"{NETWORK}.254", f"{NETWORK}.250", INTERFACES)


def prepare() -> None:
    """n1 is a docker host with ifupdown's files, and holds no image of a test before."""
    clear("n1")
    under("n1", PREPARE, INTERFACES, f"{NETWORK}.254", f"{NETWORK}.250")


def leave() -> None:
    plain()
    under("n1", LEAVE)


def addresses(device: str) -> str:
    return under(
        "n1",
        'ip -4 -o addr show dev "$1" 2>/dev/null | sed -n "s/.* inet \\([^ ]*\\) .*/\\1/p"',
        device,
    ).strip()


def routes() -> str:
    return under("n1", "ip -4 route show | grep -v 'proto kernel' | sed 's/ *$//'")


class Session:
    """A TCP session with a host over its uplink, on which a byte goes to and fro as fast as it can. `gap`: the longest silence, in seconds."""

    def __init__(self, number: int = 1) -> None:
        self._address = f"{NETWORK}.{number}"
        lab = (
            "sh",
            f"{ROOT}/lib/lab.sh",
            str(ROOT),
            NETWORK,
            "exec",
            f"n{number}",
            "python3",
            "-u",
            "-c",
            ECHO,
        )
        self._server = subprocess.Popen(
            lab, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
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
