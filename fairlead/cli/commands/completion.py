"""TAB in bash, zsh and fish: verbs, options, sites, hosts, groups, secrets."""

from fairlead.cli import completion
from fairlead.cli.commands import CommandResult
from fairlead.runner.context import Context
from fairlead.runner.request import Common


def bash(context: Context, common: Common) -> CommandResult:
    """Print the script for bash."""
    return _script("bash")


def zsh(context: Context, common: Common) -> CommandResult:
    """Print the script for zsh."""
    return _script("zsh")


def fish(context: Context, common: Common) -> CommandResult:
    """Print the script for fish."""
    return _script("fish")


def _script(shell: str) -> CommandResult:
    text = completion.script(shell)
    return CommandResult(text.rstrip("\n"), {"shell": shell, "script": text})
