"""One message about what has changed: by mail, to a URL, to a program."""

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence

from fairlead.model import operator
from fairlead.model.errors import CommandLineError, FairleadError, StepFailed
from fairlead.model.findings import OK, Finding, worst_state
from fairlead.model.plan import Noun, Secret
from fairlead.output.monitoring import finding_lines
from fairlead.output.sanitize import last_line, visible

TIMEOUT = 30.0  # seconds for each channel
AGAIN = "Perhaps you know this already: the watch before was ended while it said so."
LONGEST = 200  # characters of what a webhook answers, in a sentence
OF_STORE = "secret:"  # what a URL begins with that stands in the store


class Message(Noun):
    """What has changed at a site, and how it is as a whole."""

    site: str
    state: str
    news: tuple[Finding, ...]
    open: int  # how many are not well now
    is_doubtful: bool = False  # it has perhaps been said already

    @property
    def subject(self) -> str:
        over = sum(finding.state == OK for finding in self.news)
        worse = len(self.news) - over
        counts = [f"{worse} not well" if worse else "", f"{over} well again" if over else ""]
        return visible(f"fairlead {self.site}: {self.state.upper()}: {_listed(counts)}")

    @property
    def text(self) -> str:
        remark = [AGAIN, ""] if self.is_doubtful else []
        end = f"{self.open} not well at {self.site} now"
        lines = [*remark, *finding_lines(self.news), "", end]
        return "\n".join(lines) + "\n"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(filter(None, texts))


class Channel(Noun):
    """Where messages go. `name`: as it was typed, by which it is remembered what it has said."""

    name: str
    send: Callable[[Message], None]


class Channels(Noun):
    """What was typed: where messages go to."""

    mail: tuple[str, ...] = ()
    mail_server: str = "localhost"
    webhook: tuple[str, ...] = ()
    command: tuple[str, ...] = ()

    def made(self, secret: Callable[[str], Secret]) -> Iterator[Channel]:
        """Raises CommandLineError, SecretError."""
        for address in self.mail:
            yield Channel(f"mail {address}", _mail(address, self.mail_server))
        for url in self.webhook:
            yield Channel(f"webhook {url}", _webhook(_url(url, secret), url))
        for text in self.command:
            yield Channel(f"command {text}", _command(_words(text)))


def message(
    site: str, findings: Sequence[Finding], news: tuple[Finding, ...], is_doubtful: bool = False
) -> Message:
    troubles = [finding for finding in findings if finding.state != OK]
    return Message(site, worst_state(findings), news, len(troubles), is_doubtful)


def _mail(address: str, server: str) -> Callable[[Message], None]:
    if "@" not in address or any(letter.isspace() for letter in address):
        raise CommandLineError("--mail", f"{address!r} is no address", "write ops@example.org")

    where = _mail_server(server)

    def send(message: Message) -> None:
        from fairlead.connections.deadline import within

        try:
            within(TIMEOUT, lambda: _deliver(address, where, message))
        except TimeoutError:
            why = f"it has not ended within {TIMEOUT:g} s"
            raise _unsent(f"--mail={address}", f"{server} did not take it", why) from None
        except (OSError, ValueError) as error:  # SMTPException is an OSError
            what = f"{server} did not take it"
            raise _unsent(f"--mail={address}", what, _reason(error)) from None

    return send


def _mail_server(text: str) -> tuple[str, int]:
    """NAME, NAME:PORT, [ADDRESS]:PORT. Raises CommandLineError."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or 25
    except ValueError:
        host, port = None, 0
    if host is None:
        what = f"{text!r} is no server"
        raise CommandLineError("--mail-server", what, "write NAME, NAME:PORT or [ADDRESS]:PORT")
    return host, port


def _deliver(address: str, server: tuple[str, int], message: Message) -> None:
    """Raises OSError, ValueError."""
    import smtplib
    from email.message import EmailMessage

    mail = EmailMessage()
    mail["From"] = operator.address()
    mail["To"] = address
    mail["Subject"] = " ".join(message.subject.split())
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers
    mail.set_content(message.text)
    with smtplib.SMTP(*server, timeout=TIMEOUT) as connection:
        connection.send_message(mail)


def _url(text: str, secret: Callable[[str], Secret]) -> str:
    """The URL that is meant: itself, or that of the store. Raises CommandLineError, SecretError."""
    url = text
    if text.startswith(OF_STORE):
        url = secret(text.removeprefix(OF_STORE)).reveal().decode(errors="replace").strip()
    if not url.startswith(("http://", "https://")):
        remedy = f"write https://..., or {OF_STORE}NAME for one of the store"
        raise CommandLineError("--webhook", f"{text!r} is no URL", remedy)
    return url


def _webhook(url: str, name: str) -> Callable[[Message], None]:
    def send(message: Message) -> None:
        from fairlead.connections import web

        where, what = f"--webhook={name}", "did not take it"
        try:
            status, answer = web.call(url, "POST", _document(message), {}, timeout=TIMEOUT)
        except web.NoAnswer as error:
            raise _unsent(where, what, str(error)) from None
        if status not in web.WELL:
            words = " ".join(answer[:LONGEST].split())
            raise _unsent(where, what, f"it answered {status}: {words}".removesuffix(": "))

    return send


def _document(message: Message) -> dict[str, object]:
    """`text` is what Slack, Mattermost and their like show."""
    return {
        "site": message.site,
        "state": message.state,
        "subject": message.subject,
        "text": f"{message.subject}\n{message.text}",
        "news": list(map(finding_data, message.news)),
    }


def finding_data(finding: Finding) -> dict[str, object]:
    """A finding for --json (docs/json.md)."""
    return {
        "kind": finding.kind,
        "host": finding.host,
        "name": finding.name,
        "state": finding.state,
        "sentence": finding.sentence,
        "command": finding.command,
        "code": finding.code,
        "days": finding.days,
    }


def _words(text: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise CommandLineError("--command", f"{text!r}: {error}", "quote it as in sh") from None
    if not words:
        raise CommandLineError("--command", "is empty", "name a program and its words")
    return words


def _command(words: tuple[str, ...]) -> Callable[[Message], None]:
    """The subject is the first line on its stdin; no shell reads the words."""

    def send(message: Message) -> None:
        from fairlead.connections.process import capture

        data = f"{message.subject}\n\n{message.text}".encode()
        code, _, errors = capture(words, TIMEOUT, data)
        if code:
            what = f"ended with {code}: {last_line(errors)}".removesuffix(": ")
            remedy = "run it by hand to see why; the message is said once more next time"
            raise StepFailed(f"--command={words[0]}", what, remedy)

    return send


def _reason(error: Exception) -> str:
    """Why a mail was not taken; where the server has said it, in its words."""
    from smtplib import SMTPRecipientsRefused, SMTPResponseException

    match error:
        case SMTPRecipientsRefused(recipients=dict(refused)) if refused:
            code, words = next(iter(refused.values()))
            return _said(code, words)
        case SMTPResponseException():
            return _said(error.smtp_code, error.smtp_error)
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"


def _unsent(
    where: str,
    what: str,
    why: str,
) -> FairleadError:
    """It is tried again at the next watch, for it was not remembered."""
    return StepFailed(where, f"{what} ({why})", "the message is said once more next time")
