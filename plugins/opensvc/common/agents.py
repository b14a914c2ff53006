"""The agents' three command dialects. Every command of an agent is ended by a time-out of ours."""

from collections.abc import Callable, Mapping

from fairlead.api import Argv, Noun, script

ANSWER = 30  # seconds: an agent takes two for a status, and one with a sick daemon never answered
STAGES_OF_2014 = {"disk": "startvg", "fs": "startfs", "ip": "startip"}

sh = script.beside(__file__)


class Agent(Noun):
    """An agent of one generation.

    `etc`: where files of services lie, `suffix`: theirs; `var`: where a service's engine has its
    socket.
    """

    generation: str
    etc: str
    suffix: str
    var: str

    @property
    def is_legacy(self) -> bool:
        """Is it the agent of 2014?"""
        return self.generation == "legacy"

    def file(self, name: str) -> str:
        """The path of a service's file."""
        return f"{self.etc}/{name}{self.suffix}"

    def socket(self, name: str) -> str:
        """The socket of a service's own engine."""
        return f"{self.var}/{name}/docker.sock"

    def links(self, name: str) -> tuple[str, ...]:
        """The links that the agent of 2014 wants for a service; () for today's agents."""
        return (f"{self.etc}/{name}", f"{self.etc}/{name}.d") if self.is_legacy else ()

    def _command(self, name: str, *words: str) -> Argv:
        return (f"{self.etc}/{name}", *words) if self.is_legacy else ("om", name, *words)

    def _action(self, name: str, action: str, rids: tuple[str, ...]) -> Argv:
        """An action on this node alone, on some resources or all."""
        some = ("--rid", ",".join(rids)) if rids else ()
        words = {
            "legacy": (action, *some),
            "2.1": (action, "--local", *some),
            "3": ("instance", action, *some),
        }
        return self._command(name, *words[self.generation])

    def status(self, name: str) -> Argv:
        """Prints JSON. What it ends with tells nothing of the service.

        Today's agents answer out of what they last saw, unless they are told to look.
        """
        words = {
            "legacy": ("json_status",),
            "2.1": ("print", "status", "--format", "json", "--refresh"),
            "3": ("instance", "status", "-o", "json", "--refresh"),
        }
        return within(ANSWER, self._command(name, *words[self.generation]))

    def start(self, name: str, seconds: int, *rids: str) -> Argv:
        """Starts some resources, or all."""
        return within(seconds, self._action(name, "start", rids))

    def stage(self, name: str, seconds: int, kind: str, *rids: str) -> Argv:
        """Starts the disks, file systems or addresses alone.

        It uses the words of the document where the agent has them.
        """
        if self.is_legacy:
            return within(seconds, self._command(name, STAGES_OF_2014[kind]))
        return self.start(name, seconds, *rids)

    def stop(self, name: str, seconds: int, *rids: str) -> Argv:
        """Never `unprovision`: that deletes data."""
        return within(seconds, self._action(name, "stop", rids))

    def install(self, name: str, path: str, anew: bool) -> Argv:
        """Installs a file. Agent 3 refuses to replace one unless it restores: it keeps the id."""
        if self.is_legacy:
            svcmgr = f"{self.etc.rpartition('/')[0]}/bin/svcmgr"
            return within(ANSWER, (svcmgr, "-s", name, "--envfile", path, "install"))
        restore = ("--restore",) if self.generation == "3" and not anew else ()
        return within(ANSWER, self._command(name, "create", "--config", path, *restore))

    def validate(self, name: str) -> Argv:
        """Its own opinion of the installed file; () where the generation has no such command."""
        words = {"2.1": ("validate", "config"), "3": ("config", "validate", "-o", "json")}
        if self.generation not in words:
            return ()
        return within(ANSWER, self._command(name, *words[self.generation]))

    def wake(self, name: str) -> Argv:
        """Any word to the service's engine starts it in 2014.

        () for today's agents: 2.1 starts it with a container alone, and waits 5 seconds.
        """
        return within(ANSWER * 2, self._command(name, "docker", "info")) if self.is_legacy else ()

    def freeze(self, name: str) -> Argv:
        """Keeps the agent from starting the service by itself."""
        return within(ANSWER, self._action(name, "freeze", ()))

    def thaw(self, name: str) -> Argv:
        """Ends a freeze."""
        action = "unfreeze" if self.generation == "3" else "thaw"
        return within(ANSWER, self._action(name, action, ()))


AGENTS: Mapping[str, Agent] = {
    "legacy": Agent("legacy", "/opt/opensvc/etc", ".env", "/opt/opensvc/var"),
    "2.1": Agent("2.1", "/etc/opensvc", ".conf", "/var/lib/opensvc/svc"),
    "3": Agent("3", "/etc/opensvc", ".conf", "/var/lib/opensvc/svc"),
}


def within(seconds: int, argv: Argv) -> Argv:
    """The same command, killed when it takes longer."""
    return ("timeout", "-k", "5", str(seconds), *argv)


def choose(command: Callable[[Agent], Argv]) -> Argv:
    """The command of whichever agent is there."""
    commands = [(f"@{agent.generation}", *command(agent)) for agent in AGENTS.values()]
    return sh("choose", *(word for words in commands for word in words))
