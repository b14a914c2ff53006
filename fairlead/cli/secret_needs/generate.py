"""Secrets made from others: all values in memory first, then all of them into the age store."""

from collections.abc import Callable, Iterable, Mapping

from fairlead.cli.secret_needs.requirements import Recipes, leaves, with_dependents
from fairlead.cli.secret_needs.state import SecretState
from fairlead.model.errors import CommandLineError, PluginError, SecretError
from fairlead.model.plan import Secret
from fairlead.runner.context import AGE

States = Mapping[str, SecretState]  # name -> its state now


def missing_names(
    recipes: Recipes,
    states: States,
    names: Iterable[str],
) -> tuple[str, ...]:
    """What --generate makes: those that are missing, in the order of their making.

    Raises SecretError.
    """
    missing = [name for name in names if name in recipes and states[name].state == "missing"]
    return _with_missing_parts(recipes, states, missing)


def rotated_names(
    recipes: Recipes,
    states: States,
    names: Iterable[str],
    by_name: bool,
) -> tuple[str, ...]:
    """What --rotate makes: these and all that are made of them, in the order of their making.

    `by_name`: all of `names`; else only leaves, and only what is ours and opens.
    Raises CommandLineError for what cannot be made, SecretError for what another store holds or
    none of our keys opens.
    """
    chosen = frozenset(names)
    foreign = {name for name in recipes if states[name].source not in ("", AGE)}
    closed = {name for name in recipes if states[name].state == "closed"}
    if by_name:
        _refuse_unmade(recipes, chosen)
        rotated = with_dependents(recipes, chosen)
    else:
        rotated = with_dependents(recipes, chosen & leaves(recipes) - foreign - closed)
    for name in sorted(rotated & foreign):
        what = f"comes from the store {states[name].source!r}"
        remedy = "renew it there, or take it away there"
        raise SecretError(f"secrets/{name}", what, remedy)
    for name in sorted(rotated & closed):
        what = "is not made anew, for it cannot be opened"
        remedy = "inv secrets says why; if it is lost, take its file away"
        raise SecretError(f"secrets/{name}", what, remedy)
    return _with_missing_parts(recipes, states, rotated)


def _refuse_unmade(recipes: Recipes, names: frozenset[str]) -> None:
    for name in sorted(names - set(recipes)):
        what = f"{name} is not made by fairlead"
        remedy = f"give it a new value: inv secrets.set --name={name}"
        raise CommandLineError("--name", what, remedy)


def make_values(
    recipes: Recipes, names: Iterable[str], read: Callable[[str], Secret]
) -> dict[str, Secret]:
    """Their values, each made of new parts where these are among the names.

    Nothing is written. Raises SecretError.
    """
    values: dict[str, Secret] = {}
    for name in names:
        spec = recipes[name]
        if spec.make is None:
            raise PluginError(f"the secret {name}", "cannot be made", "give it a `make`")
        parts = {part: values[part] if part in values else read(part) for part in spec.of}
        values[name] = spec.make(parts)
    return values


def _with_missing_parts(
    recipes: Recipes,
    states: States,
    names: Iterable[str],
) -> tuple[str, ...]:
    """These and what they are made of, as far as it is missing; in the order of their making.

    Raises SecretError where something that stays was made of one that is missing: a new one
    would not fit it.
    """
    chosen = set(names)
    for name in reversed(list(recipes)):
        if name in chosen:
            parts = [part for part in recipes[name].of if part in recipes]
            chosen.update(part for part in parts if states[part].state == "missing")
    for name in sorted(chosen):
        dependents = sorted(with_dependents(recipes, [name]) - chosen)
        orphans = [other for other in dependents if states[other].state != "missing"]
        if orphans:
            raise _orphaned(name, orphans)
    return tuple(name for name in recipes if name in chosen)


def _orphaned(name: str, orphans: list[str]) -> SecretError:
    what = (
        "is missing, but what was made of it is there and would not fit a new one: "
        f"{', '.join(orphans)}"
    )
    remedy = f"bring it back (git, another store), or make all anew: --rotate --name={name}"
    return SecretError(f"secrets/{name}", what, remedy)
