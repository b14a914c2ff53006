"""What stands around the verbs that stop what runs on a node: no jobs before, jobs again after."""

from collections.abc import Generator
from typing import Any

from fairlead.api import Ask, drain, hookimpl

from .commands import node

Wrapper = Generator[None, Any, Any]


@hookimpl(wrapper=True)
def down(ask: Ask[Any]) -> Wrapper:
    """It stays drained: what is down takes no jobs."""
    answer = yield
    return drain.bracket(ask, answer, "slurm", node, is_back=False)


@hookimpl(wrapper=True)
def restart(ask: Ask[Any]) -> Wrapper:
    answer = yield
    return drain.bracket(ask, answer, "slurm", node)


upgrade = rollback = restart
