"""What one verb of a command line asks for, and the options that every verb takes."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fairlead.model.plan import Noun
from fairlead.model.shares import Pause, Share

# Fields of Common that say how a verb goes over its hosts, and not over which, when or for whom.
LASTING = (
    *("wait", "fanout", "batch", "max_fail", "pause", "order", "timeout"),
    *("skip_preflight", "skip_unreachable", "fix"),
)


class Request(Noun, kw_only=True):
    """One verb of a command line.

    `system` "": every system of the site. `component` "": every component that has the verb, in
    order.
    """

    verb: str
    system: str = ""
    component: str = ""
    options: Mapping[str, Any] = {}  # the verb's own flags, as they were given
    argv: tuple[str, ...] = ()

    @property
    def switches(self) -> tuple[str, ...]:
        """The verb's own flags without a value that were given: --now, --skip-dump."""
        names = (name for name, value in self.options.items() if value is True)
        return tuple(f"--{name.replace('_', '-')}" for name in names)

    @property
    def title(self) -> str:
        """The verb as it is typed behind `inv`: daos.server.up."""
        return ".".join(filter(None, (self.system, self.component, self.verb)))


class Common(Noun, kw_only=True):
    """The options that every verb takes. Times are seconds."""

    site: str = ""
    hosts: tuple[str, ...] = ()
    dry_run: bool = False
    json: bool = False
    explain: bool = False
    yes: bool = False
    wait: float = 0
    fanout: int = 64
    batch: tuple[Share, ...] = ()
    max_fail: Share = Share()
    pause: Pause = Pause()
    order: tuple[str, ...] = ()
    timeout: float = 0
    skip_preflight: bool = False
    skip_unreachable: bool = False
    fix: tuple[str, ...] = ()  # "safe", and the names of fixes that are done only by their name
    fail_on_changed: bool = False
    override: bool = False
    reason: str = ""
    plan: str = ""  # the file in which a dry run is kept

    @property
    def waived(self) -> tuple[str, ...]:
        """What of fairlead's own care was waived, as it was typed; journals say so."""
        flags = {
            "--skip-preflight": self.skip_preflight,
            "--skip-unreachable": self.skip_unreachable,
            "--override": self.override,
        }
        return tuple(flag for flag, is_on in flags.items() if is_on)

    @property
    def only_shows(self) -> bool:
        """Nothing is done: --dry-run or --explain."""
        return self.dry_run or self.explain

    @property
    def typed(self) -> dict[str, Any]:
        """The fields that are other than where nothing is said."""
        plain = Common()
        names = self.__struct_fields__
        return {name: getattr(self, name) for name in names if _differs(self, plain, name)}

    @property
    def lasting(self) -> dict[str, Any]:
        """Of LASTING what was said, as a journal keeps it."""
        return {name: msgspec.to_builtins(value) for name, value in self._said().items()}

    @property
    def words(self) -> tuple[str, ...]:
        """Of LASTING what was said, as it is typed."""
        return tuple(map(_word, self._said().items()))

    def _said(self) -> dict[str, Any]:
        return {name: value for name, value in self.typed.items() if name in LASTING}


def _word(field: tuple[str, Any]) -> str:
    """A field and its value as the option that gives it."""
    name, value = field
    flag = f"--{name.replace('_', '-')}"
    match value:
        case True:
            return flag
        case tuple():
            return f"{flag}={','.join(map(str, value))}"
        case float():
            return f"{flag}={value:g}s"
    return f"{flag}={value}"


def _differs(common: Common, plain: Common, name: str) -> bool:
    return getattr(common, name) != getattr(plain, name)
