"""What one command line acts with: plugins, site, observers, open connections, secrets."""

import copy
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError, SecretError, SecretToMake
from fairlead.model.plan import Noun, Secret, StoreAccess
from fairlead.model.results import Observer
from fairlead.remote.link import Link, waits
from fairlead.secrets.redaction import Redactor

if TYPE_CHECKING:
    from fairlead.connections import Connection
    from fairlead.inventory.hosts import Host
    from fairlead.inventory.site import Site
    from fairlead.secrets.store import Store

AGE = "age file"


class StoredSecret(Noun):
    """A secret, and where it comes from: AGE, or the name of a store."""

    value: Secret
    source: str


class Context:
    """What one command line acts with.

    Nothing reaches the observers but through `notify`, which redacts every secret that this
    command line has read.
    """

    def __init__(
        self,
        plugins: Plugins,
        site: Callable[[], "Site"],
        observers: Iterable[Observer],
        confirm: Callable[[str, str], bool],
        connect: "Callable[[Host, Site], Connection] | None" = None,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
        store: "Callable[[], Store] | None" = None,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        past: Callable[[], Iterable[Mapping[str, Any]]] = tuple,
    ):
        """`site` and `store` are read when they are first needed, once; `past` are the lines of the
        journal here, the newest first.

        `confirm` asks a question (and the word that has to be typed); `aside` stops the live
        display while a person is asked something. `folder`: what is remembered on this machine.
        """
        self.plugins = plugins
        self.site = site
        self.observers = tuple(observers)
        self.confirm = confirm
        self.store = store
        self.folder = folder
        self.past = past
        self.keep_plans: Callable[..., None] | None = None  # see PlanKeeper.take
        self.redactor = Redactor()
        self._connect = connect or self._dial
        self._connect_anew = connect or self._dial_anew
        self._aside = aside
        self._environment = environment or {}
        self._stored: dict[str, StoredSecret] = {}  # what stores other than the age store gave
        self._links: dict[str, Link[Connection]] = {}
        self._number = 0
        self._lock = threading.RLock()

    def for_site(self, site: "Site") -> "Context":
        """The same connections and secrets for another site of the same hosts, and no observer."""
        other = copy.copy(self)
        other.site = lambda: site
        other.observers = ()
        return other

    # hosts

    def link(
        self,
        host: str,
        timeout: float = 0,
    ) -> "Link[Connection]":
        """The one link to a host, kept for the whole command line.

        A host that is silent for `timeout` seconds is given up.
        """
        site = self.site()

        def connect() -> "Connection":
            return self._connect(site.hosts[host], site)

        def connect_anew() -> "Connection":
            return self._connect_anew(site.hosts[host], site)

        with self._lock:
            if host not in self._links:
                self._links[host] = Link(host, connect, *waits(timeout), connect_anew)
            return self._links[host]

    def next_number(self) -> int:
        """The number of the next transaction: unique in a command line."""
        self._number += 1
        return self._number

    def close(self) -> None:
        for link in self._links.values():
            link.close()

    # observers

    def notify(self, event: str, *words: object) -> None:
        """Call the method `event` of every observer, redacted, from one thread at a time."""
        with self._lock:
            for name, redacted in self.redactor.redact_event(event, words):
                for observer in self.observers:
                    getattr(observer, name)(*redacted)

    @contextmanager
    def unobserved(self) -> Iterator[None]:
        """Nobody sees or journals what is performed within: the caller says what came of it."""
        observers, self.observers = self.observers, ()
        try:
            yield
        finally:
            self.observers = observers

    @contextmanager
    def redacted_errors(self) -> Iterator[None]:
        """What leaves it as an error holds no secret that is known by then.

        Other exceptions too: a bug of a plugin may say anything.
        """
        try:
            yield
        except FairleadError as error:
            raise self.redactor.cut_error(error) from error.__cause__
        except Exception as error:
            error.args = self.redactor.cut(error.args)
            raise

    # secrets

    def secret(self, name: str, making: str = "") -> Secret:
        """The value of a secret, which from now on is never shown.

        Raises SecretError; SecretToMake where it is nowhere and the command `making` makes it.
        """
        stored = self.find_secret(name)
        if stored:
            return stored.value
        where, what = f"secrets/{name}", "there is no such secret"
        if making:
            raise SecretToMake(where, what, making)
        raise SecretError(where, what, f"inv secrets.set --name={name}")

    def find_secret(
        self,
        name: str,
        quietly: bool = False,
    ) -> StoredSecret | None:
        """A secret and where it comes from; None: nowhere. From now on it is never shown.

        Its age file comes first, then the stores of the site in their order. `quietly` nobody is
        asked for a passphrase and no program is run. Raises SecretError.
        """
        store = self._age_store(name)
        if name in store:
            stored: StoredSecret | None = StoredSecret(store.read(name, quietly), AGE)
        else:
            stored = self._stored.get(name) or self._ask_stores(name, quietly)
        if stored:
            self.redactor.add(stored.value)
        return stored

    def write_secrets(self, values: Mapping[str, Secret]) -> None:
        """Put new secrets into the age store, all or none. Raises SecretError."""
        for value in values.values():
            self.redactor.add(value)
        self._age_store(next(iter(values), "")).write_all(values)

    def register_quietly(self, names: Iterable[str]) -> None:
        """From now on these are never shown, as far as they open without anybody being asked."""
        with suppress(FairleadError):
            for name in tuple(names):
                with suppress(SecretError):
                    self.find_secret(name, quietly=True)

    def _age_store(self, name: str) -> "Store":
        if self.store is None:
            what, remedy = "there is no secret store here", "run inv in an ops repository"
            raise SecretError(f"secrets/{name}", what, remedy)
        return self.store()

    def _ask_stores(self, name: str, quietly: bool) -> StoredSecret | None:
        run = _no_program if quietly else _program
        for store, settings in self.site().stores.items():
            access = StoreAccess(settings, self._variable, run)
            value = self.plugins.read_secret(store, name, access)
            if value is not None:
                self._stored[name] = StoredSecret(value, store)
                return self._stored[name]
        return None

    def _variable(self, name: str) -> Secret | None:
        value = self._environment.get(name)
        return Secret(value) if value else None

    # connections

    def _dial(self, host: "Host", site: "Site") -> "Connection":
        from fairlead import connections

        return connections.connect(host, site, password=self._password, may_keep=True)

    def _dial_anew(self, host: "Host", site: "Site") -> "Connection":
        """Over a connection that was not there before, whatever is kept."""
        from fairlead import connections

        return connections.connect(host, site, password=self._password)

    def _password(self, host: str) -> Secret:
        """sudo's password, asked while the live rows stand still."""
        from fairlead.connections import become

        with self._aside():
            return become.ask_at_terminal(host)


def _program(argv: tuple[str, ...], timeout: float) -> tuple[int, Secret, str]:
    from fairlead.connections.process import capture

    code, out, err = capture(argv, timeout)
    return code, Secret(out), err


def _no_program(argv: tuple[str, ...], timeout: float) -> tuple[int, Secret, str]:
    raise SecretError(argv[0], "is not run for this", "")
