"""What stands around the verbs that stop what runs on a node: no jobs before, jobs again after."""

from fairlead.api import drain, hookimpl

from .commands import node

down, restart = map(hookimpl(wrapper=True), drain.wrappers("htcondor", node))
upgrade = rollback = restart
