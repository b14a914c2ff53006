"""The known name that a misspelt one was meant to be, in the words of an error's remedy."""

from collections.abc import Callable, Collection, Iterable


def did_you_mean(
    name: str,
    known: Iterable[str],
    shown: Callable[[str], str] = str,
    likeness: float = 0.6,
) -> str:
    """`did you mean NAME? ` with the known name nearest to `name`; "" where none is near.

    `shown` writes the name as the reader would type it; `likeness` (0 to 1) is how near it has
    to be, as difflib counts it.
    """
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), 1, likeness)
    return f"did you mean {shown(near[0])}? " if near else ""


def suggestion(name: str, known: Collection[str]) -> str:
    """The remedy for a name that is not known: the nearest known one, then all of them."""
    return did_you_mean(name, known) + f"known: {', '.join(known) or 'none'}"
