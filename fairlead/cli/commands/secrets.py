"""The secrets of this ops repository, encrypted for its admins: secrets/NAME.age."""

import os
import sys
from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta

from fairlead.cli.commands import CommandResult
from fairlead.model import operator
from fairlead.model.errors import CommandLineError, SecretError, worst
from fairlead.model.plan import Secret
from fairlead.runner.context import Context
from fairlead.runner.request import Common
from fairlead.secrets import identities, recipients
from fairlead.secrets.recipients import Recipient
from fairlead.secrets.store import Store

Name = Annotated[
    str, Meta(description="Which secret: secrets/NAME.age.", extra={"completes": "secrets"})
]
KEY_TYPES = ("age1", "ssh-", "ecdsa-", "sk-")  # how public keys begin


def init(
    context: Context,
    common: Common,
    *,
    recipient: Annotated[
        tuple[str, ...],
        Meta(description="A public key (age1..., ssh-ed25519 ..., ssh-rsa ...) or a file of them."),
    ] = (),
) -> CommandResult:
    """Say who can read the secrets here: --recipient, or else you, by your own public key."""
    store = _store(context)
    keys: list[str] = []
    for text in recipient:
        keys += _public_keys(text)
    keys = keys or [identities.own_public_key(os.environ)]
    new = store.add(recipients.parse(key, "--recipient") for key in keys)
    more = "; inv secrets.rekey lets them read what is there" if new and store.names() else ""
    lines = [f"{_shown_key(added)} can read what is set from now on{more}" for added in new]
    text = "\n".join(lines or ["nothing new: they are recipients already"])
    return CommandResult(text, {"added": [added.key for added in new]})


def list_(context: Context, common: Common) -> CommandResult:
    """Which secrets there are, and which have to be encrypted anew for the recipients of today."""
    store = _store(context)
    data = [{"name": name, "stale": store.is_stale(name)} for name in store.names()]
    stale = "  is encrypted for others than today's recipients: inv secrets.rekey"
    lines = [f"{row['name']}{stale if row['stale'] else ''}" for row in data]
    return CommandResult("\n".join(lines or ["no secrets here"]), data)


def set_(
    context: Context,
    common: Common,
    *,
    name: Name,
    file: Annotated[str, Meta(description="Take the value from this file, byte for byte.")] = "",
) -> CommandResult:
    """Set a secret: the value comes on stdin, from --file, or is typed unseen."""
    store = _store(context)
    store.path(name)  # raises SecretError for what is no name
    replaced = name in store.names()
    store.write(name, _new_value(name, file))
    text = f"secrets/{name}: {'replaced' if replaced else 'set'} for {_names(store.recipients())}"
    return CommandResult(text, {"name": name, "replaced": replaced})


def edit(context: Context, common: Common, *, name: Name) -> CommandResult:
    """Edit a secret in $EDITOR, in a file of memory that is gone afterwards."""
    from fairlead.connections.editor import edit

    store = _store(context)
    before = store.read(name)
    after = Secret(edit(name, before.reveal(), os.environ))
    changed = after != before
    if changed:
        store.write(name, after)
    text = f"secrets/{name}: {'changed' if changed else 'unchanged'}"
    return CommandResult(text, {"name": name, "changed": changed})


def show(context: Context, common: Common, *, name: Name) -> CommandResult:
    """Show a secret: on a terminal, or elsewhere with --yes."""
    if not (sys.stdout.isatty() or common.yes):
        raise CommandLineError(
            "inv secrets.show",
            "stdout is no terminal, and what is shown there stays somewhere",
            "say --yes if that is meant",
        )
    try:
        text = _store(context).read(name).reveal().decode()
    except UnicodeDecodeError:
        raise SecretError(f"secrets/{name}", "is no text", "it cannot be shown") from None
    return CommandResult(text, {"name": name, "value": text})


def rekey(context: Context, common: Common) -> CommandResult:
    """Encrypt every secret anew for the recipients of today (asks where you are none of them)."""
    store = _store(context)
    question = (
        "None of your keys is in secrets/recipients: you will not be able to read the secrets. "
        "Go on?"
    )
    if not store.opens() and not context.confirm(question, ""):
        raise CommandLineError("inv secrets.rekey", "nothing was changed: the answer was no", "")
    names = store.rekey()
    text = f"{len(names)} secrets are encrypted for {_names(store.recipients())}"
    return CommandResult(text, {"rekeyed": [*names]})


def who(context: Context, common: Common) -> CommandResult:
    """Who can read what is set from now on, and which secrets are still encrypted for others."""
    store = _store(context)
    people = store.recipients()
    stale = [name for name in store.names() if store.is_stale(name)]
    lines = [
        *map(_person_line, people),
        *(f"{name}: still encrypted for others: inv secrets.rekey" for name in stale),
    ]
    keys = [{"key": person.key, "comment": person.comment} for person in people]
    return CommandResult("\n".join(lines), {"recipients": keys, "stale": stale})


def check(context: Context, common: Common) -> CommandResult:
    """Find secrets that lie open in the tree: private keys, age identities, passwords in
    sites/*.yml (exit 7).
    """
    from fairlead.secrets.scan import exposed

    places = [*exposed(_store(context).folder.parent)]
    lines = [
        f"{where}: {what}; move it into the store: inv secrets.set --name=..."
        for where, what in places
    ]
    data = [{"where": where, "what": what} for where, what in places]
    text = "\n".join(lines or ["no secret lies open here"])
    return CommandResult(text, data, worst(SecretError.code for _ in places))


def _store(context: Context) -> Store:
    if context.store is None:
        what, remedy = "there is no secret store here", "run inv in an ops repository"
        raise SecretError("secrets", what, remedy)
    return context.store()


def _new_value(name: str, file: str) -> Secret:
    if file:
        try:
            return Secret(operator.path(file).read_bytes())
        except OSError as error:
            what = f"{file} cannot be read: {error.strerror}"
            raise CommandLineError("--file", what, "") from None
    if sys.stdin.isatty():
        return _typed_value(name)
    return Secret.printed(sys.stdin.buffer.read())


def _typed_value(name: str) -> Secret:
    from getpass import getpass

    first, second = getpass(f"value of {name}: "), getpass("once more: ")
    if first != second:
        what = "the two differ; nothing was changed"
        raise CommandLineError("inv secrets.set", what, "try again")
    return Secret(first)


def _public_keys(text: str) -> Iterable[str]:
    """The keys that one --recipient means: itself, or the lines of a file."""
    if text.startswith(KEY_TYPES):
        return (text,)
    try:
        lines = operator.path(text).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        what = f"{text[:60]!r} is neither a public key nor a file of them"
        remedy = "for instance ~/.ssh/id_ed25519.pub"
        raise CommandLineError("--recipient", what, remedy) from None
    return [line for line in lines if line.split("#")[0].strip()]


def _shown_key(recipient: Recipient) -> str:
    return f"{recipient.key.split()[0]} {recipient.comment}".strip()


def _person_line(recipient: Recipient) -> str:
    kind = recipient.key.split()[0] if recipient.tag else "age"
    return f"{kind}  {recipient.comment or recipient.key[-16:]}"


def _names(people: Iterable[Recipient]) -> str:
    return ", ".join(person.comment or person.key.split()[-1][-16:] for person in people)
