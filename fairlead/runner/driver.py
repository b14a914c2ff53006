"""The driver: one verb of a command line, from its words to its outcome. It alone acts on hosts."""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import chain
from typing import Any

import msgspec

from fairlead.contract.verbs import traits
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, StepFailed, Unhealthy
from fairlead.model.results import UNCHANGED, HostResult, RunResult
from fairlead.runner import stages, standing, survey
from fairlead.runner.context import Context
from fairlead.runner.host_answers import Known
from fairlead.runner.needs import HostSecrets, require_sound, secret_specs, secrets_of
from fairlead.runner.part import PartRun, host_result
from fairlead.runner.request import Common, Request
from fairlead.runner.revision import commit
from fairlead.runner.targets import Part, parts, rollback_part, status_part
from fairlead.runner.windows import require_permission

__all__ = ["Common", "Context", "Request", "perform"]

Performed = tuple[Part, Iterable[HostResult]]  # a part and its rows


def perform(request: Request, common: Common, context: Context) -> RunResult:
    """One verb of the command line.

    Raises FairleadError for what is wrong before any host is asked.
    """
    with context.redacted_errors():
        return _Run(request, common, context).perform()


class _Run:
    """All parts of a request, one after another."""

    def __init__(
        self,
        request: Request,
        common: Common,
        context: Context,
    ):
        self.request = request
        self.common = common
        self.context = context
        self.name = ""
        self.notes: list[str] = []
        self.rows: list[HostResult] = []
        self.known = Known()
        # system -> component -> host -> facts, of what was performed so far
        self.facts: dict[str, dict[str, Mapping[str, Mapping[str, Any]]]] = {}

    def perform(self) -> RunResult:
        context = self.context
        site = context.site()
        hosts, order = map(site.without_runs, (self.common.hosts, self.common.order))
        self.common = msgspec.structs.replace(self.common, hosts=hosts, order=order)
        todo = parts(
            self.request,
            self.common.hosts,
            context.plugins,
            site,
            self.common.order,
        )
        now = time.time()
        require_permission(todo, self.common, site, now)
        secrets = [self._secrets(part) for part in todo]  # before any connection opens
        self._redact_all_secrets(todo)
        require_sound(todo, secrets, self.request, context.plugins, now)
        self.name = _new_name()
        self._confirm(todo)
        hosts = tuple(_hosts(todo))
        context.notify(
            "began",
            self.request.verb,
            site.name,
            self.name,
            hosts,
        )
        with self._announced(todo, now):
            self._perform_parts(todo, secrets)
            self._tell_standing(todo)
        result = RunResult(
            verb=self.request.title,
            site=site.name,
            run=self.name,
            hosts=tuple(self.rows),
            notes=tuple(dict.fromkeys(self.notes)),
            drift_fails=self.common.fail_on_changed,
            flags=(*self.request.switches, *self.common.waived),
            options=self.request.options,
            common=self.common.lasting,
            reason=self.common.reason,
            revision=commit(site.path) if any(part.verb.changes for part in todo) else "",
        )
        context.notify("ended", result)
        return context.redactor.cut(result)

    def _announced(self, todo: tuple[Part, ...], now: float) -> AbstractContextManager[None]:
        """While hosts are changed, what the site wants announced is open."""
        changing = any(part.verb.changes for part in todo)
        if self.common.explain or not changing or not self.context.site().announcements:
            return nullcontext()
        from fairlead.inventory.announcements import Values
        from fairlead.runner.announcements import announced, intentions

        values = Values(
            run=self.name,
            verb=self.request.title,
            who=operator.address(),
            reason=self.common.reason,
        )
        if self.common.dry_run:
            self.notes += intentions(self.context, todo, values, now)
            return nullcontext()
        return announced(self.context, todo, values, now)

    def _secrets(self, part: Part) -> HostSecrets:
        return secrets_of(
            part,
            self.request,
            self.context.plugins,
            self.context.secret,
        )

    def _redact_all_secrets(self, todo: Iterable[Part]) -> None:
        """Those of all parts, needed or not, as far as they open without a question."""
        plugins = self.context.plugins
        specs = chain.from_iterable(secret_specs(part, plugins) for part in todo)
        self.context.register_quietly(spec.name for _, spec in specs)

    def _confirm(self, todo: tuple[Part, ...]) -> None:
        """Ask before data is destroyed, or before much is taken down. Raises CommandLineError."""
        from fairlead.inventory.nodesets import fold

        if self.common.only_shows or todo[0].system.runs_on:
            return
        hosts = _hosts(todo)
        destroying = [part for part in todo if _destroys(part) and part.targets]
        word = ""
        if destroying:  # nothing but the site's name will do
            data = ", ".join(map(_destroyed, destroying))
            question = f"Destroy {data} on {fold(hosts)}?"
            word = self.context.site().name
        else:
            question = self._question(todo, hosts)
        if not question:
            return
        if not self.context.confirm(question, word):
            raise CommandLineError("inv", "nothing was done: the answer was no", "")

    def _question(self, todo: tuple[Part, ...], hosts: list[str]) -> str:
        """What is asked before much is taken down, or what people have open ends; "": nothing."""
        from fairlead.inventory.nodesets import fold

        takes_down = traits(self.request.verb).confirms_many and len(hosts) > 1
        uses = self._uses(todo)
        in_use = f"In use: {'; '.join(uses)}. " if uses else ""
        if takes_down:
            names = ", ".join(dict.fromkeys(part.name for part in todo))
            return f"{in_use}Take {names} down on {len(hosts)} hosts: {fold(hosts)}?"
        return f"{in_use}Go on with inv {self.request.title}?" if uses else ""

    def _uses(self, todo: Iterable[Part]) -> tuple[str, ...]:
        """What people have open that these parts would end; asked only where somebody is asked."""
        if self.common.yes:
            return ()
        each = chain.from_iterable(survey.uses(self._part_run(part, {})) for part in todo)
        return tuple(dict.fromkeys(each))

    def _perform_parts(
        self,
        todo: Sequence[Part],
        secrets: Iterable[HostSecrets],
    ) -> None:
        """Part after part; the first that fails is the last, if the verb changes anything.

        Several parts begin only once all of their hosts can be reached.
        """
        if self._refuse_unreachable(todo):
            return
        runs = [self._part_run(part, of_part) for part, of_part in zip(todo, secrets, strict=True)]
        performed: list[Performed] = []
        for number, (part, run) in enumerate(zip(todo, runs, strict=True), 1):
            run.later = runs[number:]
            rows = self._perform_part(part, run)
            self.rows += self._offline_rows(part)
            performed.append((part, rows))
            has_failed = any(row.code for row in self.rows)
            if has_failed and (part.verb.changes or part.sequence):
                self._go_back(performed if part.is_gate else performed[-1:])
                return

    def _perform_part(
        self,
        part: Part,
        run: PartRun,
    ) -> list[HostResult]:
        rows = stages.perform(run)
        self._facts_of(part)[part.component.name] = run.facts_around
        for row, target in zip(rows, part.targets, strict=True):
            if row.state not in UNCHANGED:
                self.known.forget(part.runs_on(target))
        self.rows += rows
        return rows

    def _facts_of(self, part: Part) -> dict[str, Mapping[str, Mapping[str, Any]]]:
        return self.facts.setdefault(part.system.name, {})

    def _part_run(self, part: Part, secrets: HostSecrets, *, unseen: bool = False) -> PartRun:
        """`unseen`: nobody sees what is asked, and nothing that was known before counts."""
        context = self.context
        return PartRun(
            part,
            self.request,
            self.common,
            context.for_site(context.site()) if unseen else context,
            run=self.name,
            secrets=secrets,
            notes=[] if unseen else self.notes,
            known=Known() if unseen else self.known,
            components=self._facts_of(part),
        )

    def _refuse_unreachable(self, todo: Sequence[Part]) -> bool:
        """Write the rows of all parts where a host cannot be reached, before any part begins."""
        changing = [part for part in todo if part.verb.changes and part.targets]
        if len(changing) < 2 or self.common.skip_unreachable:
            return False
        runs = [self._part_run(part, {}) for part in changing]
        errors = survey.unreachable(runs)
        if errors:
            for part, run in zip(changing, runs, strict=True):
                survey.refuse_all(run, errors)
                self.rows += [run.rows[target.host] for target in part.targets]
                self.rows += self._offline_rows(part)
        return bool(errors)

    def _offline_rows(self, part: Part) -> list[HostResult]:
        path = self.context.site().path
        why = f"is marked offline in {path}"
        return [
            host_result(part, host, "skipped", error=f"{host}: {why}", left_out=True)
            for host in part.offline_hosts
        ]

    def _go_back(self, performed: Sequence[Performed]) -> None:
        """In a sequence: hosts that these parts have changed return, those of the last part first;
        then what was planned for where that one fails is done.
        """
        failing, failed = performed[-1]
        if not failing.back:
            return
        ways = (_returning(part, rows) for part, rows in reversed(performed))
        returning = tuple(filter(None, ways))
        rows: list[HostResult] = []
        for back in (*returning, *failing.back):
            run = self._part_run(back, self._secrets(back))
            rows += self._perform_part(back, run)
        if failing.is_gate and returning:
            self._tell_return(failed, rows)

    def _tell_standing(self, todo: Iterable[Part]) -> None:
        """Say in the rows of what was to serve and has failed in the middle how it stands now."""
        by_component = {(part.system.name, part.component.name): part for part in todo}
        for names, part in by_component.items():
            places = {
                place: row
                for place, row in enumerate(self.rows)
                if (row.system, row.component) == names and standing.is_asked(row)
            }
            status = status_part(part, [row.host for row in places.values()])
            if status and traits(part.sequence or part.verb.name).serves:
                run = self._part_run(status, self._secrets(status), unseen=True)
                rows = standing.told(run, list(places.values()), part.verb.name)
                for place, row in zip(places, rows, strict=True):
                    self.rows[place] = row

    def _tell_return(
        self,
        failed: Iterable[HostResult],
        rows: Iterable[HostResult],
    ) -> None:
        """Say in the rows of a gate that the version before is back, if these rows are all well."""
        if any(row.code for row in rows):
            return
        for row in failed:
            if row.code == StepFailed.code:
                place = self.rows.index(row)
                self.rows[place] = _returned(row)


def _returned(row: HostResult) -> HostResult:
    return msgspec.structs.replace(
        row,
        code=Unhealthy.code,
        error=f"{row.error}; the version before is back",
    )


def _returning(
    part: Part,
    rows: Iterable[HostResult],
) -> Part | None:
    """The way back of those hosts that a part has changed; None where there is none."""
    changed = [row.host for row in rows if row.state == "changed"]
    return rollback_part(part, changed)


def _new_name() -> str:
    """The name of a run: when it began, by UTC, and something random."""
    return f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"


def _hosts(todo: Iterable[Part]) -> list[str]:
    """The hosts of all targets, each once."""
    targets = chain.from_iterable(part.targets for part in todo)
    return list(dict.fromkeys(target.host for target in targets))


def _destroys(part: Part) -> bool:
    """Does the verb destroy data, with these options?"""
    flag = part.verb.destroys_with
    return bool(part.verb.destroys) and (not flag or bool(getattr(part.options, flag)))


def _destroyed(part: Part) -> str:
    """What a verb destroys, in its own words, with its options filled in."""
    return part.verb.destroys.format_map(msgspec.to_builtins(part.options))
