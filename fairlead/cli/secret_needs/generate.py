"""Secrets made from others: all values in memory first, then all of them put into the age store."""

from collections.abc import Callable, Iterable, Mapping

from fairlead.cli.secret_needs.requirements import Recipes, leaves, onward
from fairlead.cli.secret_needs.state import SecretState
from fairlead.model.errors import CommandLineError, SecretError
from fairlead.model.plan import Secret
from fairlead.runner.context import AGE


def lacking(
    recipes: Recipes, standings: Mapping[str, SecretState], asked: Iterable[str]
) -> tuple[str, ...]:
    """What --generate makes: those that are missing, in the order of their making. Raises SecretError."""
    return _complete(
        recipes,
        standings,
        [name for name in asked if name in recipes and standings[name].state == "missing"],
    )


def anew(
    recipes: Recipes, standings: Mapping[str, SecretState], asked: Iterable[str], named: bool
) -> tuple[str, ...]:
    """What --rotate makes: those that are asked for, of which only leaves unless they were `named`; and all that are made of them.

    Raises CommandLineError for what cannot be made, SecretError for what another store holds or none of our keys opens.
    """
    wanted = frozenset(asked)
    for name in sorted(wanted - set(recipes)) if named else ():
        raise CommandLineError(
            "--name",
            f"{name} is not made by fairlead",
            f"give it a new value: inv secrets.set --name={name}",
        )
    theirs = {name for name in recipes if standings[name].source not in ("", AGE)}
    closed = {name for name in recipes if standings[name].state == "closed"}
    names = onward(recipes, wanted if named else wanted & leaves(recipes) - theirs - closed)
    for name in sorted(names & theirs):
        raise SecretError(
            f"secrets/{name}",
            f"comes from the store {standings[name].source!r}",
            "renew it there, or take it away there",
        )
    for name in sorted(names & closed):
        raise SecretError(
            f"secrets/{name}",
            "is not made anew, for it cannot be opened",
            "inv secrets says why; if it is lost, take its file away",
        )
    return _complete(recipes, standings, names)


def made(
    recipes: Recipes, names: Iterable[str], read: Callable[[str], Secret]
) -> dict[str, Secret]:
    """Their values, each made of new parts where these are among the names. Nothing is written. Raises SecretError."""
    values: dict[str, Secret] = {}
    for name in names:
        spec = recipes[name]
        values[name] = spec.make(
            {part: values[part] if part in values else read(part) for part in spec.of}
        )
    return values


def _complete(
    recipes: Recipes, standings: Mapping[str, SecretState], names: Iterable[str]
) -> tuple[str, ...]:
    """With what they are made of, as far as it is missing; in the order of their making.

    Raises SecretError where something that stays was made of one that is missing: a new one would not fit it.
    """
    found = set(names)
    for name in reversed(recipes):
        found |= {
            part
            for part in recipes[name].of
            if name in found and part in recipes and standings[part].state == "missing"
        }
    for name in sorted(found):
        orphans = [
            other
            for other in sorted(onward(recipes, [name]) - found)
            if standings[other].state != "missing"
        ]
        if orphans:
            what = f"is missing, but what was made of it is there and would not fit a new one: {', '.join(orphans)}"
            raise SecretError(
                f"secrets/{name}",
                what,
                f"bring it back (git, another store), or make all anew: --rotate --name={name}",
            )
    return tuple(name for name in recipes if name in found)
