"""THE CONTRACT: what a component can be asked.

A component is a module of a plugin's folder; its public functions are its verbs. A function with
the name of a hook below carries `@hookimpl`; a verb of the component's own carries `@verb`. Each
gets one argument, `ask`, and returns data; nothing is done by a hook.

The flags a verb has of its own are the fields of a msgspec.Struct named in the signature,
`def logs(ask: Ask[Logs])`; a field without a default is a flag that must be given, its
`msgspec.Meta(description=...)` is the help.

A plugin that wraps a verb (`@hookimpl(wrapper=True)`) registers a module of its own in `wrappers`
of the entry point or folder.
"""

# Hooks are declared here and done elsewhere, so none has a body.
# mypy: disable-error-code="empty-body"

from collections.abc import Callable, Iterable
from typing import Any, TypeVar, overload

import pluggy

from fairlead.contract.verbs import Verb
from fairlead.model.adoption import HostReport, Proposal
from fairlead.model.plan import (
    Ask,
    Check,
    Fact,
    Phase,
    Secret,
    SecretSpec,
    Session,
    Status,
    Step,
    StoreAccess,
)
from fairlead.model.sources import Inventory, SourceAccess

Steps = Iterable[Step] | Iterable[Phase]
Function = TypeVar("Function", bound=Callable[..., Any])

PROJECT = "fairlead"
SPEC = f"{PROJECT}_spec"  # what pluggy's markers leave on a function
IMPL = f"{PROJECT}_impl"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@overload
def verb(function: Function, /) -> Function: ...
@overload
def verb(
    *, changes: bool = True, destroys: str = "", destroys_with: str = "", words: bool = False
) -> Callable[[Function], Function]: ...
def verb(
    function: Callable[..., Any] | None = None,
    *,
    changes: bool = True,
    destroys: str = "",
    destroys_with: str = "",
    words: bool = False,
) -> Callable[..., Any]:
    """Mark a verb of the component's own.

    With `changes` it returns Steps or Phases; without, a Session, a Status or Checks. `destroys`
    says which data it destroys ("the image {image}", with the verb's own flags): the site's name
    has to be typed, --yes does not do; `destroys_with` names the flag without which nothing is
    lost. With `words` it takes what follows `--` (`ask.argv`); to
    others the command line gives none.
    """
    traits = Verb(changes=changes, destroys=destroys, destroys_with=destroys_with, words=words)

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        setattr(function, TRAITS, traits)
        return hookimpl(function)

    return mark if function is None else mark(function)


def hook_name(function: str) -> str:
    """The hook or verb that a function is: `exec_` is `exec`, whose name hides a builtin."""
    return function.removesuffix("_")


TRAITS = "fairlead_traits"  # what `verb` leaves on a function: a Verb
QUESTIONS = ("facts", "needs", "in_use")  # hooks that are no verbs
OF_STORES = ("read_secret", "read_inventory", "recognise")  # hooks that no component has


@hookspec(firstresult=True)
def facts(ask: Ask) -> Iterable[Fact]:
    """What a verb wants to know of the host: probes, asked in one round trip before `ask.verb`
    itself.

    Gets: the ask, its facts still empty. Returns: Facts, asked with those that it reads
    of those that any component may read (docs/hooks.md).
    Changes nothing. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def needs(ask: Ask) -> Iterable[SecretSpec]:
    """Which secrets of the store `ask.verb` needs on this host; the verb finds them in
    `ask.secrets`. Asked for verbs that change.

    For `secrets` it names all that belong to the component, what they are made of included; for
    `up` what `up` delivers (preflight asks for `up`, and tells of those that are not to be had).

    Gets: the ask, its facts still empty, before any connection opens: a secret that is missing ends
    the command line there (exit 7).
    Returns: SecretSpecs. Changes nothing. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def in_use(ask: Ask) -> Iterable[str]:
    """What people have open on the host that `ask.verb` would end: a few words each, for the
    question before a verb that changes. Not asked with --yes.

    Gets: the ask, with the facts of `ask.verb`. Returns: words, such as "a session since 14:02";
    nothing: nobody is asked for its sake.
    Changes nothing. In a dry run: not asked.
    """


@hookspec(firstresult=True)
def preflight(ask: Ask) -> Iterable[Check]:
    """What must be so before `up`.

    Gets: the ask, with facts. Returns: Checks; a failing one that blocks ends `up` before it
    touches anything (exit 4).
    Changes nothing; `--fix` does the Steps in `Check.fix`, `--fix=WORD` those of a check with that
    `fix_name`. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def secrets(ask: Ask) -> Steps:
    """Put the secrets of this component where they belong, for `inv SYSTEM.secrets --deliver`; `up`
    puts them too.

    Gets: the ask, with facts; `ask.secrets` holds those of `needs` that have a path. Returns:
    Steps, or Phases.
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def build(ask: Ask) -> Steps:
    """Make the images.

    Gets: the ask, with facts. Returns: Steps, or Phases.
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def pull(ask: Ask) -> Steps:
    """Fetch the image that the site names ahead of time, the same one on all hosts; nothing is
    stopped, and `upgrade` finds it there.

    Gets: the ask, with facts. Returns: Steps, or Phases (usually those of
    fairlead.operations.container.upgrade.pull).
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def up(ask: Ask) -> Steps:
    """Make it run as the site says; where it does, every step is `ok`.

    Gets: the ask, with facts. Returns: Steps, or Phases.
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def down(ask: Ask) -> Steps:
    """Stop it and take its containers away; its state stays.

    Gets: the ask, with facts. Returns: Steps, or Phases.
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def restart(ask: Ask) -> Steps:
    """Stop and start what is there.

    Gets: the ask, with facts. Returns: Steps, or Phases.
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def upgrade(ask: Ask) -> Steps:
    """Bring the newest image of the site's tag into service, keep state, come back by itself where
    it is not healthy (exit 8).

    Gets: the ask, with facts. Returns: Steps, or Phases (usually those of
    fairlead.operations.container.upgrade).
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def rollback(ask: Ask) -> Steps:
    """Return to the version before the last upgrade.

    Gets: the ask, with facts. Returns: Steps, or Phases.
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def backup(ask: Ask) -> Steps:
    """Write its state and its database to one file of the host.

    Gets: the ask, with facts. Returns: Steps, or Phases (usually those of
    fairlead.operations.container.backups).
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def restore(ask: Ask) -> Steps:
    """Bring the state of a backup into service; today's is laid by, and back where the other is
    not healthy (exit 8).

    Gets: the ask, with facts. Returns: Steps, or Phases (usually those of
    fairlead.operations.container.backups).
    Changes the host. In a dry run: only the `unless` questions are asked.
    """


@hookspec(firstresult=True)
def prune(ask: Ask) -> Steps:
    """Take away what changes have left behind and nobody needs: old images, dumps, states.

    Gets: the ask, with facts. Returns: Steps, or Phases. What a rollback needs stays, and is named.
    Changes the host for good. In a dry run: what would go is shown, with its size.
    """


@hookspec(firstresult=True)
def du(ask: Ask) -> Status:
    """What it keeps on the host, how much that is, and what it is for: read from the facts.

    Gets: the ask, with facts. Returns: a Status.
    Changes nothing. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def status(ask: Ask) -> Status:
    """How it is: read from the facts.

    Gets: the ask, with facts. Returns: a Status; the exit code is 1 where one is not healthy,
    or has a field that is NOT_KNOWN.
    Changes nothing. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def logs(ask: Ask) -> Session:
    """What it has said.

    Gets: the ask, with facts. Returns: a Session, with `follow` for -f.
    Changes nothing. In a dry run: the command is shown.
    """


@hookspec(firstresult=True)
def exec_(ask: Ask) -> Session:
    """Run what follows `--` inside it, or a shell when nothing does.

    Gets: the ask, with facts; what follows is `ask.argv`. Returns: a Session; None: on this host
    there is nothing to run.
    Changes nothing that fairlead answers for. In a dry run: the command is shown.
    """


@hookspec(firstresult=True)
def read_secret(name: str, access: StoreAccess) -> Secret | None:
    """A secret that has no file in secrets/, from a store that the site names under `secrets`; the
    first store that has it is believed.

    Gets: its name, and the access of a store. Returns: the Secret; None: it is not here. What else
    goes wrong is a SecretError (exit 7).
    Changes nothing. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def read_inventory(access: SourceAccess) -> Inventory:
    """Hosts and groups that are known elsewhere, for `inv site.import --from=NAME` and, where the
    site names the source under `sources`, for `@NAME:GROUP` in a node set.

    Gets: the access of a source. Returns: the Inventory; where `access.group` names a group, the
    others may be left out. What goes wrong is a SiteError (exit 3), never an empty group.
    Changes nothing. In a dry run: asked all the same.
    """


@hookspec(firstresult=True)
def recognise(report: HostReport) -> Proposal | None:
    """The section of this system for what runs on one host already, for `inv adopt`.

    Gets: the report of a host: its containers, and what the module's own PROBES (Facts) brought.
    Returns: a Proposal, which says too what it could not express; None: nothing of this system runs
    there. Hosts whose sections agree become one.
    Changes nothing. In a dry run: asked all the same.
    """


SPECS = {hook_name(name): value for name, value in list(globals().items()) if hasattr(value, SPEC)}
