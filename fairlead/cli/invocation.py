"""One command line: its common options, the site read once, the output, and its calls in turn."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from fairlead.cli.flags import NameUse
from fairlead.contract.loader import Plugins
from fairlead.model.errors import CommandLineError, FairleadError, SecretError, worst
from fairlead.model.plan import Noun

if TYPE_CHECKING:
    from fairlead.cli.commands import CommandResult
    from fairlead.inventory.site import Site
    from fairlead.model.plan import Secret
    from fairlead.runner.context import Context
    from fairlead.runner.request import Common, Request
    from fairlead.secrets.store import Store

VARIABLE = "FAIRLEAD_SECRET_"  # what begins so in the environment is a secret


class VerbCall(Noun, kw_only=True):
    """A verb on a command line.

    `shadowed`: the fields of Common that the task has a flag of its own for
    (`inv lab.link --host=n2`). `uses`: what TAB learns of it where it ends well.
    """

    request: "Request"
    shadowed: frozenset[str] = frozenset()
    uses: tuple[NameUse, ...] = ()


class CommandCall(Noun, kw_only=True):
    """A command of fairlead's own on a command line, with the values of its flags."""

    command: "Callable[..., CommandResult | None]"
    options: Mapping[str, Any] = {}
    shadowed: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.command.__name__.rstrip("_")


Call = VerbCall | CommandCall


class Invocation:
    """Carries out the calls of one command line.

    A context manager: the output shows what error leaves it, and the JSON document is written.
    """

    def __init__(
        self,
        plugins: Plugins,
        folder: Path,
        fields: Mapping[str, Any],
        configured: str = "",
        chain: bool = False,
    ):
        """`folder`: the ops repository; `fields`: of Common; `configured`: the default site."""
        from fairlead import output
        from fairlead.runner import driver

        self.plugins, self.folder, self.configured = plugins, folder, configured
        self.codes, self.is_chain = [0], chain
        self.common = driver.Common(**fields)
        self.environment = dict(os.environ)
        for name in self.environment:
            if name.startswith(VARIABLE):
                del os.environ[name]  # no program that we start inherits it
        self.output = output.choose(self.common, sys.stdout, sys.stderr, chain=chain)

    def __enter__(self) -> Self:
        self.output.__enter__()
        return self

    def __exit__(
        self,
        kind: object,
        error: BaseException | None,
        trace: object,
    ) -> None:
        if "context" in vars(self):
            self.context.close()
        self.output.__exit__(kind, error, trace)

    @property
    def code(self) -> int:
        """The exit code of all that was done so far."""
        return worst([*self.codes, FairleadError.code if self.output.is_incomplete else 0])

    def perform(self, call: Call) -> int:
        """Carry out one call; its exit code. Raises FairleadError."""
        common = self._common_without(call.shadowed)
        if isinstance(call, VerbCall):
            code = self._perform_verb(call, common)
        else:
            code = self._perform_command(call, common)
        self.codes.append(code)
        return code

    def _perform_verb(self, call: VerbCall, common: "Common") -> int:
        from fairlead.runner import driver

        if common.pause.asks and not common.only_shows:
            self._require_answers()
        if common.plan:
            from fairlead.cli import plans

            self._require_single_plan()
            return plans.keep(call.request, common, self.context).code
        result = driver.perform(call.request, common, self.context)
        if not common.only_shows:
            from fairlead.cli.completion import learned

            learned.remember(self.folder, result, call.uses)
        return result.code

    def _require_single_plan(self) -> None:
        """Raise CommandLineError where a file would hold more or less than what one verb does."""
        if self.common.explain or self.is_chain:
            what = "holds what one verb would do"
            raise CommandLineError("--plan", what, "leave out --explain and the other verbs")

    def _require_answers(self) -> None:
        """Raise CommandLineError where nobody could answer once the first batch is done."""
        if not (self.common.yes or sys.stdin.isatty()):
            what = "asks between batches, and there is no terminal to ask at"
            raise CommandLineError("--pause", what, "give a time: --pause=10m; or say --yes")

    def _perform_command(self, call: CommandCall, common: "Common") -> int:
        from fairlead.cli.commands import CommandResult

        result = call.command(self.context, common, **call.options)
        if result is None:
            result = CommandResult("", {"ok": True})
        data = result.data if isinstance(result.data, Mapping) else {call.name: result.data}
        self.output.answered(data, result.text, result.listing)
        return result.code

    def _common_without(self, shadowed: frozenset[str]) -> "Common":
        """The common options, the shadowed ones at their defaults."""
        import msgspec

        if not shadowed:
            return self.common
        defaults = type(self.common)()
        fields = {name: getattr(defaults, name) for name in shadowed}
        return msgspec.structs.replace(self.common, **fields)

    @cached_property
    def context(self) -> "Context":
        """What verbs and commands act with."""
        from fairlead.cli import run_records
        from fairlead.output import journal, keepers, syslog
        from fairlead.runner import driver

        acts = not (self.common.dry_run or self.common.explain)
        copies = syslog.Syslog(lambda: self.site.syslog, self._say)
        files: dict[str, keepers.Keeper] = {
            "inv runs.history": journal.Journal(),
            "inv runs.report": run_records.RunRecords(),
        }
        memory = (keepers.Keepers(files, self._say), copies)
        return driver.Context(
            plugins=self.plugins,
            site=lambda: self.site,
            observers=(self.output, *(memory if acts else ())),
            confirm=self.confirm,
            aside=self.output.aside,
            store=lambda: self.store,
            environment=self.environment,
            folder=journal.folder(),
            past=journal.newest,
        )

    @cached_property
    def store(self) -> "Store":
        """The secrets of this ops repository."""
        from fairlead.secrets import store as secrets

        return secrets.Store(self.folder / "secrets", os.environ, self._passphrase)

    def _passphrase(self, where: str) -> "Secret":
        """The passphrase of a key: of FAIRLEAD_PASSPHRASE_FILE, else typed."""
        from getpass import getpass

        from fairlead.model.plan import Secret
        from fairlead.secrets import identities

        passphrase = identities.passphrase_from(os.environ)
        if passphrase is None and not sys.stdin.isatty():
            raise SecretError(
                where,
                "has a passphrase, and there is no terminal to ask at",
                f"name a file of mode 0600 in {identities.PASSPHRASE}",
            )
        with self.output.aside():
            return passphrase or Secret(getpass(f"passphrase of {where}: "))

    @cached_property
    def site(self) -> "Site":
        """The site, read when it is first asked for."""
        from fairlead.cli.group_sources import GroupSources
        from fairlead.inventory import site

        path = site.find(self.common.site, os.environ, self.folder, self.configured)
        asker = GroupSources(self.plugins, self._say)
        settings = self.plugins.settings()
        return site.load(path, self.plugins.systems, settings, asker).with_runs(self._run_hosts)

    def _run_hosts(self, group: str, run: str) -> tuple[str, ...]:
        """The hosts of `@failed` and the like, by the journal here. Raises CommandLineError."""
        from fairlead.output import journal
        from fairlead.runner import past_runs

        site = self.site
        return past_runs.hosts(journal.newest(), site.name, site.hosts, group, run)

    def _say(self, sentence: str) -> None:
        """A sentence for a human, that is part of no result."""
        with self.output.aside():
            print(f"fairlead: {sentence}", file=sys.stderr)

    def confirm(self, question: str, word: str = "") -> bool:
        """Ask a person: `word` has to be typed, or y where it is "".

        --yes answers only the latter. Raises CommandLineError without a terminal.
        """
        if self.common.yes and not word:
            return True
        if not sys.stdin.isatty():
            what = f"there is no terminal to ask: {question}"
            remedy = "run it in a terminal" if word else "say --yes"
            raise CommandLineError("inv", what, remedy)
        hint = f"Type {word} to go on" if word else "[y/N]"
        with self.output.aside():
            sys.stderr.write(f"{question} {hint}: ")
            sys.stderr.flush()
            typed = sys.stdin.readline().strip()
        return typed == word if word else typed.lower() in ("y", "yes")


def report_error(error: FairleadError, argv: tuple[str, ...]) -> int:
    """Show an error for which there is no Invocation yet; its exit code.

    As a sentence and, where the command line says --json, as a document.
    """
    print(f"fairlead: {error}", file=sys.stderr)
    if "--json" in argv:
        from fairlead.output import json_document

        document = json_document.error_document(error)
        sys.stdout.write(json_document.encoded(document).decode())
    return error.code
