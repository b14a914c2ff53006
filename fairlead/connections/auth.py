"""Logging in with public keys, in the order of ssh: the ones that are named, the agent's, the usual
files. No password, and nothing asked.
"""

import copy
import os
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.connections import agent, keyfiles
from fairlead.connections.ssh_config import NO_KEY, SshConfig, home_path
from fairlead.model.errors import Unreachable

if TYPE_CHECKING:
    import paramiko

USUAL = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
OTHER_TRANSPORT = "use `transport: openssh`"


class PublicKeyAuth:
    """paramiko's auth_strategy for one connection, with what ssh would use."""

    def __init__(self, config: SshConfig):
        self.where, self.user, self.config = config.name, config.user, config
        names = (name for name in config.identity_files or USUAL if name != NO_KEY)
        self.files = tuple(Path(home_path(name)) for name in names)
        self.tried: list[str] = []
        self.faults: list[str] = []

    def authenticate(self, transport: "paramiko.Transport") -> list[str]:
        """Try key after key. Raises Unreachable, which says who and with what."""
        if re.search("[\udc80-\udcff]", self.user):
            raise self._refused("its name is no UTF-8", OTHER_TRANSPORT)
        for name, key in self._keys():
            self.tried.append(name)
            if self._is_accepted(transport, key):
                return [name]
        place = f"~{self.user}/.ssh/authorized_keys"
        remedy = f"put one into {place} there, or name another `user:` or `identity:`"
        raise self._refused("no key fits" if self.tried else "there is no key", remedy)

    def _is_accepted(self, transport: "paramiko.Transport", key: "paramiko.PKey") -> bool:
        """Whether we are in by this key; False: another may be tried."""
        import paramiko

        try:
            missing = transport.auth_publickey(self.user, key)
        except paramiko.BadAuthenticationType as error:
            why = f"the host takes {', '.join(error.allowed_types)} and no keys"
            raise self._refused(why, OTHER_TRANSPORT) from None
        except (paramiko.SSHException, EOFError, OSError) as error:
            # paramiko has no type of its own for a time-out
            if "timeout" in str(error).lower():
                what = f"no answer to the log-in as {self.user}"
                remedy = "is its name service or directory at fault?"
                raise Unreachable(self.where, what, remedy) from None
            if not transport.is_active():
                remedy = "name the one key: `identity:` in the site file"
                raise self._refused("the host hung up", remedy) from None
            return False
        if missing:
            remedy = f"{OTHER_TRANSPORT}, or allow publickey alone"
            raise self._refused("the host wants more than a key", remedy)
        return True

    def _refused(self, why: str, remedy: str) -> Unreachable:
        tried = f" (tried {', '.join(self.tried)})" if self.tried else ""
        if faults := [*self.faults, *self.config.notes]:
            remedy += f"; {'; '.join(faults)}"
        return Unreachable(self.where, f"does not let {self.user} in: {why}{tried}", remedy)

    def _keys(self) -> Iterator[tuple[str, "paramiko.PKey"]]:
        """(name, key) in the order of ssh, each key once, its certificates before it."""
        agent_keys = agent.keys(self.config.identity_agent)
        listed = keyfiles.certificates(self.config.certificate_files)
        seen: set[bytes] = set()
        for name, key in self._plain_keys(agent_keys):
            blob = key.asbytes()
            if blob in seen:
                continue
            seen.add(blob)
            beside, key.public_blob = key.public_blob, None
            blobs = {part.key_blob: part for part in (beside, *listed) if part}
            for part in blobs.values():
                if keyfiles.belongs(part.key_blob, blob):
                    key.public_blob = part
                    yield f"{name} with its certificate", key
            key.public_blob = None
            yield name, key

    def _plain_keys(
        self, agent_keys: "Mapping[bytes, paramiko.AgentKey]"
    ) -> Iterator[tuple[str, "paramiko.PKey"]]:
        """Those of the files, then those of the agent."""
        for path in self.files:
            if key := self._in_file(path, agent_keys):
                yield key
        if not self.config.identities_only:
            for agent_key in agent_keys.values():
                yield f"agent's {agent_key.comment or agent_key.get_name()}", agent_key

    def _in_file(
        self, path: Path, agent_keys: "Mapping[bytes, paramiko.AgentKey]"
    ) -> "tuple[str, paramiko.PKey] | None":
        """The key of a file: the agent's where it has it, else what stands there.

        A file that is there and cannot be used is among the faults.
        """
        import paramiko

        unreadable = (
            *(OSError, ValueError, TypeError),
            *(paramiko.SSHException, paramiko.pkey.UnknownKeyType),
        )
        agent_key = agent_keys.get(keyfiles.public_half(path)) if agent_keys else None
        if agent_key:
            return f"agent's {path}", agent_key
        try:
            if openness := keyfiles.openness(path):
                self.faults.append(openness)
                return None
            return str(path), _loaded(path)
        except FileNotFoundError:
            return None
        except unreadable:
            self.faults.append(keyfiles.fault(path))
            return None


def _loaded(path: Path) -> "paramiko.PKey":
    """The key of a file, with the certificate beside it; ours alone, for who logs in changes it."""
    certificate = Path(f"{path}-cert.pub")
    beside = _state(certificate) if certificate.exists() else ()
    return copy.copy(_read(path, (*_state(path), *beside)))


def _state(path: Path) -> tuple[int, ...]:
    status = os.stat(path)
    return (
        status.st_dev,
        status.st_ino,
        status.st_mtime_ns,
        status.st_size,
    )


@lru_cache(64)
def _read(path: Path, state: tuple[int, ...]) -> "paramiko.PKey":
    """Read once for all hosts: to open an RSA key takes longer than to log in with it."""
    import paramiko

    return paramiko.PKey.from_path(path)
