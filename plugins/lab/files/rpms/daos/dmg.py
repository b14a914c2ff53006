"""The stand-in for dmg: asks the servers of daos_control.yml, under the admin's certificate."""

import argparse
import json

from wire import PORT, VERSION, asked_of, attach_info, config, contexts, fail, server_version


def words() -> argparse.Namespace:
    line = argparse.ArgumentParser(prog="dmg")
    line.add_argument("-l", "--host-list", default="")
    line.add_argument("-j", "--json", action="store_true")
    parts = line.add_subparsers(dest="part", required=True)
    parts.add_parser("version")
    parts.add_parser("server-version")
    for part, verbs in {
        "storage": ("format",),
        "system": ("query", "stop", "start", "exclude"),
        "pool": ("create", "list", "query", "destroy", "evict", "upgrade", "get-prop"),
    }.items():
        below = parts.add_parser(part).add_subparsers(dest="verb", required=True)
        for verb in verbs:
            add(part, verb, below.add_parser(verb))
    return line.parse_args()


def add(part: str, verb: str, line: argparse.ArgumentParser) -> None:
    for flag in {
        "storage": ("--force",),
        "system": ("--verbose", "--force"),
        "pool": ("--recursive", "--force"),
    }[part]:
        line.add_argument(flag, flag[1:3], action="store_true")
    if verb == "create":
        for flag in ("--size", "--user", "--group"):
            line.add_argument(flag, flag[1:3], default="")
    if verb == "exclude":
        line.add_argument("--ranks", default="")
    if part == "pool" and verb != "list":
        line.add_argument("pool")
    if verb == "get-prop":
        line.add_argument("property")


def printed(response, error: str = "") -> None:
    """As dmg's OutputJSON() does."""
    document = {"response": response, "error": error or None, "status": -1025 if error else 0}
    print(json.dumps(document, indent=2))


def main() -> None:
    given = words()
    if given.part == "version":
        return print(f"dmg version {VERSION}")
    read = config("dmg", "daos_control.yml")
    made = contexts("dmg", read["transport_config"])
    hosts = given.host_list.split(",") if given.host_list else read.get("hostlist") or ["localhost"]
    if given.part == "server-version":
        return server_version("dmg", attach_info(hosts, read, made and made[1], "admin"))
    asked = vars(given) | {"do": f"{given.part} {given.verb}", "component": "admin"}
    # Storage and ranks are each server's own; the pools are known to the first.
    said = [
        asked_of(host, read.get("port", PORT), made and made[1], asked)
        for host in (hosts[:1] if given.part == "pool" else hosts)
    ]
    error = next((f"{asked['do']} failed: {one['text']}" for one in said if one["code"]), "")
    if given.json:
        printed(None if error else response(given, hosts, said), error)
    elif not error or given.part == "system":
        show(given, hosts, said)
    return fail("dmg", error) if error else None


def response(given: argparse.Namespace, hosts: list[str], said: list[dict]):
    if given.part == "system":
        return {
            "members": [
                {"addr": host, "rank": rank, "state": one["text"].lower()}
                for rank, (host, one) in enumerate(zip(hosts, said, strict=False))
            ]
        }
    return said[0].get("data")


def show(given: argparse.Namespace, hosts: list[str], said: list[dict]) -> None:
    if given.part == "system":
        print("Rank State")
    for rank, (host, one) in enumerate(zip(hosts, said, strict=False)):
        if one["code"] == 0:
            print(f"{rank:<4} {one['text']}  {host}" if given.part == "system" else one["text"])


if __name__ == "__main__":
    main()
