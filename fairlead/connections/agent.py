"""The keys of an ssh-agent, whatever their comments are written in."""

import os
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import paramiko

REQUEST_IDENTITIES, IDENTITIES_ANSWER = 11, 12
SECONDS = 10  # for an answer; a signature may be waited for, by somebody who confirms it


def keys(path: str) -> "dict[bytes, paramiko.AgentKey]":
    """Public half -> key. `path`: its socket, "" SSH_AUTH_SOCK's, "none" no agent.

    Empty where no agent answers.
    """
    import paramiko

    path = path or os.environ.get("SSH_AUTH_SOCK", "")
    if path.lower() in ("", "none"):
        return {}
    link = socket.socket(socket.AF_UNIX)
    try:
        link.settimeout(SECONDS)
        link.connect(path)
        agent: Any = paramiko.agent.AgentSSH()
        agent._conn = link
        kind, answer = agent._send_message(struct.pack("B", REQUEST_IDENTITIES))
        link.settimeout(None)
        if kind != IDENTITIES_ANSWER:
            return {}
        listed = [_key(agent, answer) for _ in range(answer.get_int())]
    except (paramiko.SSHException, OSError, EOFError):
        link.close()
        return {}
    return {key.blob: key for key in listed}


def _key(agent: Any, answer: "paramiko.Message") -> "paramiko.AgentKey":
    import paramiko

    blob, comment = answer.get_binary(), answer.get_binary()
    return paramiko.AgentKey(agent, blob, comment.decode(errors="replace"))
