"""The flags of one task: what the fields of a verb's options, or a command's parameters, mean."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from invoke import Argument

from fairlead.cli.options import Option
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import Noun

# What a flag is that is not described where it stands: such a word has one meaning in the house
USUAL: Mapping[str, str] = {
    "all": "Those that ended well too.",
    "forward": "Leave what was done, and plan anew.",
    "run": "Which run: its name, as inv runs.list shows it.",
    "since": "How far back: 2d, 4w.",
    "system": "Only of this system.",
    "who": "Only those of whom this is part of the name.",
}
Command = Callable[..., Any]
MANY = (list, tuple, set, frozenset)


class Flag(Noun):
    """One flag of a task's own. Its text becomes a value when the task's options are made.

    `annotation`: the type of its value, with a msgspec.Meta where it has a description.
    """

    name: str
    annotation: Any
    default: Any
    required: bool

    @property
    def words(self) -> str:
        """The flag as it is typed, without the dashes. `from_` is --from, a word of Python's."""
        return self.name.rstrip("_").replace("_", "-")

    @property
    def is_switch(self) -> bool:
        return self._type is bool

    @property
    def is_many(self) -> bool:
        """May it be given several times?"""
        return getattr(self._type, "__origin__", self._type) in MANY

    @property
    def _type(self) -> Any:
        return getattr(self.annotation, "__origin__", self.annotation)

    @property
    def about(self) -> str:
        """What it is, in the words of the verb, else in those of its type."""
        notes = getattr(self.annotation, "__metadata__", ())
        descriptions = (getattr(note, "description", None) for note in notes)
        usual = USUAL.get(self.words, "")
        return next(filter(None, reversed([*descriptions])), usual)

    @property
    def short(self) -> str:
        """Its letter, for instance f for -f; "" without one."""
        notes = getattr(self.annotation, "__metadata__", ())
        extras = (getattr(note, "extra", None) or {} for note in notes)
        return next((extra["short"] for extra in extras if "short" in extra), "")

    @property
    def completes(self) -> str:
        """What TAB offers as its value: secrets, sources, or names that hosts tell (daos.pools)."""
        return self._words.get("completes", "")

    @property
    def is_learned(self) -> bool:
        """Is its value a name that only hosts know?"""
        return "." in self.completes

    @property
    def is_end(self) -> bool:
        """Is there nothing more of this name once the verb has ended well?"""
        return "ends" in self._words

    @property
    def _words(self) -> Mapping[str, str]:
        from fairlead.inventory import kinds

        return kinds.words(self.annotation)

    def argument(self) -> Argument:
        """The flag for Invoke's parser. A value stays text; None means that it was not given."""
        names = (self.words, self.short) if self.short else (self.words,)
        return Argument(
            names=names,
            attr_name=self.name if self.name != self.words else None,
            kind=self._kind(),
            default=True if self.is_switch and self.default is True else None,
            help=self._help(),
        )

    def _kind(self) -> type:
        if self.is_switch:
            return bool
        return list if self.is_many else str

    def _help(self) -> str:
        if self.required:
            return f"{self.about.rstrip('.')}. Must be given."
        if self.is_switch or self.default in (None, "", (), []):
            return self.about
        return f"{self.about} ({self.default})"


class NameUse(Noun):
    """A name that a flag was given, of a kind that TAB learns; `is_end`: it is no more after it."""

    kind: str
    name: str
    is_end: bool


def common_argument(option: Option) -> Argument:
    """A common option for Invoke's parser, which only has to let it pass.

    fairlead.cli.options reads it.
    """
    if option.alone:
        return Argument(
            names=(option.name,),
            kind=list,
            optional=True,
            help=option.about,
        )
    kind = bool if option.read is None else list
    return Argument(names=(option.name,), kind=kind, help=option.about)


def function_flags(function: Callable[..., Any]) -> tuple[Flag, ...]:
    """The flags that the keyword-only parameters of a function mean."""
    import inspect

    parameters = inspect.signature(function, eval_str=True).parameters.values()
    return tuple(
        Flag(
            parameter.name,
            parameter.annotation,
            None if parameter.default is parameter.empty else parameter.default,
            parameter.default is parameter.empty,
        )
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY
    )


def spread(command: Command) -> Command:
    """The command with a flag for each field of the Struct that its parameter `flags` is."""
    import inspect
    from functools import wraps

    import msgspec

    signature = inspect.signature(command, eval_str=True)
    own = [each for each in signature.parameters.values() if each.name != "flags"]
    struct = signature.parameters["flags"].annotation
    fields = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=field.type
        )
        for field in msgspec.structs.fields(struct)
    ]

    @wraps(command)
    def spreading(*words: Any, **values: Any) -> Any:
        of_struct = {name: values.pop(name) for name in values.keys() & names}
        return command(*words, **values, flags=struct(**of_struct))

    names = frozenset(field.name for field in fields)
    vars(spreading)["__signature__"] = signature.replace(parameters=[*own, *fields])
    return spreading


def struct_flags(options: type) -> Iterator[Flag]:
    """The flags that a msgspec.Struct of options means."""
    import msgspec

    for field in msgspec.structs.fields(options):
        default = None if field.default is msgspec.NODEFAULT else field.default
        yield Flag(field.encode_name, field.type, default, field.required)


def option_values(
    path: str,
    flags: Iterable[Flag],
    raw: Mapping[str, Any],
) -> dict[str, Any]:
    """The values of all these flags by name, of those that were not given the default.

    `path`: the task, for errors; `raw`: name -> text, switch or list of texts.
    Raises CommandLineError.
    """
    import msgspec

    fields = [_field(flag) for flag in flags]
    options = msgspec.defstruct("options", fields, kw_only=True)
    return msgspec.structs.asdict(checked_options(path, options, raw))


def _field(flag: Flag) -> tuple[str, Any] | tuple[str, Any, Any]:
    """A field of a Struct, as msgspec.defstruct takes it."""
    if flag.required:
        return (flag.name, flag.annotation)
    return (flag.name, flag.annotation, flag.default)


def checked_options(
    path: str,
    options: type[Any],
    raw: Mapping[str, Any],
) -> Any:
    """The Struct of options, made of text. Raises CommandLineError that names the task."""
    from fairlead.inventory.validation import flags

    try:
        return flags(raw, options)
    except CommandLineError as error:
        remedy = error.remedy or f"see inv {path} --help"
        raise CommandLineError(f"inv {path} {error.where}", error.what, remedy) from None


def as_typed(value: Any) -> Any:
    """A word of the command line for a host: the bytes that were typed, whatever our locale makes
    of them. They are read as UTF-8, as the site file is, and those that are none stay (as
    surrogates). Paths of this machine are left to the locale.
    """
    if isinstance(value, list):
        return [as_typed(item) for item in value]
    return os.fsencode(value).decode(errors="surrogateescape") if isinstance(value, str) else value
