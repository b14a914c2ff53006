"""The secrets of this ops repository, encrypted for its admins: secrets/NAME.age."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from fairlead.cli.commands import CommandResult
from fairlead.model.errors import CommandLineError, SecretError, worst
from fairlead.model.plan import Secret

Name = Annotated[str, Meta(description="Which secret: secrets/NAME.age.")]


def init(
    context: Any,
    common: Any,
    *,
    recipient: Annotated[
        tuple[str, ...],
        Meta(description="A public key (age1..., ssh-ed25519 ..., ssh-rsa ...) or a file of them."),
    ] = (),
) -> CommandResult:
    """Say who can read the secrets here: --recipient, or else you, by your own public key."""
    from fairlead.secrets.recipients import parse as read

    store = context.store()
    asked = [line for given in recipient for line in _lines(given)] or [_own(store)]
    new = store.add(read(line, "--recipient") for line in asked)
    more = "; inv secrets.rekey lets them read what is there" if new and store.names() else ""
    lines = [
        f"{one.key.split()[0]} {one.comment}".strip() + f" can read what is set from now on{more}"
        for one in new
    ]
    return CommandResult(
        "\n".join(lines or ["nothing new: they are recipients already"]),
        {"added": [one.key for one in new]},
    )


def list(context: Any, common: Any) -> CommandResult:
    """Which secrets there are, and which have to be encrypted anew for the recipients of today."""
    store = context.store()
    stale = {name: store.is_stale(name) for name in store.names()}
    lines = [
        name
        + ("  is encrypted for others than today's recipients: inv secrets.rekey" if old else "")
        for name, old in stale.items()
    ]
    return CommandResult(
        "\n".join(lines or ["no secrets here"]),
        [{"name": name, "stale": old} for name, old in stale.items()],
    )


def set(
    context: Any,
    common: Any,
    *,
    name: Name,
    file: Annotated[str, Meta(description="Take the value from this file, byte for byte.")] = "",
) -> CommandResult:
    """Set a secret: the value comes on stdin, from --file, or is typed unseen."""
    store = context.store()
    store.path(name)
    there = name in store.names()
    store.write(name, _given(name, file))
    return CommandResult(
        f"secrets/{name}: {'replaced' if there else 'set'} for {_who(store.recipients())}",
        {"name": name, "replaced": there},
    )


def edit(context: Any, common: Any, *, name: Name) -> CommandResult:
    """Edit a secret in $EDITOR, in a file of memory that is gone afterwards."""
    from fairlead.connections.editor import edit

    store = context.store()
    before = store.read(name)
    after = Secret(edit(name, before.reveal(), os.environ))
    if after != before:
        store.write(name, after)
    return CommandResult(
        f"secrets/{name}: {'unchanged' if after == before else 'changed'}",
        {"name": name, "changed": after != before},
    )


def show(context: Any, common: Any, *, name: Name) -> CommandResult:
    """Show a secret: on a terminal, or elsewhere with --yes."""
    if not (sys.stdout.isatty() or common.yes):
        raise CommandLineError(
            "inv secrets.show",
            "stdout is no terminal, and what is shown there stays somewhere",
            "say --yes if that is meant",
        )
    try:
        text = context.store().read(name).reveal().decode()
    except UnicodeDecodeError:
        raise SecretError(f"secrets/{name}", "is no text", "it cannot be shown") from None
    return CommandResult(text, {"name": name, "value": text})


def rekey(context: Any, common: Any) -> CommandResult:
    """Encrypt every secret anew for the recipients of today (asks where you are none of them)."""
    store = context.store()
    if not store.opens() and not context.confirm(
        "None of your keys is in secrets/recipients: you will not be able to read the secrets. Go on?",
        "",
    ):
        raise CommandLineError("inv secrets.rekey", "nothing was changed: the answer was no", "")
    names = store.rekey()
    return CommandResult(
        f"{len(names)} secrets are encrypted for {_who(store.recipients())}", {"rekeyed": [*names]}
    )


def who(context: Any, common: Any) -> CommandResult:
    """Who can read what is set from now on, and which secrets are still encrypted for others."""
    store = context.store()
    people = store.recipients()
    stale = [name for name in store.names() if store.is_stale(name)]
    lines = [
        f"{one.key.split()[0] if one.tag else 'age'}  {one.comment or one.key[-16:]}"
        for one in people
    ]
    lines += [f"{name}: still encrypted for others: inv secrets.rekey" for name in stale]
    return CommandResult(
        "\n".join(lines),
        {
            "recipients": [{"key": one.key, "comment": one.comment} for one in people],
            "stale": stale,
        },
    )


def check(context: Any, common: Any) -> CommandResult:
    """Find secrets that lie open in the tree: private keys, age identities, passwords in sites/*.yml (exit 7)."""
    from fairlead.secrets.scan import exposed

    found = [*exposed(context.store().folder.parent)]
    lines = [
        f"{where}: {what}; move it into the store: inv secrets.set --name=..."
        for where, what in found
    ]
    data = [{"where": where, "what": what} for where, what in found]
    return CommandResult(
        "\n".join(lines or ["no secret lies open here"]),
        data,
        worst(SecretError.code for _ in found),
    )


def _given(name: str, file: str) -> Secret:
    if file:
        try:
            return Secret(Path(file).read_bytes())
        except OSError as error:
            raise CommandLineError(
                "--file", f"{file} cannot be read: {error.strerror}", ""
            ) from None
    if sys.stdin.isatty():
        return _typed(name)
    return Secret.printed(sys.stdin.buffer.read())


def _typed(name: str) -> Secret:
    from getpass import getpass

    first, second = getpass(f"value of {name}: "), getpass("once more: ")
    if first != second:
        raise CommandLineError(
            "inv secrets.set", "the two differ; nothing was changed", "try again"
        )
    return Secret(first)


def _lines(given: str) -> Iterable[str]:
    """What --recipient says: a key, or the lines of a file."""
    if given.startswith(("age1", "ssh-", "ecdsa-", "sk-")):
        return (given,)
    try:
        return [
            line
            for line in Path(given).expanduser().read_text("utf-8").splitlines()
            if line.split("#")[0].strip()
        ]
    except (OSError, UnicodeDecodeError):
        raise CommandLineError(
            "--recipient",
            f"{given[:60]!r} is neither a public key nor a file of them",
            "for instance ~/.ssh/id_ed25519.pub",
        ) from None


def _own(store: Any) -> str:
    """The public half of the key that we would decrypt with."""
    from fairlead.secrets.identities import available, public_keys

    for identity in available(os.environ):
        beside = Path(f"{identity.where}.pub")
        if identity.kind == "age":
            return f"{public_keys(identity)[0]} # {os.environ.get('USER', '')}"
        if beside.is_file():
            return beside.read_text("utf-8").strip()
    raise SecretError(
        "inv secrets.init",
        "you have no key of your own that age knows",
        "make one with ssh-keygen -t ed25519, or name a --recipient",
    )


def _who(people: Iterable[Any]) -> str:
    return ", ".join(one.comment or one.key.split()[-1][-16:] for one in people)
