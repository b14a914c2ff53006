"""What stands around the verbs that stop what runs on a node: no jobs before, jobs again after."""

from collections.abc import Generator
from typing import Any

from fairlead.api import Ask, drain, hookimpl

from . import commands
from .site import Slurm

Wrapper = Generator[None, Any, Any]


@hookimpl(wrapper=True)
def down(ask: Ask[Any]) -> Wrapper:
    """It stays drained: what is down takes no jobs."""
    answer = yield
    return _around(ask, answer, is_back=False)


@hookimpl(wrapper=True)
def restart(ask: Ask[Any]) -> Wrapper:
    answer = yield
    return _around(ask, answer)


@hookimpl(wrapper=True)
def upgrade(ask: Ask[Any]) -> Wrapper:
    answer = yield
    return _around(ask, answer)


@hookimpl(wrapper=True)
def rollback(ask: Ask[Any]) -> Wrapper:
    answer = yield
    return _around(ask, answer)


def _around(ask: Ask[Any], answer: Any, is_back: bool = True) -> Any:
    section: Slurm | None = ask.sections.get("slurm")
    system = ask.target.system
    if section is None or (section.systems and system not in section.systems):
        return answer
    name = commands.node(section, ask.target.host)
    before = (commands.drain(name, drain.reason(ask)), commands.jobs(name, section.patience))
    back = (commands.undrain(name, drain.mark(ask)),) if is_back else ()
    return drain.around(answer, before, (*back, commands.staying(name)))
