"""The stand-in for dfuse: a real FUSE mount of type fuse.daos, of a folder of this container."""

import argparse
import os
import sys
from pathlib import Path

from daos import ask


def main() -> None:
    line = argparse.ArgumentParser(prog="dfuse")
    for flag in ("--mountpoint", "--pool", "--container"):
        line.add_argument(flag, f"-{flag[2]}", required=flag == "--mountpoint", default="")
    line.add_argument("--foreground", "-f", action="store_true")
    given = line.parse_args()
    ask("dfuse", {"do": "container query", "pool": given.pool, "container": given.container})
    folder = Path(f"/tmp/stand-in-{os.getuid()}") / given.pool / given.container
    folder.mkdir(parents=True, exist_ok=True)
    more = ["-f"] * given.foreground
    sys.stdout.flush()
    os.execvp(
        "bindfs",
        [
            "bindfs",
            "--no-allow-other",
            *more,
            "-o",
            "fsname=dfuse,subtype=daos",
            str(folder),
            given.mountpoint,
        ],
    )


if __name__ == "__main__":
    main()
