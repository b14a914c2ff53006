"""The agents' three command dialects. Each builder is one expression; every command of an agent is ended by a time-out of ours."""

from collections.abc import Callable, Mapping

from fairlead.api import Argv, Noun

from .scripts import CHOOSE

ASKED = 30  # seconds: an agent takes two for a status, and one with a sick daemon never answered


class Agent(Noun):
    """An agent of one generation. `etc`: where files of services lie, `suffix` theirs; `var`: where a service's engine has its socket."""

    generation: str
    etc: str
    suffix: str
    var: str

    def file(self, name: str) -> str:
        return f"{self.etc}/{name}{self.suffix}"

    def socket(self, name: str) -> str:
        return f"{self.var}/{name}/docker.sock"

    def links(self, name: str) -> tuple[str, ...]:
        return (
            tuple(f"{self.etc}/{link}" for link in (name, f"{name}.d"))
            if self.generation == "legacy"
            else ()
        )

    def _say(self, name: str, *words: str) -> Argv:
        return (
            (f"{self.etc}/{name}", *words) if self.generation == "legacy" else ("om", name, *words)
        )

    def _act(self, name: str, verb: str, rids: tuple[str, ...]) -> Argv:
        """An action on this node alone, on some resources or all."""
        some = ("--rid", ",".join(rids)) if rids else ()
        words = {
            "legacy": (verb, *some),
            "2.1": (verb, "--local", *some),
            "3": ("instance", verb, *some),
        }
        return self._say(name, *words[self.generation])

    def status(self, name: str) -> Argv:
        """Prints JSON. What it ends with tells nothing of the service."""
        words = {
            "legacy": ("json_status",),
            "2.1": ("print", "status", "--format", "json"),
            "3": ("instance", "status", "-o", "json"),
        }
        return within(ASKED, self._say(name, *words[self.generation]))

    def start(self, name: str, seconds: int, *rids: str) -> Argv:
        return within(seconds, self._act(name, "start", rids))

    def stage(self, name: str, seconds: int, kind: str, *rids: str) -> Argv:
        """Starts the disks, file systems or addresses alone, in the words of the document where the agent has them."""
        if self.generation == "legacy":
            return within(
                seconds,
                self._say(name, {"disk": "startvg", "fs": "startfs", "ip": "startip"}[kind]),
            )
        return self.start(name, seconds, *rids)

    def stop(self, name: str, seconds: int, *rids: str) -> Argv:
        """Never `unprovision`: that deletes data."""
        return within(seconds, self._act(name, "stop", rids))

    def install(self, name: str, path: str, anew: bool) -> Argv:
        """Agent 3 refuses to replace a file unless it is forced."""
        if self.generation == "legacy":
            return within(
                ASKED,
                (
                    f"{self.etc.rpartition('/')[0]}/bin/svcmgr",
                    "-s",
                    name,
                    "--envfile",
                    path,
                    "install",
                ),
            )
        force = ("--force",) if self.generation == "3" and not anew else ()
        return within(ASKED, self._say(name, "create", "--config", path, *force))

    def validate(self, name: str) -> Argv:
        """Its own opinion of the file that is installed; () where the generation has no such command."""
        words = {"legacy": (), "2.1": ("validate", "config"), "3": ("config", "validate")}[
            self.generation
        ]
        return within(ASKED, self._say(name, *words)) if words else ()

    def wake(self, name: str) -> Argv:
        """Any word to the service's engine starts it."""
        return within(ASKED * 2, self._say(name, "docker", "info"))

    def freeze(self, name: str) -> Argv:
        return within(ASKED, self._act(name, "freeze", ()))

    def thaw(self, name: str) -> Argv:
        return within(ASKED, self._act(name, "unfreeze" if self.generation == "3" else "thaw", ()))


AGENTS: Mapping[str, Agent] = {
    "legacy": Agent("legacy", "/opt/opensvc/etc", ".env", "/opt/opensvc/var"),
    "2.1": Agent("2.1", "/etc/opensvc", ".conf", "/var/lib/opensvc/svc"),
    "3": Agent("3", "/etc/opensvc", ".conf", "/var/lib/opensvc/svc"),
}


def within(seconds: int, argv: Argv) -> Argv:
    return ("timeout", "-k", "5", str(seconds), *argv)


def choose(words: Callable[[Agent], Argv]) -> Argv:
    """What is said to whichever agent is there."""
    told = (word for agent in AGENTS.values() for word in (f"@{agent.generation}", *words(agent)))
    return ("sh", "-c", CHOOSE, "choose", *told)
