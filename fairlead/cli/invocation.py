"""What one command line shares: its common options, the site read once, who watches, how a question is asked; and the doing of each job in turn."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from fairlead.contract.loader import Plugins
from fairlead.model.errors import CommandLineError, FairleadError, SecretError, worst
from fairlead.model.plan import Noun

VARIABLE = "FAIRLEAD_SECRET_"  # what begins so in the environment is a secret


class Job(Noun, kw_only=True):
    """One task of a command line: a verb (`verb`, `system`, `component`) or a chore (`call`). `options` are its own, those that were given."""

    verb: str = ""
    system: str = ""
    component: str = ""
    call: Callable[..., Any] | None = None
    options: Mapping[str, Any] = {}
    shadowed: frozenset[str] = (
        frozenset()
    )  # fields of Common that the task has a flag of its own for: `inv lab.link --host=n2`
    argv: tuple[str, ...] = ()


class Invocation:
    """Does the jobs of one command line. A context: what leaves it is told by the show, and the JSON document is written."""

    def __init__(
        self,
        plugins: Plugins,
        folder: Path,
        fields: Mapping[str, Any],
        configured: str = "",
        chain: bool = False,
    ):
        from fairlead import output
        from fairlead.runner import driver

        self.plugins, self.folder, self.configured, self.codes = plugins, folder, configured, [0]
        self.common = driver.Common(**fields)
        self.environment = dict(os.environ)
        for name in [name for name in os.environ if name.startswith(VARIABLE)]:
            del os.environ[name]  # no program that we start inherits it
        self.show = output.choose(self.common, sys.stdout, sys.stderr, chain=chain)

    def __enter__(self) -> Self:
        self.show.__enter__()
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if "context" in vars(self):
            self.context.close()
        self.show.__exit__(kind, error, trace)

    @property
    def code(self) -> int:
        """The exit code of all that was done so far."""
        return worst(self.codes)

    def perform(self, job: Job) -> int:
        """Do one job; its exit code. Raises FairleadError."""
        common = self._common(job.shadowed)
        self.codes.append(self._verb(job, common) if job.call is None else self._chore(job, common))
        return self.codes[-1]

    def _verb(self, job: Job, common: Any) -> int:
        from fairlead.runner import driver

        request = driver.Request(
            verb=job.verb,
            system=job.system,
            component=job.component,
            options=job.options,
            argv=job.argv,
        )
        return driver.perform(request, common, self.context).code

    def _chore(self, job: Job, common: Any) -> int:
        from fairlead.cli.commands import CommandResult

        answer = job.call(self.context, common, **job.options) or CommandResult("", {"ok": True})
        data = answer.data if isinstance(answer.data, Mapping) else {job.call.__name__: answer.data}
        self.show.answered(data, answer.text, answer.listing)
        return answer.code

    def _common(self, shadowed: frozenset[str]) -> Any:
        import msgspec

        fresh = type(self.common)()
        return (
            msgspec.structs.replace(
                self.common, **{name: getattr(fresh, name) for name in shadowed}
            )
            if shadowed
            else self.common
        )

    @cached_property
    def context(self) -> Any:
        from fairlead.output import journal
        from fairlead.runner import driver

        watching = (
            (self.show,)
            if self.common.dry_run or self.common.explain
            else (self.show, journal.Journal())
        )
        return driver.Context(
            plugins=self.plugins,
            site=lambda: self.site,
            observers=watching,
            confirm=self.confirm,
            aside=self.show.aside,
            store=lambda: self.store,
            environment=self.environment,
        )

    @cached_property
    def store(self) -> Any:
        """The secrets of this ops repository."""
        from fairlead.secrets import store as secrets

        return secrets.Store(self.folder / "secrets", os.environ, self._passphrase)

    def _passphrase(self, where: str) -> Any:
        """The passphrase of a key: of FAIRLEAD_PASSPHRASE_FILE, else typed."""
        from getpass import getpass

        from fairlead.model.plan import Secret
        from fairlead.secrets import identities

        given = identities.passphrase_from(os.environ)
        if given is None and not sys.stdin.isatty():
            raise SecretError(
                where,
                "has a passphrase, and there is no terminal to ask at",
                f"name a file of mode 0600 in {identities.PASSPHRASE}",
            )
        with self.show.aside():
            return given or Secret(getpass(f"passphrase of {where}: "))

    @cached_property
    def site(self) -> Any:
        """The site, read when it is first asked for."""
        from fairlead.inventory import site

        path = site.find(self.common.site, os.environ, self.folder, self.configured)
        return site.load(path, self.plugins.systems, self.plugins.settings())

    def confirm(self, question: str, word: str = "") -> bool:
        """Ask a person: `word` has to be typed, or y where it is "". --yes answers only the latter. Raises CommandLineError without a terminal."""
        if self.common.yes and not word:
            return True
        if not sys.stdin.isatty():
            raise CommandLineError(
                "inv",
                f"there is no terminal to ask: {question}",
                "run it in a terminal" if word else "say --yes",
            )
        with self.show.aside():
            sys.stderr.write(f"{question} {f'Type {word} to go on' if word else '[y/N]'}: ")
            sys.stderr.flush()
            typed = sys.stdin.readline().strip()
        return typed == word if word else typed.lower() in ("y", "yes")


def told(error: FairleadError, argv: tuple[str, ...]) -> int:
    """Tell of an error for which there is no command line yet, as a sentence or, where the line says --json, as a document; its exit code."""
    print(f"fairlead: {error}", file=sys.stderr)
    if "--json" in argv:
        from fairlead.output import json_document

        sys.stdout.write(json_document.encoded(json_document.error_document(error)).decode())
    return error.code
