"""`inv completion.renew`, which sees every other task."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoke import Collection

from fairlead.cli.cli_tasks import CliTask
from fairlead.cli.invocation import Call, CommandCall
from fairlead.contract.loader import Plugins

if TYPE_CHECKING:
    from fairlead.cli.commands import CommandResult
    from fairlead.runner.context import Context
    from fairlead.runner.request import Common


class RenewTask(CliTask):
    """Writes the candidates of an ops repository: of all that is in its collection of tasks."""

    def __init__(self, tasks: Collection, plugins: Plugins, folder: Path):
        self.repository = (tasks, plugins, folder)
        about = "Write what the shells offer at TAB anew; their scripts call it by themselves."
        super().__init__("completion.renew", about)

    def make_call(
        self,
        raw: Mapping[str, Any],
        argv: tuple[str, ...],
    ) -> Call:
        return CommandCall(command=self._renew)

    def _renew(
        self,
        context: "Context",
        common: "Common",
    ) -> "CommandResult":
        from fairlead.cli.commands import CommandResult
        from fairlead.cli.completion import renewal

        path = str(renewal.renew(*self.repository))
        return CommandResult(path, {"path": path})
