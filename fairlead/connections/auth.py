"""Logging in with public keys, in the order of ssh: the ones that are named, the agent's, the usual files. No password, and nothing asked."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fairlead.model.errors import Unreachable

USUAL = ("~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa")


class Keys:
    """paramiko's auth_strategy for one connection. `identity` is what the site names, `config` what ssh_config says in lower case."""

    def __init__(self, where: str, user: str, identity: str, config: Mapping[str, Any]):
        self.where, self.user = where, user
        configured = tuple(config.get("identityfile", ()))
        self.files = tuple(
            Path(path).expanduser()
            for path in dict.fromkeys(((identity,) if identity else ()) + (configured or USUAL))
        )
        self.agent = str(config.get("identitiesonly", "no")).lower() != "yes"
        self.tried: list[str] = []
        self.locked: list[str] = []

    def authenticate(self, transport: Any) -> list[str]:
        """Try key after key. Raises Unreachable, which says who and with what."""
        import paramiko

        for name, key in self._keys():
            self.tried.append(name)
            try:
                if not transport.auth_publickey(self.user, key):
                    return [name]
                raise self._refused(
                    "the host wants more than a key",
                    "use `transport: openssh`, or allow publickey alone",
                )
            except paramiko.BadAuthenticationType as error:
                raise self._refused(
                    f"the host takes {', '.join(error.allowed_types)} and no keys",
                    "use `transport: openssh`",
                ) from None
            except (paramiko.SSHException, EOFError, OSError) as error:
                if "timeout" in str(error).lower():
                    raise Unreachable(
                        self.where,
                        f"no answer to the log-in as {self.user}",
                        "is its name service or directory at fault?",
                    ) from None
                if not transport.is_active():
                    raise self._refused(
                        "the host hung up", "name the one key: `identity:` in the site file"
                    ) from None
        remedy = f"put one into ~{self.user}/.ssh/authorized_keys there, or name another `user:` or `identity:`"
        raise self._refused("no key fits" if self.tried else "there is no key", remedy)

    def _refused(self, why: str, remedy: str) -> Unreachable:
        tried = f" (tried {', '.join(self.tried)})" if self.tried else ""
        locked = (
            f"; {', '.join(self.locked)} cannot be opened without a passphrase: ssh-add it"
            if self.locked
            else ""
        )
        return Unreachable(
            self.where, f"does not let {self.user} in: {why}{tried}", remedy + locked
        )

    def _keys(self) -> Iterator[tuple[str, Any]]:
        agent, seen = _agent_keys(), set()
        for path in self.files:
            for name, key in self._of(path, agent):
                if key.asbytes() not in seen:
                    seen.add(key.asbytes())
                    yield name, key
        for blob, key in agent.items() if self.agent else ():
            if blob not in seen:
                yield f"agent's {key.comment or key.get_name()}", key

    def _of(self, path: Path, agent: Mapping[bytes, Any]) -> Iterator[tuple[str, Any]]:
        """A key file; where it cannot be opened, the agent's key to the .pub beside it."""
        import paramiko

        try:
            yield str(path), paramiko.PKey.from_path(path)
        except FileNotFoundError:
            yield from self._held(path, agent)
        except (
            OSError,
            ValueError,
            TypeError,
            paramiko.SSHException,
            paramiko.pkey.UnknownKeyType,
        ):
            found = list(self._held(path, agent))
            if not found:
                self.locked.append(str(path))
            yield from found

    def _held(self, path: Path, agent: Mapping[bytes, Any]) -> Iterator[tuple[str, Any]]:
        import paramiko

        try:
            blob = paramiko.pkey.PublicBlob.from_file(f"{path}.pub").key_blob
        except (OSError, ValueError):
            return
        if blob in agent:
            yield f"agent's {path}", agent[blob]


def _agent_keys() -> dict[bytes, Any]:
    import paramiko

    try:
        return {key.blob: key for key in paramiko.Agent().get_keys()}
    except (paramiko.SSHException, OSError, EOFError):
        return {}
