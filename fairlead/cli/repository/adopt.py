"""What runs on hosts already, as sections of the site file."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fairlead.cli import adopting, trial_site
from fairlead.cli.adopting import Looked, Plan, Section
from fairlead.cli.commands import CommandResult, chosen_hosts, folded_errors, folded_sentences
from fairlead.contract.loader import Plugins
from fairlead.inventory import yamlfile
from fairlead.inventory.nodesets import fold
from fairlead.inventory.site import Site
from fairlead.model.errors import CommandLineError, StepFailed, worst
from fairlead.model.results import RunResult
from fairlead.model.suggest import suggestion
from fairlead.output.rows import dry_run_sentence, unchanged_sentence
from fairlead.output.text import result_lines
from fairlead.runner.context import Context
from fairlead.runner.request import Common

# The rest of the name of a volume that nobody named
UNNAMED = re.compile(r"(?<=--volume=[0-9a-f]{12})[0-9a-f]{52}(?=:)")


def adopt(
    context: Context,
    common: Common,
    *,
    system: Annotated[
        str,
        Meta(description="Only what is of this system; default: of each that can."),
    ] = "",
    write: Annotated[bool, Meta(description="Add the sections to the site file.")] = False,
) -> CommandResult:
    """What runs on the hosts (--host) as sections of the site, and the plan of `up` by them; with
    --write they are added to the site file. Nothing is changed on a host.
    """
    site = context.site()
    systems = _systems(context.plugins, system)
    hosts = chosen_hosts(site, common, offline=False)
    looked = adopting.look(context, common, hosts, systems)
    proposed = list(adopting.sections(looked, systems))
    new = [part for part in proposed if part.folded.section and part.system not in site.sections]
    path = Path(site.path)
    plans = [plan for part in new for plan in adopting.plans(context, common, path, part)]
    code = worst([*_codes(looked), *(plan.code for plan in plans)])
    is_proved = not any(entry.error for entry in looked) and not any(plan.code for plan in plans)
    writes = write and bool(new) and is_proved and not common.only_shows
    if writes:
        trial_site.put(path, adopting.text_of(path, new), context.plugins)
    lines = (
        *_section_lines(proposed, new),
        *_remark_lines(looked, proposed, site),
        *_plan_lines(plans),
        *_written_lines(path, new, writes=writes, refused=write and not is_proved, wished=write),
    )
    text = UNNAMED.sub("...", "\n".join(lines))
    return CommandResult(text, _data(looked, proposed, new, plans, writes), code)


def _systems(plugins: Plugins, system: str) -> list[str]:
    """The systems that recognise what runs. Raises CommandLineError."""
    every = list(plugins.adopters())
    if system and system not in every:
        what = f"no system {system!r} that recognises what runs"
        raise CommandLineError("--system", what, suggestion(system, every))
    return [system] if system else every


def _codes(looked: Sequence[Looked]) -> Iterator[int]:
    for entry in looked:
        if entry.error:
            yield entry.error.code
        if entry.problems:
            yield StepFailed.code


def _section_lines(proposed: Sequence[Section], new: Sequence[Section]) -> Iterator[str]:
    """The sections, each below what was to be said of it."""
    for section in proposed:
        yield from (f"# {remark}" for remark in section.remarks)
        if section not in new:
            continue
        yield from yamlfile.write({section.system: section.folded.section}).splitlines()
        yield ""


def _remark_lines(
    looked: Sequence[Looked], proposed: Sequence[Section], site: Site
) -> Iterator[str]:
    """What is no section: hosts that did not tell, what the site has already, what nobody knows."""
    for text in folded_errors([entry.error for entry in looked if entry.error]):
        yield f"# {text}"
    problems = [(e.host, f"{e.host}: {text}") for e in looked for text in e.problems]
    unknown = [(e.host, f"{e.host}: {_unknown(e)}") for e in looked if e.unknown]
    for text in folded_sentences([*problems, *unknown]):
        yield f"# {text}"
    for section in proposed:
        if section.folded.section and section.system in site.sections:
            yield f"# {site.path}: has a section {section.system}, which stays; {_beside(section)}"
    if not any(section.folded.section for section in proposed):
        is_known = not any(entry.error or entry.problems for entry in looked)
        there = "nothing is there" if is_known else "as far as that is known nothing is there"
        yield f"# {there} that a system would take over"


def _unknown(entry: Looked) -> str:
    return f"no system knows {', '.join(entry.unknown)}"


def _beside(section: Section) -> str:
    hosts = fold(section.folded.hosts)
    return f"it also runs on {hosts}: see inv {section.system}.up --dry-run"


def _plan_lines(plans: Sequence[Plan]) -> Iterator[str]:
    for plan in plans:
        title = f"# inv {plan.name}.up --dry-run"
        if plan.error:
            yield f"{title}: there is no plan: {plan.error}"
        elif plan.result:
            yield f"{title}: {_verdict(plan, plan.result)}"
            if not plan.is_empty:
                text = "\n".join(result_lines(plan.result))
                yield from (f"#   {line}" for line in text.splitlines())


def _verdict(plan: Plan, result: RunResult) -> str:
    if plan.is_empty:
        return f"the plan is empty: {unchanged_sentence(result)}"
    if plan.code:
        return f"the plan has a fault (exit {plan.code})"
    sentence = dry_run_sentence(result).removeprefix("dry run: ").partition(";")[0]
    return f"the plan is not empty: {sentence}"


def _written_lines(
    path: Path, new: Sequence[Section], *, writes: bool, refused: bool, wished: bool
) -> Iterator[str]:
    names = ", ".join(section.system for section in new)
    if writes:
        yield f"# {path}: added {names}"
    elif refused and new:
        yield f"# {path}: nothing was written: a host did not answer, or a plan has a fault"
    elif wished and new:
        yield f"# {path}: would get {names}; nothing was written"


def _data(
    looked: Sequence[Looked],
    proposed: Sequence[Section],
    new: Sequence[Section],
    plans: Sequence[Plan],
    writes: bool,
) -> dict[str, Any]:
    """For --json."""
    return {
        "sections": {s.system: msgspec.to_builtins(s.folded.section) for s in new},
        "remarks": {s.system: [*s.remarks] for s in proposed},
        "unknown": {e.host: [*e.unknown] for e in looked if e.unknown},
        "errors": [str(e.error) for e in looked if e.error],
        "problems": {e.host: [*e.problems] for e in looked if e.problems},
        "plans": [_plan_data(plan) for plan in plans],
        "written": writes,
    }


def _plan_data(plan: Plan) -> dict[str, Any]:
    hosts = msgspec.to_builtins(plan.result.hosts) if plan.result else []
    error = str(plan.error) if plan.error else ""
    return {"name": plan.name, "empty": plan.is_empty, "error": error, "hosts": hosts}
