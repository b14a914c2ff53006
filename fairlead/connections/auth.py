"""Logging in with public keys, in the order of ssh: the ones that are named, the agent's, the usual
files. No password, and nothing asked.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.model.errors import Unreachable

if TYPE_CHECKING:
    import paramiko

USUAL = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")
OTHER_TRANSPORT = "use `transport: openssh`"


class PublicKeyAuth:
    """paramiko's auth_strategy for one connection.

    `identity` is what the site names, `config` what ssh_config says in lower case.
    """

    def __init__(
        self,
        where: str,
        user: str,
        identity: str,
        config: Mapping[str, Any],
    ):
        self.where, self.user = where, user
        named = (identity,) if identity else ()
        paths = dict.fromkeys((*named, *(config.get("identityfile") or USUAL)))
        self.files = tuple(Path(path).expanduser() for path in paths)
        self.uses_agent = str(config.get("identitiesonly", "no")).lower() != "yes"
        self.tried: list[str] = []
        self.locked: list[str] = []

    def authenticate(self, transport: "paramiko.Transport") -> list[str]:
        """Try key after key. Raises Unreachable, which says who and with what."""
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
        if self.locked:
            names = ", ".join(self.locked)
            remedy += f"; {names} cannot be opened without a passphrase: ssh-add it"
        return Unreachable(self.where, f"does not let {self.user} in: {why}{tried}", remedy)

    def _keys(self) -> Iterator[tuple[str, "paramiko.PKey"]]:
        """(name, key) in the order of ssh, each key once."""
        agent, seen = _agent_keys(), set()
        for path in self.files:
            for name, key in self._in_file(path, agent):
                if key.asbytes() not in seen:
                    seen.add(key.asbytes())
                    yield name, key
        if not self.uses_agent:
            return
        for blob, key in agent.items():
            if blob not in seen:
                yield f"agent's {key.comment or key.get_name()}", key

    def _in_file(
        self, path: Path, agent: "Mapping[bytes, paramiko.AgentKey]"
    ) -> Iterator[tuple[str, "paramiko.PKey"]]:
        """A key file; where it cannot be opened, the agent's key to the .pub beside it."""
        import paramiko

        unreadable = (
            *(OSError, ValueError, TypeError),
            *(paramiko.SSHException, paramiko.pkey.UnknownKeyType),
        )
        try:
            yield str(path), paramiko.PKey.from_path(path)
        except FileNotFoundError:
            yield from self._in_agent(path, agent)
        except unreadable:
            keys = list(self._in_agent(path, agent))
            if not keys:
                self.locked.append(str(path))
            yield from keys

    def _in_agent(
        self, path: Path, agent: "Mapping[bytes, paramiko.AgentKey]"
    ) -> Iterator[tuple[str, "paramiko.PKey"]]:
        import paramiko

        try:
            blob = paramiko.pkey.PublicBlob.from_file(f"{path}.pub").key_blob
        except (OSError, ValueError):
            return
        if blob in agent:
            yield f"agent's {path}", agent[blob]


def _agent_keys() -> "dict[bytes, paramiko.AgentKey]":
    import paramiko

    try:
        return {key.blob: key for key in paramiko.Agent().get_keys()}
    except (paramiko.SSHException, OSError, EOFError):
        return {}
