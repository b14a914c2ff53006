"""What breaks, and how often it has to be seen."""

from tests.e2e.faults import machines, processes, wires
from tests.e2e.faults.strike import Fault

FAULTS: dict[str, Fault] = {
    "controller killed": processes.controller,
    "worker killed": processes.worker,
    "link cut": wires.link,
    "second operator": processes.second,
    "engine killed": processes.engine,
    "power cut": machines.power,
    "disk full": machines.disk,
    "registry gone": processes.registry,
    "clock jumped": machines.clock,
    "journal truncated": machines.journal,
    "sessions full": wires.sessions,
    "garbage": wires.garbage,
}
GOALS: dict[str, int] = {
    "controller killed": 100,
    "worker killed": 50,
    "link cut": 50,
    "second operator": 50,
    "engine killed": 20,
    "power cut": 20,
    "disk full": 20,
    "registry gone": 10,
    "clock jumped": 10,
    "journal truncated": 10,
    "sessions full": 10,
    "garbage": 10,
}
ROUNDS = sum(GOALS.values())


def _order() -> tuple[str, ...]:
    """Each fault as often as its goal says, evenly mixed: the first of each come first, and any
    share of the rounds has the same proportions."""
    places = [
        (number / goal, kind, name)
        for kind, (name, goal) in enumerate(GOALS.items())
        for number in range(goal)
    ]
    return tuple(name for _, _, name in sorted(places))


ORDER = _order()


def fault_of(number: int) -> str:
    """The fault of the round of this number, which counts from 1."""
    return ORDER[(number - 1) % ROUNDS]
