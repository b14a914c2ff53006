"""What one command line acts with: the plugins, the site, who watches, the open lines, the secrets."""

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from fairlead import transaction
from fairlead.errors import SecretError
from fairlead.outcome import Observer
from fairlead.plan import Secret
from fairlead.plugins import Plugins
from fairlead.redact import Known


class World:
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
    ):
        self.plugins, self.site, self.observers, self.confirm = plugins, site, tuple(observers), confirm
        self._connect, self._aside = connect or self._dial, aside
        self.store, self.known = store, Known()
        self._links: dict[str, transaction.Link] = {}
        self._number = 0
        self._lock = threading.RLock()

    def link(self, host: str, timeout: float = 0) -> transaction.Link:
        """The one link to a host, kept for the whole command line; a host that is silent for `timeout` seconds is given up."""
        site = self.site()
        with self._lock:
            if host not in self._links:
                self._links[host] = transaction.Link(host, lambda: self._connect(site.hosts[host], site), *transaction.waits(timeout))
            return self._links[host]

    def number(self) -> int:
        """The number of the next transaction: unique in a command line."""
        self._number += 1
        return self._number

    def tell(self, what: str, *words: Any) -> None:
        """Tell the observers, one thread at a time."""
        with self._lock:
            for heard, said in self.known.told(what, words):
                for observer in self.observers:
                    getattr(observer, heard)(*said)

    def secret(self, name: str) -> Secret:
        """A secret of the store, which from now on is never shown. Raises SecretError."""
        if self.store is None:
            raise SecretError(f"secrets/{name}", "there is no secret store here", "run inv in an ops repository")
        self.known.add(value := self.store().read(name))
        return value

    def close(self) -> None:
        for link in self._links.values():
            link.close()

    def _dial(self, host: Any, site: Any) -> Any:
        from fairlead import hosts

        return hosts.connect(host, site, password=self._password)

    def _password(self, host: str) -> Secret:
        """sudo's password, asked while the live rows stand still."""
        from fairlead.hosts import sudo

        with self._aside():
            return sudo.asked(host)
