"""What an ops repository's tasks.py is: two lines, and its own @task functions below them.

    from fairlead.cli.tasks import namespace
    ns = namespace(globals())

Whoever types plain `inv` starts Invoke's own program. Where that loads a tasks.py, fairlead's takes
the command line over, so that both mean the same.
"""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fairlead.cli.vocabulary import Namespace


def namespace(module: Mapping[str, Any]) -> "Namespace":
    """Every task there is, for a tasks.py that gives its globals(). Raises PluginError.

    Plugins are found in plugins/ beside it. Under Invoke's own program it never returns.
    """
    argv = _taken_from_invoke()
    if argv:
        _run(argv)
    from fairlead.cli import vocabulary

    return vocabulary.namespace(module)


def _taken_from_invoke() -> list[str]:
    """The command line of Invoke's own program, where that runs and still has one."""
    main = sys.modules.get("invoke.main")
    if main is None:
        return []
    argv, main.program.argv = main.program.argv, []
    return argv


def _run(argv: list[str]) -> None:
    """Do what the command line says, from its beginning; ends the process.

    The tasks.py that Invoke has found is loaded once more, by fairlead's program.
    """
    sys.dont_write_bytecode = bool(sys.flags.dont_write_bytecode)  # as before Invoke forbade it
    from fairlead.cli import fast_import  # noqa: F401 - before anything imports msgspec
    from fairlead.cli.program import main

    main(argv, home="")
