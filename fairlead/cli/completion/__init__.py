"""What a shell offers at TAB: scripts for bash, zsh and fish, and the file that they read.

A script starts no Python: it reads the candidates of the ops repository (candidates.py) from a file
of the operator's cache, and has that written anew where something that it names is newer.
"""

from pathlib import Path

SHELLS = ("bash", "zsh", "fish")


def script(shell: str) -> str:
    """The script of one shell, for its completions folder or its start-up file."""
    return Path(__file__).with_name(f"inv.{shell}").read_text("utf-8")
