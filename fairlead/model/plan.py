"""The nouns: frozen data that says what is wanted, known before anything runs."""

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any, Generic, Literal, TypeVar

import msgspec

from fairlead.model.commands import Argv as Argv
from fairlead.model.commands import Command as Command
from fairlead.model.commands import Either as Either
from fairlead.model.commands import Not as Not
from fairlead.model.commands import Noun as Noun
from fairlead.model.commands import Pipe as Pipe
from fairlead.model.commands import Registered as Registered
from fairlead.model.commands import Same as Same
from fairlead.model.commands import Then as Then
from fairlead.model.commands import Word as Word
from fairlead.model.commands import argvs as argvs
from fairlead.model.commands import either as either
from fairlead.model.commands import not_ as not_
from fairlead.model.commands import pipe as pipe
from fairlead.model.commands import same as same
from fairlead.model.commands import then as then
from fairlead.model.errors import PluginError

Options = TypeVar("Options")


class Secret:
    """A value that is never shown, but as ***; `reveal()` is for a host's stdin alone."""

    __slots__ = ("_value",)

    def __init__(self, value: str | bytes):
        self._value = value.encode(errors="surrogateescape") if isinstance(value, str) else value

    @classmethod
    def printed(cls, data: bytes) -> "Secret":
        """What a program printed: a single line without its newline, anything longer as it is.

        The newline is no part of a password.
        """
        return cls(data.removesuffix(b"\n") if data.count(b"\n") == 1 else data)

    def reveal(self) -> bytes:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class Shipment(Noun, kw_only=True):
    """An image that another host has, for one whose step asks for it.

    What that host, `source`, has registered as `key` ends with the image's ID; `read` with the ID
    prints an archive of it there, `write` takes one on stdin, `layers` prints those that are here,
    a list in JSON a line. `archive`: it is this file of this machine, and `source` the folder that
    was named.
    """

    source: str
    key: str = ""
    read: tuple[str, ...] = ()
    write: tuple[str, ...]
    layers: Argv
    archive: str = ""


class Step(Noun, kw_only=True):
    """One change on one host; all times are seconds.

    `unless`: 0 = already so, 1 = not so, anything else = the question failed and nothing is done.
    `undo` must bear a change that did nothing, a half, or all of it; it runs in reverse order for
    every step begun, the failing one included.
    `proof`: does what the undo brought back work? Asked after all undos, at most `proof_within`.
    `until` is asked every `every` seconds after `do` until it answers 0, at most `timeout` long.
    `stdin` reaches `do`, and with `compares` `unless` too: so a secret is compared without a hash
    of it anywhere. What is registered and secret is named there, for a word of a command is seen by
    all of a host's users; nor does `env` ever hold a secret.
    `read_only`: `do` only looks, for the sake of what it registers; it does not count as a change.
    `register`: the name under which a later phase finds what `do` printed (more than 64 KiB fails).
    `fetch_to`: a folder on this machine, into which a file of the host is copied at the end, as
    HOST/NAME: the one whose path `do` printed, and `register` has.
    `fetch_by`: `register` has "NAME ID" of an image in place of a path, and this argv with the ID
    prints an archive of it, which is kept in `fetch_to` (see fairlead.operations.image.shelf).
    `shipment`: an image that comes from another host before the phase begins, where `unless` (an
    argv) says 1; `do` then only puts it in its place.
    `sensitive`: what it prints is neither shown nor journalled.
    `exclusive`: it changes the engine or the network of the host, and takes the host's lock alone.
    `interruptible`: half of what `do` does harms nobody (a pull, a dump, a build): where the run is
    cancelled it is ended at once, as one with an `undo` is.
    `confirm_within`: in which a new connection must have arrived, else the step counts as failed
    and all is undone.
    `gate`: a health gate: where it fails the new version was not healthy (8 once the old is back).
    `progress`: long and talkative: its last line of output is shown while it runs.
    `show_output`: its last line is for people: it stands beside its name where it changed, or where
    it only looked.
    `remedy`: what a person may do about it where it fails.
    `exit_messages`: exit code of `do` -> what it means, where its own words may not be shown.
    `diff`: what it would change in a file, as `diff -u` writes it: shown by --dry-run and
    --explain, and before it is done unless `show_output` tells afterwards.
    `after`: names of steps before it whose change alters the answer to `unless`: where one of them
    would change something, a dry run says that this one would too.
    """

    name: str
    do: Command = ()
    unless: Command | None = None
    undo: Command | None = None
    stdin: str | bytes | Secret | Registered | None = None
    compares: bool = False
    timeout: float = 300
    until: Command | None = None
    every: float = 1
    run_as: str = ""
    cwd: str = ""
    env: tuple[tuple[str, str], ...] = ()
    ok_codes: tuple[int, ...] = (0,)
    read_only: bool = False
    register: str = ""
    fetch_to: str = ""
    fetch_by: tuple[str, ...] = ()
    shipment: Shipment | None = None
    sensitive: bool = False
    exclusive: bool = False
    interruptible: bool = False
    confirm_within: float = 0
    proof: Command | None = None
    proof_within: float = 180
    gate: bool = False
    progress: bool = False
    show_output: bool = False
    remedy: str = ""
    exit_messages: tuple[tuple[int, str], ...] = ()
    diff: str = ""
    after: tuple[str, ...] = ()


class Phase(Noun):
    """The steps of one transaction on one host.

    Phases of one name are one barrier: all hosts end it before any begins the next.

    `rolling`: goes by --batch, and stops at --max-fail. `way_back`: once it has gone well, whether
    what was there before may return: "yes", "state" (with the state of that time), "no", "first"
    (nothing was there); "": not known.
    """

    name: str
    steps: tuple[Step, ...]
    rolling: bool = False
    way_back: Literal["", "yes", "state", "no", "first"] = ""


class Plan(Noun):
    """The phases of one verb: for each, its name and the phase of every host that has one."""

    phases: tuple[tuple[str, Mapping[str, Phase]], ...]


class Fact(Noun):
    """A read-only probe; `timeout` in seconds.

    `parse` gets the exit code and stdout+stderr, whole, and returns the value. More than 4 MiB is
    no answer: the host is refused.
    """

    name: str
    argv: Command
    parse: Callable[[int, str], Any]
    timeout: float = 10


class HostFacts(Noun, kw_only=True):
    """What a host says of itself; 0 and "": not known.

    `time`: seconds since the epoch, by its own clock.
    """

    hostname: str = ""
    user: str = ""
    uid: int = 0
    arch: str = ""
    kernel: str = ""
    os: str = ""
    time: int = 0


class EngineFacts(Noun, kw_only=True):
    """The container engine of a host. All is "" where there is none, or where it was not asked."""

    name: str = ""  # docker or podman
    version: str = ""  # of the client
    server: str = ""  # the version of what answers
    storage: str = ""  # the storage driver
    cgroup: str = ""  # "1" or "2"
    rootless: bool = False
    root: str = ""  # the data directory
    network: str = ""  # what gives containers their network: "netavark 1.14.0"; Podman's alone
    # The controllers of cgroups that can limit containers; None: it does not say
    controllers: tuple[str, ...] | None = None
    error: str = ""  # why it does not answer, in its own words


class Check(Noun, kw_only=True):
    """One question of preflight, answered from the facts."""

    name: str
    ok: bool
    wanted: str
    found: str
    why: str = ""
    remedy: str = ""
    blocks: bool = True  # False: a warning
    fix: tuple[Step, ...] = ()  # what --fix does, where that is safe
    fix_name: str = ""  # such a fix is done only when it is named: --fix=WORD


NOT_KNOWN = "not known"  # the value of a field that could not be asked


class Status(Noun):
    """What `status` answers for one host: is it as asked, and the fields to show, in order.

    A field whose value is NOT_KNOWN, or has it somewhere inside, makes the host not well. `names`:
    what TAB offers from now on, by the word that flags have in `completes` (daos.pools).
    """

    healthy: bool
    fields: tuple[tuple[str, Any], ...]
    names: Mapping[str, tuple[str, ...]] = {}

    @property
    def well(self) -> bool:
        """Is it as asked, as far as everything that was asked is known?"""
        return self.healthy and not any(_is_unknown(value) for _, value in self.fields)


def _is_unknown(value: Any) -> bool:
    """Is a field, or part of one, NOT_KNOWN?"""
    if isinstance(value, Mapping):
        return any(map(_is_unknown, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_is_unknown, value))
    return bool(value == NOT_KNOWN)


class NameList(Noun):
    """Names that a program's output lists, which TAB offers from now on.

    `kind`: the word that flags have in `completes` (daos.pools); `read`: output -> names.
    """

    kind: str
    read: Callable[[str], Iterable[str]]


class Session(Noun):
    """A program to run for its output: `exec`, `logs -f`.

    On one host it may get a terminal; of many hosts equal output is folded.
    `tty_argv`: what is run where it gets a terminal (docker exec -it); None: it never does.
    `fed_argv`: what is run where something is piped into it (docker exec -i); None: the same.
    `follow`: it goes on until Ctrl-C; lines are shown as they come, with the host's name.
    `lists`: what TAB can learn of its output.
    """

    argv: Argv
    tty_argv: Argv | None = None
    fed_argv: Argv | None = None
    follow: bool = False
    lists: NameList | None = None


class SecretSpec(Noun, kw_only=True):
    """What is needed (`about`: what for, in a few words), how it is made and where it lands.

    `path`: where it lands, on the host or inside; "": it is not delivered (the key of a CA).
    `make` gets the values of the secrets that `of` names, which are read or made before it is
    called: prerequisites and recipe, as in a Makefile. None: only people can give it.
    `ends`: when it expires, in seconds since the epoch; None: it does not.
    `lasts`: others are made of it and have to fit it: --rotate makes it anew only by its name.
    `check`: raises SecretError where it cannot be used at a time in seconds since the epoch; gets
    its value and those of the secrets that `fits` names.
    """

    name: str
    about: str = ""
    path: str = ""
    mode: int = 0o600
    owner: str = "root:root"
    make: Callable[[Mapping[str, Secret]], Secret] | None = None
    of: tuple[str, ...] = ()
    ends: Callable[[Secret], float | None] | None = None
    lasts: bool = False
    check: Callable[[Mapping[str, Secret], float], object] | None = None
    fits: tuple[str, ...] = ()


class StoreAccess(Noun):
    """With what a store of secrets answers: its settings, and the two ways out of fairlead.

    Neither way shows what it finds. `settings`: the store's `Settings`, from the site. `variable`:
    a variable of our environment. `run`: argv, seconds -> exit code (124: not in time), stdout,
    stderr.
    """

    settings: Any
    variable: Callable[[str], Secret | None]
    run: Callable[[tuple[str, ...], float], tuple[int, Secret, str]]


class Sequence(Noun, kw_only=True):
    """The way of a verb through a whole system whose hosts cannot be taken one by one.

    Parts of (component, verb), each a barrier. What fails in `before` ends it there. What fails in
    `then`, from which on hosts stand still, ends it too: hosts that the failing part has changed
    already return by `rollback` (all have to be of one version), then `back` is done. `gate`: the
    part of `then` by which all that became new before it proves itself: where it fails, they return
    too, the last first. `whole`: --host is refused; else it goes component by component with
    --host.
    """

    before: tuple[tuple[str, str], ...] = ()
    then: tuple[tuple[str, str], ...]
    back: tuple[tuple[str, str], ...] = ()
    gate: tuple[str, str] = ("", "")
    whole: bool = True


class System(Noun, kw_only=True):
    """A system, as plugins/NAME/__init__.py describes it in a module attribute `system`.

    `components` are modules of that folder in the order in which they start. `tools` are modules
    whose verbs stand only under their own name (`inv perfsonar.psconfig.add`). With `runs_on` the
    steps of all targets are carried out on that one host (a lab on this machine: `local`), in the
    order of the targets; what several ask for in the same words is done once. Those there are told
    apart by the field `apart` of their sections: each has its own lease and lock. `sequences`:
    verbs of the whole system that have a way of their own. `root`: its steps need it, which
    preflight says. `section`: the type of its section of a site, or where that stands in its folder
    ("site.Daos"), for a type that is imported by the lines alone that read a site. `adopts`: the
    module of its folder that recognises what runs already. `package`: the folder as Python knows
    it; whoever loads the plugin fills it in.
    """

    name: str
    about: str
    section: type[msgspec.Struct] | str
    components: tuple[str, ...]
    tools: tuple[str, ...] = ()
    runs_on: str = ""
    apart: str = ""
    sequences: Mapping[str, Sequence] = {}
    root: bool = False
    adopts: str = ""
    package: str = ""

    @property
    def section_type(self) -> type[msgspec.Struct]:
        """The type of its section. Raises PluginError where there is none of its name."""
        if not isinstance(self.section, str):
            return self.section
        module, _, name = self.section.rpartition(".")
        kind = getattr(import_module(f"{self.package}.{module}"), name, None)
        if not isinstance(kind, type):
            what = f"its section {self.section!r} is no type in its folder"
            raise PluginError(self.package, what, 'write section="MODULE.TYPE", or the type itself')
        return kind


class Target(Noun):
    """One component on one host, with the typed section of the site. `peers`: every host of this
    ask, in order, `host` among them; `everywhere`: every host of the component that is not marked
    offline, whatever `--host` says.
    """

    site: str
    host: str
    system: str
    component: str
    section: Any
    peers: tuple[str, ...]
    everywhere: tuple[str, ...] = ()

    def typed(self, verb: str) -> str:
        """What a person types to have a verb of this system on this host alone."""
        return f"inv {self.system}.{verb} --host={self.host}"


class Ask(msgspec.Struct, Generic[Options], frozen=True):
    """The one argument of every hook.

    `Ask[MyOptions]` in a verb's signature is what gives the verb flags of its own.
    `options`: their values; an empty Noun where it has none. `argv`: what followed `--`.
    `secrets`: those that the component's `needs` named for this verb.
    `around`: host -> its facts, of every peer that has answered, this host among them.
    `components`: component -> host -> its facts, of those that this command line did before.
    `who`: user@machine. `revision`: the commit that the site's folder stands at, for a verb that
    changes something; "" where it is in no git repository. `run`: the name of the run; `reason`:
    what for. `sections`: system -> its section, of every system that wraps verbs and has this host.
    """

    verb: str
    target: Target
    facts: Mapping[str, Any]
    options: Options
    argv: tuple[str, ...] = ()
    secrets: Mapping[str, Secret] = {}
    around: Mapping[str, Mapping[str, Any]] = {}
    who: str = ""
    revision: str = ""
    components: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
    run: str = ""
    reason: str = ""
    sections: Mapping[str, Any] = {}

    @property
    def section(self) -> Any:
        """The typed section of the site."""
        return self.target.section

    @property
    def host(self) -> HostFacts:
        """What the host says of itself; empty fields where that is not known."""
        return self.facts.get("host") or HostFacts()

    @property
    def engine(self) -> EngineFacts:
        """The container engine of the host; its `name` is "" where none is known."""
        return self.facts.get("engine") or EngineFacts()

    @property
    def compose(self) -> str:
        """The version of Compose, or "" where none is known; see `facts.compose`."""
        return self.facts.get("compose") or ""

    @property
    def selinux(self) -> str:
        """Enforcing, Permissive or Disabled."""
        return self.facts.get("selinux") or "Disabled"
