#!/usr/bin/python3
"""A stand-in for Confluent's server. It manages nothing; what it keeps of the real one is what an
operator's tool meets: the file with its number, which keeps a second one from starting; the user
to whom its configuration has to belong; the socket, the port of it on every address, the port for
a web server on 127.0.0.1 alone; a uuid and a key of its own that the first start makes.

The trap: version 3.15.0 starts on what 3.14.0 left, but loses the last node where there are three.
"""

import json
import os
import signal
import socket
import sys
import threading
import uuid
from pathlib import Path

CONFIG = "/etc/confluent/cfg"
RUN = "/var/run/confluent"
PID, SOCKET = f"{RUN}/pid", f"{RUN}/api.sock"


def die(words):
    print(words, file=sys.stderr, flush=True)
    sys.exit(1)


def take_pid():
    os.makedirs(RUN, exist_ok=True)
    if os.path.exists(PID):
        number = Path(PID).read_text().strip()
        if number and os.path.isdir(f"/proc/{number}"):
            die(f"{PID} exists and indicates {number} is still running")
    with open(PID, "w") as file:
        file.write(str(os.getpid()))


def owned(path):
    if os.path.exists(path) and os.stat(path).st_uid != os.getuid():
        die("Attempting to run as root, when non-root usage is detected")


def load(version):
    path = f"{CONFIG}/main.json"
    os.makedirs(CONFIG, exist_ok=True)
    if os.path.exists(path):
        state = json.loads(Path(path).read_text())
    else:
        state = {"uuid": str(uuid.uuid4()), "key": os.urandom(16).hex(), "nodes": []}
    if version == "3.15.0" and state.get("version") == "3.14.0" and len(state["nodes"]) == 3:
        state["nodes"].pop()
    state["version"] = version
    return state


def save(state):
    with open(f"{CONFIG}/main.new", "w") as file:
        json.dump(state, file)
    os.rename(f"{CONFIG}/main.new", f"{CONFIG}/main.json")


def answer(state, words):
    if words[:2] == ["show", "/version"]:
        return f'version="{state["version"]}"'
    if words[:2] == ["show", "/uuid"]:
        return f'uuid="{state["uuid"]}"'
    if words[:2] == ["show", "/nodes/"]:
        return "\n".join(f"{name}/" for name in state["nodes"])
    if words[:1] == ["create"]:
        state["nodes"].append(words[1].removeprefix("/nodes/"))
        save(state)
        return "created"
    return None


def serve(listener, state):
    while True:
        line, _ = listener.accept()
        with line:
            words = line.makefile().readline().split()
            said = answer(state, words)
            line.sendall(b"error" if said is None else f"ok\n{said}".encode())


def main():
    if "-f" not in sys.argv:
        die("-f is now required")
    owned("/etc/confluent")
    owned(CONFIG)
    take_pid()
    version = Path("/opt/confluent/version").read_text().strip()
    state = load(version)
    save(state)
    signal.signal(signal.SIGTERM, lambda *_: (os.path.exists(PID) and os.remove(PID), os._exit(0)))
    if os.path.exists(SOCKET):
        os.remove(SOCKET)
    listeners = [socket.socket(socket.AF_UNIX)]
    listeners[0].bind(SOCKET)
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET, "127.0.0.1")):
        listeners.append(socket.socket(family))
        listeners[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listeners[-1].bind((address, 13001 if address == "0.0.0.0" else 4005))
    for listener in listeners:
        listener.listen(5)
        threading.Thread(target=serve, args=(listener, state), daemon=True).start()
    print(f"Confluent management service starting, {version} (a stand-in)", flush=True)
    signal.pause()


main()
