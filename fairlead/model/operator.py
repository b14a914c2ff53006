"""Who we are on this machine, where the password file may not know it (a container's bare uid)."""

import os
from pathlib import Path


def name() -> str:
    """Our login name; `uid54321` where nobody knows one."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        if os.environ.get(variable):
            return os.environ[variable]
    return passwd_name() or f"uid{os.getuid()}"


def passwd_name() -> str:
    """Our login name as the password file has it, whatever `su` left in the environment; "" where
    it does not know us.
    """
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except (KeyError, ImportError):
        return ""


def address() -> str:
    """Who we are for others: user@machine."""
    import socket

    return f"{name()}@{socket.gethostname()}"


def passwd_home() -> str:
    """Our home as the password file has it; "" where it does not know us."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir
    except (KeyError, ImportError):
        return ""


def home() -> str:
    """Our home: HOME, else the password file's, else the root."""
    return os.environ.get("HOME") or passwd_home() or "/"


def path(text: str) -> Path:
    """A file as somebody here names it: `~` is a home, if there is one of that name."""
    return Path(os.path.expanduser(text))
