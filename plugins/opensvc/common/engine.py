"""The engine of a service. One without docker_data_dir uses the node's, which is left alone."""

from collections.abc import Iterator

from fairlead.api import Argv, Command, Step, either, script, then

from .service_on_host import ServiceOnHost

sh = script.beside(__file__)


def wake(s: ServiceOnHost) -> Command:
    """The engine answers.

    The agent of 2014 starts it, and is not asked whether it did. Agent 2.1 starts it with a
    container alone, gives it 5 seconds and hears none of its words: it is started as that agent
    does it.
    """
    if words := s.agent.wake(s.name):
        return sh("wake_engine", *words)
    data = s.service.docker_data_dir
    below = (fs.mnt for fs in s.service.fs if f"{data}/".startswith(f"{fs.mnt}/"))
    return sh("start_engine", s.socket, data, s.file, *below)


def woken(s: ServiceOnHost, command: Command) -> Command:
    """A command to the agent that needs the engine, which is woken first where there is one."""
    return then(either(wake(s), ("true",)), command) if s.socket else command


def awake(s: ServiceOnHost) -> Iterator[Step]:
    """The step that starts the service's own engine."""
    if s.socket:
        alive = either(("timeout", "5", "docker", "version"), ("false",))
        yield Step(
            name=f"{s.name}: engine", unless=alive, do=wake(s), undo=halt(s), env=s.env, timeout=150
        )


def when_awake(s: ServiceOnHost, command: Command) -> Command:
    """A command to the engine, which is woken first: the agent ends it with its last container.

    An engine that still answered while it was ending is asked again.
    """
    if not s.socket:
        return command
    woken = then(wake(s), command)
    return either(woken, then(("sleep", "3"), woken))


def halt(s: ServiceOnHost) -> Command:
    """Tell the engine to end."""
    return sh("halt_engine", s.socket)


def gone(s: ServiceOnHost) -> Argv:
    """Does it not run any more?"""
    return sh("engine_gone", s.socket)


def ended(s: ServiceOnHost) -> Command:
    """Tell it to end, and wait at most 60 seconds until it has."""
    return then(halt(s), sh("wait_until", "60", *gone(s)))
