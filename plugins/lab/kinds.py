"""What a host is: of which Debian release, with which PID 1 and image store. Its first boot
decides; afterwards it stays so until lab.down."""

from collections.abc import Mapping, Sequence

import msgspec

from fairlead.api import CommandLineError, nodesets

RELEASES = ("bookworm", "trixie", "forky")
CHOICES = {
    "release": RELEASES,
    "init": ("tini", "systemd"),
    "store": ("docker", "containerd"),
}
# what a host is where nothing was asked
DEFAULTS = {"release": "", "init": "tini", "store": "docker"}


class Kind(msgspec.Struct, frozen=True):
    """One host's. Empty: as this machine, with tini, by the engine's own store."""

    release: str = ""
    init: str = ""
    store: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """As lab.sh takes them: release=trixie."""
        fields = msgspec.structs.asdict(self).items()
        return tuple(f"{key}={value}" for key, value in fields if value)


def requested(options: object, host: str, peers: Sequence[str]) -> Kind:
    """What the flags ask for this host; of several that are about it the last counts."""
    return Kind(
        **{
            key: _value(key, values, host, peers)
            for key, values in ((key, getattr(options, key)) for key in CHOICES)
        }
    )


def _value(key: str, values: Sequence[str], host: str, peers: Sequence[str]) -> str:
    """The last of `VALUE` and `HOSTS=VALUE` that is about the host; "" where none is."""
    chosen = ""
    for text in values:
        hosts, _, value = text.rpartition("=")
        if value not in CHOICES[key]:
            what = f"{value!r} is no {key} of a host"
            raise CommandLineError(f"--{key}", what, f"there are: {', '.join(CHOICES[key])}")
        if not hosts or host in nodesets.resolve([hosts], peers, {}, f"--{key}"):
            chosen = value
    return chosen


def known(state: Mapping[str, str]) -> Kind:
    """What the host is, by its status."""
    return Kind(**{key: state.get(key, "") for key in CHOICES})


def booted_as(kind: Kind, state: Mapping[str, str], host: str) -> Kind:
    """What the host will be. One that was booted stays what it is, and is refused another."""
    if state.get("power", "none") == "none":
        _refuse_impossible(kind)
        return kind
    was = known(state)
    for key in CHOICES:
        value, has = getattr(kind, key), getattr(was, key)
        if value not in ("", has or DEFAULTS[key]):
            what = f"{host} was booted with {has or DEFAULTS[key] or 'the files of this machine'}"
            remedy = f"take it down first: inv lab.down --host={host}"
            raise CommandLineError(f"--{key}", what, remedy)
    return was


def _refuse_impossible(kind: Kind) -> None:
    if kind.init == "systemd" and not kind.release:
        what = "systemd boots a tree of its own, not the files of this machine"
        raise CommandLineError("--init", what, "name a release too: --release=trixie")
    if kind.store == "containerd" and kind.release in ("", "bookworm"):
        what = "this store wants Docker 26 or newer, as trixie and forky have it"
        raise CommandLineError("--store", what, "name a release too: --release=trixie")
