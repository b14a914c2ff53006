"""What one command line acts with: the plugins, the site, who watches, the open lines, the secrets."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from fairlead.contract.loader import Plugins
from fairlead.model.errors import FairleadError, SecretError, SecretToMake
from fairlead.model.plan import Noun, Secret, StoreAccess
from fairlead.model.results import Observer
from fairlead.remote import transaction
from fairlead.secrets.redaction import Redactor

AGE = "age file"


class Found(Noun):
    """A secret, and where it comes from: AGE, or the name of a store."""

    value: Secret
    source: str


class Context:
    """What a command line acts with: the plugins, the site (read once), who watches, how a question is asked, the open lines, the secrets.

    Nothing reaches those who watch but through `tell`, which cuts every secret that this command line has read.
    """

    def __init__(
        self,
        plugins: Plugins,
        site: Callable[[], Any],
        observers: Iterable[Observer],
        confirm: Callable[[str, str], bool],
        connect: Callable[[Any, Any], Any] | None = None,
        aside: Callable[[], AbstractContextManager[None]] = nullcontext,
        store: Callable[[], Any] | None = None,
        environment: Mapping[str, str] | None = None,
    ):
        self.plugins, self.site, self.observers, self.confirm = (
            plugins,
            site,
            tuple(observers),
            confirm,
        )
        self._connect, self._aside = connect or self._dial, aside
        self.store, self.redactor, self._environment = store, Redactor(), environment or {}
        self._elsewhere: dict[str, Found] = {}
        self._links: dict[str, transaction.Link] = {}
        self._number = 0
        self._lock = threading.RLock()

    def link(self, host: str, timeout: float = 0) -> transaction.Link:
        """The one link to a host, kept for the whole command line; a host that is silent for `timeout` seconds is given up."""
        site = self.site()
        with self._lock:
            if host not in self._links:
                self._links[host] = transaction.Link(
                    host, lambda: self._connect(site.hosts[host], site), *transaction.waits(timeout)
                )
            return self._links[host]

    def number(self) -> int:
        """The number of the next transaction: unique in a command line."""
        self._number += 1
        return self._number

    def tell(self, what: str, *words: Any) -> None:
        """Tell the observers, one thread at a time."""
        with self._lock:
            for heard, said in self.redactor.redact_event(what, words):
                for observer in self.observers:
                    getattr(observer, heard)(*said)

    def secret(self, name: str, making: str = "") -> Secret:
        """The value of a secret, which from now on is never shown. Raises SecretError; SecretToMake where it is nowhere and `making` makes it."""
        found = self.find(name)
        if not found and making:
            raise SecretToMake(f"secrets/{name}", "there is no such secret", making)
        if not found:
            raise SecretError(
                f"secrets/{name}", "there is no such secret", f"inv secrets.set --name={name}"
            )
        return found.value

    def find(self, name: str, quietly: bool = False) -> Found | None:
        """A secret and where it comes from: its age file first, then the stores of the site in their order; None: nowhere.

        From now on it is never shown. `quietly` nobody is asked for a passphrase and no program is run. Raises SecretError.
        """
        if self.store is None:
            raise SecretError(
                f"secrets/{name}", "there is no secret store here", "run inv in an ops repository"
            )
        there = name in self.store()
        found = (
            Found(self.store().read(name, quietly), AGE)
            if there
            else self._elsewhere.get(name) or self._asked_for(name, quietly)
        )
        if found:
            self.redactor.add(found.value)
        return found

    @contextmanager
    def cutting(self) -> Iterator[None]:
        """What leaves it as an error holds no secret that is known by then; a bug of a plugin may say anything."""
        try:
            yield
        except FairleadError as error:
            raise self.redactor.cut_error(error) from error.__cause__
        except Exception as error:
            error.args = self.redactor.cut(error.args)
            raise

    def keep(self, values: Mapping[str, Secret]) -> None:
        """Put new secrets into the age store, all or none. Raises SecretError."""
        for value in values.values():
            self.redactor.add(value)
        self.store().write_all(values)

    def register_quietly(self, names: Iterable[str]) -> None:
        """From now on these are never shown either, as far as they open without anybody being asked."""
        with suppress(FairleadError):
            for name in tuple(names):
                self._hush(name)

    def _hush(self, name: str) -> None:
        with suppress(SecretError):
            self.find(name, quietly=True)

    def _asked_for(self, name: str, quietly: bool) -> Found | None:
        for store, settings in self.site().stores.items():
            access = StoreAccess(settings, self._variable, _no_program if quietly else _program)
            value = self.plugins.read_secret(store, name, access)
            if value is not None:
                self._elsewhere[name] = Found(value, store)
                return self._elsewhere[name]
        return None

    def _variable(self, name: str) -> Secret | None:
        return Secret(self._environment[name]) if self._environment.get(name) else None

    def close(self) -> None:
        for link in self._links.values():
            link.close()

    def _dial(self, host: Any, site: Any) -> Any:
        from fairlead import connections

        return connections.connect(host, site, password=self._password)

    def _password(self, host: str) -> Secret:
        """sudo's password, asked while the live rows stand still."""
        from fairlead.connections import become

        with self._aside():
            return become.asked(host)


def _program(argv: tuple[str, ...], timeout: float) -> tuple[int, Secret, str]:
    from fairlead.connections.process import answer

    code, out, err = answer(argv, timeout)
    return code, Secret(out), err


def _no_program(argv: tuple[str, ...], timeout: float) -> tuple[int, Secret, str]:
    raise SecretError(argv[0], "is not run for this", "")
