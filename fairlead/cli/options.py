"""The options of a whole command line, wherever they stand in it, and what followed `--`.

Invoke gives a flag to one task of a chain; `inv daos.down daos.up --dry-run` would take DAOS down
for real. So these are read here, from argv.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fairlead.model import shares
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Noun
from fairlead.model.shares import Pause
from fairlead.model.suggest import did_you_mean

SECONDS = {
    "": 1,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}
ASK = "ask"  # the value of --pause alone
FIELDS = {"host": "hosts", "fail-on": "fail_on_changed"}  # option -> field, where they differ


def duration(text: str) -> float:
    """Seconds of `90`, `30s`, `5m`, `1h`, `1.5h`, `2d` or `4w`. Raises ValueError."""
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([smhdw]?)", text)
    if not match:
        raise ValueError("is no duration; write 30s, 5m, 1h, 2d, 4w or plain seconds")
    return float(match[1]) * SECONDS[match[2]]


def number(text: str) -> int:
    """A whole number that is not negative. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError("is no whole number; write digits alone")
    return int(text)


def _fails_on_changed(text: str) -> bool:
    """The one word that --fail-on takes. Raises ValueError."""
    if text != "changed":
        raise ValueError("is nothing to fail on; there is --fail-on=changed")
    return True


def _pause(text: str) -> Pause:
    """A duration, or the word for a question. Raises ValueError."""
    return Pause(asks=True) if text == ASK else Pause(duration(text))


class Option(Noun):
    """One option that every verb takes.

    `read` turns its text into the value and says in a ValueError what is wrong ("what; remedy");
    None: a flag without a value.
    """

    name: str
    about: str
    read: Callable[[str], Any] | None = None
    many: bool = False
    alone: str = ""  # the value that it has where it is given without one

    @property
    def flag(self) -> str:
        return f"--{self.name}"

    @property
    def field(self) -> str:
        """The field of Common that it fills."""
        return FIELDS.get(self.name, self.name.replace("-", "_"))


COMMON = (
    Option("site", "Which site: a name under sites/, or a file.", str),
    Option(
        "host",
        "Only these hosts: a node set like n[1-3]; may be given several times.",
        str,
        many=True,
    ),
    Option("dry-run", "Show what would change; change nothing."),
    Option("plan", "Show what would change, and keep it in this file for `inv apply FILE`.", str),
    Option("json", "Print one JSON document (docs/json.md)."),
    Option("explain", "Print what a person would type; do nothing."),
    Option("yes", "Answer yes to questions; never to one that destroys data."),
    Option("wait", "How long to wait for another run's lock: 30s, 5m, 1h.", duration),
    Option("fanout", "How many hosts at the same time (64).", number),
    Option(
        "batch",
        "How many hosts per batch of a rolling change: 2, or 1,5,25%,100% (the last is repeated).",
        shares.sizes,
    ),
    Option(
        "max-fail",
        "How many hosts may fail, 2 or 10%, before the others are left as they are (0).",
        shares.share,
    ),
    Option(
        "pause",
        "Ask between two batches whether to go on; --pause=10m: wait so long.",
        _pause,
        alone=ASK,
    ),
    Option(
        "order",
        "Which hosts go first: a node set; may be given several times, in their order.",
        str,
        many=True,
    ),
    Option("timeout", "Give up on a host that is silent so long: 30s, 5m, 1h.", duration),
    Option("skip-preflight", "Do not ask preflight first; the journal says so."),
    Option("skip-unreachable", "Leave out the hosts that cannot be reached."),
    Option(
        "fix",
        "preflight: apply the fixes that are safe; --fix=WORD, one that is done only when "
        "it is named.",
        str,
        many=True,
        alone="safe",
    ),
    Option(
        "fail-on",
        "--fail-on=changed ends with 9 where something changed or would.",
        _fails_on_changed,
    ),
    Option("override", "Go on outside of the site's windows; the journal says so."),
    Option("reason", "What for: a ticket, a few words; it stands in all journals.", str),
)
# command -> what its bare word is
BARE = {"new-plugin": "--name", "apply": "--file", "bundle": "--file", "unbundle": "--file"}
BY_FLAG = {option.flag: option for option in COMMON}


def split_words(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The command line proper, and the words after `--`; None when there is no `--`."""
    body = tuple(argv)
    if "--" not in body:
        return body, None
    cut = body.index("--")
    return body[:cut], body[cut + 1 :]


def common_options(
    body: Sequence[str], takes_value: Callable[[str, str], bool]
) -> Iterator[tuple[Option, str]]:
    """Each common option of a command line with its text, in order. Raises CommandLineError.

    `takes_value(task, flag)` knows the flags of the tasks' own. A flag without a value has the
    text "". A value may stand behind `=` or as the next word; it is neither empty nor begins
    with `-`.
    """
    words, task = iter(body), ""
    for word in words:
        flag, equals, text = word.partition("=")
        option = BY_FLAG.get(flag)
        if not word.startswith("-"):
            task = word
        elif option is None:
            if takes_value(task, flag) and not equals:
                next(words, "")
        elif option.read is None:
            if equals:
                raise _no_value(flag, text)
            yield option, ""
        elif option.alone and not equals:
            yield option, option.alone
        else:
            yield option, checked_text(flag, text if equals else next(words, "-"))


def with_lone_values(argv: Sequence[str]) -> list[str]:
    """The command line with its value behind every option that may stand alone."""
    body, words = split_words(argv)
    alone = {flag: f"{flag}={option.alone}" for flag, option in BY_FLAG.items() if option.alone}
    after = () if words is None else ("--", *words)
    return [*(alone.get(word, word) for word in body), *after]


def with_bare_word(argv: Sequence[str]) -> list[str]:
    """`inv new-plugin NAME`, `inv apply FILE` and their like as elsewhere: --name=NAME."""
    words = list(argv)
    flag = BARE.get("".join(words[1:2]))
    if flag and words[2:3] and not words[2].startswith("-"):
        words[2] = f"{flag}={words[2]}"
    return words


def _no_value(flag: str, text: str) -> CommandLineError:
    what = f"takes no value, but was given {text!r}"
    return CommandLineError(flag, what, f"write {flag} alone, or leave it out")


def checked_text(flag: str, text: str) -> str:
    """The text of a value, if it can be one. Raises CommandLineError."""
    if not text.strip():
        what, remedy = "was given empty (an unset variable?)", "give it a value, or leave it out"
        raise CommandLineError(flag, what, remedy)
    if text.startswith("-"):
        what = "needs a value, and a value does not begin with '-'"
        raise CommandLineError(flag, what, f"write {flag}=VALUE")
    return text


def common_fields(pairs: Iterable[tuple[Option, str]]) -> dict[str, Any]:
    """The fields of Common, as far as they were given.

    Several --host are united; one option with two different values raises CommandLineError.
    """
    texts: dict[Option, list[str]] = {}
    for option, text in pairs:
        texts.setdefault(option, []).append(text)
    return {
        option.field: _value(option, tuple(dict.fromkeys(values)))
        for option, values in texts.items()
    }


def _value(option: Option, texts: tuple[str, ...]) -> Any:
    if option.read is None:
        return True
    if option.many:
        return texts
    if len(texts) > 1:
        what = f"was given as {' and as '.join(map(repr, texts))}"
        remedy = "it holds for the whole command line: give it once"
        raise CommandLineError(option.flag, what, remedy)
    return read_value(option.flag, texts[0], option.read)


def read_value(
    flag: str,
    text: str,
    read: Callable[[str], Any],
) -> Any:
    """The value that `read` makes of a text.

    Its ValueError ("what; remedy") becomes a CommandLineError that names the flag.
    """
    try:
        return read(text)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise CommandLineError(flag, f"{text!r} {what}", remedy) from None


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy that names the known word nearest to this one; "" if none is near."""
    bare = {name.lstrip("-"): name for name in known}
    return did_you_mean(word.lstrip("-"), bare, bare.__getitem__, likeness=0.55).strip()
