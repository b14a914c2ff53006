"""A container as data, and the command lines that speak of it.

Each builder is one expression; docker and podman take the same words.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from fairlead.model.plan import Argv, Ask, Command, Noun, Session, Word, either, same, then
from fairlead.model.processes import SESSION
from fairlead.operations import script
from fairlead.operations.argv.flags import unclaimed
from fairlead.operations.digest import sha256

SPEC = "fairlead.spec"
STEADY = 6  # seconds that a main process has to live before it may count as healthy

sh = script.beside(__file__)


class Volume(Noun):
    """A directory of the container that outlives it.

    `config`: begins as the image has it, and is merged at an upgrade: what nobody changed becomes
    the new image's, what somebody changed stays. `data`: begins as the image has it and is never
    merged. `keep` names entries of a `config` volume that belong to the data.
    """

    path: str
    kind: Literal["config", "data"] = "data"
    keep: tuple[str, ...] = ()


class Container(Noun, kw_only=True):
    """A container as it should be.

    `options` are the flags of `docker run`, word by word, after `--name`; times are seconds.
    """

    name: str
    image: str  # repository:tag
    options: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    detach: str = "-d"
    create: bool = False  # made by `docker create`, then started
    # What gives it its network whenever it has started; its name or ID stands behind these words
    attach: Argv = ()
    engine: str = "docker"
    root: str = ""  # where its state lies on the host: ROOT/current/..., and the copies beside it
    state: tuple[Volume, ...] = ()
    # Asked inside the container: exit 0 = healthy. None given: it is so when it runs
    healthy: tuple[str, ...] = ()
    # TCP ports of the host's network on which it answers that question: it has to listen there
    # itself, for another container on them would answer in its place
    listens: tuple[int, ...] = ()
    patience: float = 180  # how long it may take to become healthy
    steady: int = STEADY
    verify: tuple[str, ...] = ()  # run inside before and after an upgrade: it has to print the same
    dump: tuple[str, ...] = ()  # prints the logical backup of its database, inside
    dump_as: str = ""  # the user in the container who may
    # May the old image run on what the new one left? "state": only with the state of that time
    reversible: Literal["yes", "state", "no"] = "state"
    restart: str = "unless-stopped"
    stop_timeout: int = 30
    labels: tuple[tuple[str, str], ...] = ()
    # What it keeps of one that somebody started by hand: flags of `docker run`, --FLAG=VALUE each
    kept: tuple[str, ...] = ()
    # How such flags begin that are not kept: what another tool gave it, and it can do without
    not_kept: tuple[str, ...] = ()
    own_units: tuple[str, ...] = ()  # units that start such a one, and that its component puts away
    relabel: bool = False  # :z on what we mount, where SELinux enforces
    service: str = ""  # its name in a compose file
    compose: tuple[str, ...] = ()  # launched by Compose from these files; the last is ours
    project: str = ""  # the Compose project it shares with other components; "": one of its own
    # Where Compose finds the variables of its files; "": beside the first of them
    env_file: str = ""
    # The command line that builds its image on this host; "": a registry has it
    built_by: str = ""

    def place(self, volume: Volume) -> str:
        """Where a volume lies on the host."""
        return f"{self.root}/current{volume.path}"


def container(ask: Ask, **fields: Any) -> Container:
    """A Container with the labels of this target, and with :z on its volumes where SELinux enforces
    on this host.
    """
    target = ask.target
    labels = (
        ("fairlead.site", target.site),
        ("fairlead.system", target.system),
        ("fairlead.component", target.component),
    )
    relabel = ask.selinux == "Enforcing"
    kept = (ask.facts.get("kept") or {}).get(fields.get("name"), ())
    known = {"service": target.component, "kept": kept, **fields}
    c = Container(labels=labels, relabel=relabel, **known)
    if c.engine == "podman":
        image = made_here(c.image, c.engine) if c.built_by else qualified(c.image)
        return msgspec.structs.replace(c, image=image)
    return c


def qualified(image: str) -> str:
    """An image with its registry.

    Docker takes Docker Hub where none is named; Podman refuses, asks, or tries the host's own list.
    """
    if registry(image):
        return image
    return f"docker.io/{image}" if "/" in image else f"docker.io/library/{image}"


def made_here(image: str, engine: str) -> str:
    """The name of an image that its host has made; Podman calls it localhost/NAME."""
    return f"localhost/{image}" if engine == "podman" and not registry(image) else image


def registry(reference: str) -> str:
    """The registry that a reference names; "" for Docker Hub."""
    first, slash, _ = reference.partition("/")
    is_host = bool(set(".:") & set(first)) or first == "localhost"
    return first if slash and is_host else ""


# What it is made of


def run(c: Container) -> Argv:
    """The whole `docker run` (or create) line.

    The container's own flags come first, then what fairlead adds, the image, the command.
    """
    return (
        c.engine,
        _verb(c),
        *_own(c),
        *additions(c),
        "--label",
        f"{SPEC}={spec(c)}",
        c.image,
        *c.command,
    )


def additions(c: Container) -> tuple[str, ...]:
    """What fairlead adds to a container: volumes, what is kept, restart policy, time to stop,
    labels.
    """
    return (
        *_words("-v", mounts(c)),
        *kept(c),
        "--restart",
        c.restart,
        "--stop-timeout",
        str(c.stop_timeout),
        *_words("--label", (f"{k}={v}" for k, v in c.labels)),
    )


def mounts(c: Container) -> tuple[str, ...]:
    """Its volumes, as -v takes them."""
    label = ":z" if c.relabel else ""
    return tuple(f"{c.place(v)}:{v.path}{label}" for v in c.state)


def kept(c: Container) -> tuple[str, ...]:
    """What it keeps of the one before it, where nothing of its own says otherwise."""
    return unclaimed(c.kept, c.options, mounts(c))


def spec(c: Container) -> str:
    """A hash of all that makes the container what it is; its label answers "is it already so?".

    Whose it is does not count: sites are renamed.
    """
    words = (
        _verb(c),
        *_own(c),
        *additions(msgspec.structs.replace(c, labels=())),
        *c.compose,
        c.image,
        *c.command,
    )
    return sha256(json.dumps(words))[:16]


def _verb(c: Container) -> str:
    return "create" if c.create else "run"


def _own(c: Container) -> tuple[str, ...]:
    has_name = f"--name={c.name}" in c.options  # where a document has it among its flags
    name = () if has_name else ("--name", c.name)
    return (c.detach, *name, *c.options)


def _words(flag: str, values: Iterable[str]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (flag, value))


# One command each


def with_tag(image: str) -> str:
    """An image with its tag.

    The engines read a name without one as `latest` when they run it, and as all when they list.
    """
    has_tag = ":" in image.rpartition("/")[2] or "@" in image
    return image if has_tag else f"{image}:latest"


# The remedy where a pull fails
NOT_PULLED = "check its name and tag in the site, and the way to its registry"


def pull(c: Container) -> Argv:
    return (c.engine, "pull", c.image)


def launch(c: Container) -> Command:
    """It is made, it is started, it has its network."""
    return then(run(c), start(c)) if c.create else _attached(c, run(c))


def start(c: Container, which: str = "") -> Command:
    words = (c.engine, "start", which or c.name)
    return _attached(c, _else_ended(c, words, which), which)


def _attached(c: Container, started: Command, which: str = "") -> Command:
    return then(started, (*c.attach, which or c.name)) if c.attach else started


def _else_ended(c: Container, words: Argv, which: str = "") -> Command:
    """Do what the words say. Where Podman cannot, for it waits for the end of a container that
    nobody watches any more, it learns of that end, and does.
    """
    if c.engine != "podman":
        return words
    return either(words, then(sh("ended", which or c.name), words))


def stop(c: Container, which: str = "") -> Command:
    words = (c.engine, "stop", "-t", str(c.stop_timeout), which or c.name)
    if c.engine != "podman":
        return words
    return then(words, either(sh("ended", which or c.name), ("true",)))


def restart(c: Container) -> Command:
    words = (c.engine, "restart", "-t", str(c.stop_timeout), c.name)
    return _attached(c, _else_ended(c, words))


def remove(c: Container, which: str = "") -> Argv:
    return (c.engine, "rm", "-v", which or c.name)


def rename(c: Container, which: str, name: str) -> Argv:
    return (c.engine, "rename", which, name)


def tag(c: Container, image: str, name: str) -> Argv:
    return (c.engine, "tag", image, with_tag(name))


def policy(c: Container, which: str, word: str) -> Argv:
    """Change the restart policy of a container."""
    return (c.engine, "update", f"--restart={word or 'no'}", which)


def inside(
    c: Container,
    *words: Word,
    tty: bool = False,
    fed: bool = False,
    user: str = "",
    session: bool = False,
) -> Argv:
    """Run words in the container: with a terminal, or `fed` by what is piped in, or neither.

    `session`: they end with the session that they are.
    """
    return (
        c.engine,
        "exec",
        *(("-it" if tty else "-i",) if tty or fed else ()),
        *(("--user", user) if user else ()),
        *(("--env", SESSION) if session else ()),
        c.name,
        *words,
    )


def session(c: Container, *words: Word, user: str = "") -> Session:
    """Words in the container for their output; with a terminal they get one."""

    def opened(tty: bool = False, fed: bool = False) -> Argv:
        return inside(c, *words, tty=tty, fed=fed, user=user, session=True)

    return Session(opened(), tty_argv=opened(tty=True), fed_argv=opened(fed=True))


def logs(c: Container, tail: str, follow: bool) -> Argv:
    return (c.engine, "logs", *(("-f",) if follow else ()), "--tail", tail, c.name)


# Questions: 0 yes, 1 no, anything else: the engine did not answer


# The states in which an engine keeps a container going
ALIVE = {"docker": ("running", "restarting", "paused"), "podman": ("running", "paused")}


def pattern(name: str) -> str:
    """The filter that finds exactly this container; the engines read it as a regular expression."""
    return f"name=^{re.escape(name)}$"


def is_right(c: Container) -> Command:
    """Does it run, and is it as the site says?"""
    return _listed(c, "--filter", f"label={SPEC}={spec(c)}", "--filter", "status=running")


UNKNOWN = ("", "0")  # the process of a container of which nothing is known


def process(container: str, pid: int) -> tuple[str, str]:
    """The main process of the container of this ID, as the programs in shell/ name it."""
    return container, str(pid)


def lives(container: str, pid: str) -> Command:
    """Does the container of this ID still run in this main process? The kernel knows: no start of
    the engine's program is needed.
    """
    return sh("lives", container, pid)


def is_running(c: Container) -> Command:
    return _listed(c, "--filter", "status=running")


def is_stopped(c: Container) -> Command:
    """Is it at rest, or not there? One that crashes again and again (restarting) is not at rest: it
    comes back, and no engine removes it.
    """
    states = (word for state in ALIVE[c.engine] for word in ("--filter", f"status={state}"))
    words = ("container", "ls", "-a", "--filter", pattern(c.name), *states)
    return same((c.engine, *words, "--format", "{{.Names}}"), "")


def _listed(c: Container, *filters: str) -> Command:
    words = ("container", "ls", "-a", "--filter", pattern(c.name), *filters)
    return same((c.engine, *words, "--format", "{{.Names}}"), c.name)


def is_gone(c: Container, name: str = "") -> Command:
    return same((c.engine, "container", "ls", "-aq", "--filter", pattern(name or c.name)), "")


def is_lost(c: Container, id_: str) -> Command:
    """Is the container of this ID gone, whatever its name was?"""
    return same((c.engine, "container", "ls", "-aq", "--filter", f"id={id_}"), "")


def is_healthy(c: Container, process: tuple[str, str] = UNKNOWN) -> Command:
    """Is it well by its own word, and is the word its own? `process`: the main one that it had."""
    if not c.healthy:
        return is_running(c)
    if not c.listens:
        return inside(c, *c.healthy)
    ports = map(str, c.listens)
    return then(sh("listens_itself", c.engine, c.name, *process, *ports), inside(c, *c.healthy))


def has_image(c: Container) -> Command:
    return sh("has_image", c.engine, with_tag(c.image))
