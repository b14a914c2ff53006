"""The stand-in for daos_agent: hands what clients ask to the servers, under its own certificate."""

import json
import os
import signal
import sys
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer

from wire import PORT, VERSION, asked_of, attach_info, config, contexts, fail, server_version


class Line(StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        asked, read = json.loads(self.rfile.readline()), self.server.read
        points = read.get("access_points") or ["localhost"]
        for point in points:
            passed = asked | {"component": "agent"}
            said = asked_of(point, read.get("port", PORT), self.server.calls, passed)
            if "unable to contact" not in said["text"]:
                break
        self.wfile.write(json.dumps(said).encode() + b"\n")


class Agent(ThreadingUnixStreamServer):
    daemon_threads = True


def start() -> None:
    read = config("daos_agent", "daos_agent.yml")
    made = contexts("daos_agent", read["transport_config"])
    path = Path(read.get("runtime_dir", "/var/run/daos_agent")) / "daos_agent.sock"
    path.unlink(missing_ok=True)
    try:
        with Agent(str(path), Line) as agent:
            agent.read, agent.calls = read, made and made[1]
            path.chmod(0o777)  # every user is a client
            signal.signal(signal.SIGTERM, lambda *_: (path.unlink(missing_ok=True), os._exit(0)))
            print(
                f"DAOS Agent v{VERSION} (pid {os.getpid()}, a stand-in) listening on {path}",
                flush=True,
            )
            agent.serve_forever()
    except OSError as error:
        fail("daos_agent", f"{path}: {error}")


def attached() -> dict:
    """What a server says to this agent."""
    read = config("daos_agent", "daos_agent.yml")
    made = contexts("daos_agent", read["transport_config"])
    return attach_info(read.get("access_points") or ["localhost"], read, made and made[1], "agent")


def dump() -> None:
    said = attached()
    if said["code"]:
        fail("daos_agent", f"GetAttachInfo failed: {said['text']}")


if __name__ == "__main__":
    match [word for word in sys.argv[1:] if not word.startswith("-")]:
        case [] | ["start"]:
            start()
        case ["version"]:
            print(f"DAOS Agent v{VERSION}")
        case ["server-version"]:
            server_version("daos_agent", attached())
        case ["dump-attachinfo", *_]:
            dump()
        case _:
            fail("daos_agent", "the stand-in knows start, version and what servers say")
