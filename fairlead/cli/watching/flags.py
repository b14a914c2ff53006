"""What `inv watch` and its timer are told: whom to tell, and what is near its end."""

import os
from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from fairlead.cli.watching.messages import Channels
from fairlead.model.plan import Noun

Prometheus = Annotated[
    str, Meta(description="Write this file for node_exporter's textfile collector: NAME.prom.")
]
Mail = Annotated[
    tuple[str, ...], Meta(description="Mail to this address what has changed its state.")
]
MailServer = Annotated[str, Meta(description="The server that takes the mail: NAME or NAME:PORT.")]
Webhook = Annotated[
    tuple[str, ...],
    Meta(description="POST it to this URL; secret:NAME is a URL in the store."),
]
Command = Annotated[
    tuple[str, ...], Meta(description="Run this program with it on stdin; no shell reads it.")
]
Warn = Annotated[str, Meta(description="A warning where a secret ends within this time.")]
Critical = Annotated[str, Meta(description="Critical where a secret ends within this time.")]


class WatchFlags(Noun, kw_only=True):
    """As they were typed."""

    prometheus: Prometheus = ""
    mail: Mail = ()
    mail_server: MailServer = "localhost"
    webhook: Webhook = ()
    command: Command = ()
    warn_within: Warn = "30d"
    critical_within: Critical = "7d"

    @property
    def channels(self) -> Channels:
        return Channels(self.mail, self.mail_server, self.webhook, self.command)

    @property
    def tells(self) -> bool:
        """Does anybody learn what was found?"""
        return any((self.prometheus, self.mail, self.webhook, self.command))

    def words(self) -> Iterator[str]:
        """The same for a timer, which stands in another folder."""
        if self.prometheus:
            yield f"--prometheus={os.path.abspath(self.prometheus)}"
        for address in self.mail:
            yield f"--mail={address}"
        if self.mail:
            yield f"--mail-server={self.mail_server}"
        for url in self.webhook:
            yield f"--webhook={url}"
        for command in self.command:
            yield f"--command={command}"
        yield f"--warn-within={self.warn_within}"
        yield f"--critical-within={self.critical_within}"
