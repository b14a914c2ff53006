"""The stand-in for daos: asks the agent behind its socket."""

import argparse
import os
import socket

from wire import SECONDS, VERSION, answered, fail

SOCKET = os.environ.get("DAOS_AGENT_DRPC_DIR", "/var/run/daos_agent") + "/daos_agent.sock"
STEPS = (
    "Initializing DAOS",
    "Connecting to pool",
    "Creating container",
    "Opening container",
    "Writing objects",
    "Reading objects",
    "Closing",
)


def words() -> argparse.Namespace:
    line = argparse.ArgumentParser(prog="daos")
    parts = line.add_subparsers(dest="part", required=True)
    parts.add_parser("version")
    for part, verbs in {
        "pool": ("autotest", "list", "query"),
        "system": ("query",),
        "container": ("create", "list", "query", "destroy"),
    }.items():
        below = parts.add_parser(part, aliases=["cont"] * (part == "container")).add_subparsers(
            dest="verb", required=True
        )
        for verb in verbs:
            add(part, verb, below.add_parser(verb))
    return line.parse_args()


def add(part: str, verb: str, line: argparse.ArgumentParser) -> None:
    if part != "system" and (part, verb) != ("pool", "list"):
        line.add_argument("pool")
    if part == "container" and verb != "list":
        line.add_argument("container")
        line.add_argument("--type", default="unknown")


def ask(program: str, asked: dict) -> str:
    """What the servers say; ends the program where they refuse."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS * 2)
            line.connect(SOCKET)
            said = answered(line, asked | {"libdaos": VERSION})
    except OSError as error:
        fail(program, f"DER_AGENT_COMM(-1035): {SOCKET}: {error}")
    return said["text"] if said["code"] == 0 else fail(program, said["text"], said["code"])


def main() -> None:
    given = words()
    if given.part == "version":
        return print(f"daos version {VERSION}")
    part = "container" if given.part == "cont" else given.part
    text = ask("daos", vars(given) | {"do": f"{part} {given.verb}"})
    if given.verb != "autotest":
        return print(text)
    print("Step Operation            Status")
    for number, step in enumerate(STEPS):
        print(f"{number:>3}  {step:<20} OK")
    return print("All steps passed.")


if __name__ == "__main__":
    main()
