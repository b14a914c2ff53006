"""One call of a URL, whose answer is short."""

import json
import socket
import ssl
from collections.abc import Mapping
from http.client import HTTPException, InvalidURL
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from fairlead.connections.deadline import within

LARGEST = 1 << 16  # bytes that are read of an answer
WELL = range(200, 300)  # what answers where it was done
MOVED = range(300, 400)
DISTRUST = (
    "mend it (openssl s_client -connect HOST:PORT shows it), or trust its authority here: "
    "the key ca of a call, else SSL_CERT_FILE"
)


class NoAnswer(Exception):
    """Nothing has answered a call, or what is no answer; `what` and `remedy` for a human."""

    def __init__(self, what: str, remedy: str):
        super().__init__(f"{what}; {remedy}")
        self.what, self.remedy = what, remedy


class _NoRedirects(HTTPRedirectHandler):
    """A redirect is an answer: urllib would follow it by a GET, which does nothing there, and take
    Authorization along to whatever host it names.
    """

    def redirect_request(self, *words: object) -> None:
        return None


def call(
    url: str,
    method: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    *,
    ca: str = "",
    timeout: float = 30,
) -> tuple[int, str]:
    """The status and the answer, all of it within `timeout` seconds. `ca`: a file of certificates.

    Raises NoAnswer.
    """
    try:
        return within(timeout, lambda: _answer(url, method, body, headers, ca, timeout))
    except TimeoutError:
        what = f"there was no whole answer within {timeout:g} s"
        raise NoAnswer(what, "see whether it works, and what is between") from None
    except (NoAnswer, OSError, ValueError, HTTPException) as error:
        raise _no_answer(error) from None


def _answer(
    url: str,
    method: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    ca: str,
    timeout: float,
) -> tuple[int, str]:
    data = json.dumps(body).encode() if body else None
    kind = {"Content-Type": "application/json"} if body else {}
    request = Request(url, data, {"Accept": "application/json", **kind, **headers}, method=method)
    opener = build_opener(_NoRedirects, HTTPSHandler(context=_trust(ca) if ca else None))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.read(LARGEST).decode(errors="replace")
    except HTTPError as error:
        with error:
            text = error.read(LARGEST).decode(errors="replace")
        place = error.headers.get("Location") if error.code in MOVED else None
        return error.code, f"it has moved to {place}" if place else text
    except URLError as error:
        if isinstance(error.reason, Exception):
            raise error.reason from None
        raise


def _trust(ca: str) -> ssl.SSLContext:
    """Raises NoAnswer."""
    try:
        return ssl.create_default_context(cafile=ca)
    except OSError as error:  # an SSLError is one
        what = f"{ca} cannot be used ({error.strerror or error})"
        raise NoAnswer(what, "name a file of certificates in PEM") from None


def _no_answer(error: Exception) -> NoAnswer:
    """Why there is none, in words."""
    match error:
        case NoAnswer():
            return error
        case ssl.SSLCertVerificationError():
            what = f"its certificate is not good here ({error.verify_message})"
            return NoAnswer(what, DISTRUST)
        case ssl.SSLError():
            what = f"what answers does not speak TLS as we do ({error.reason or error})"
            return NoAnswer(what, "see whether http:// is meant")
        case socket.gaierror():
            what = f"its name is not known here ({error.strerror})"
            return NoAnswer(what, "see whether it is right, and whether DNS answers")
        case InvalidURL() | UnicodeError():
            return NoAnswer("is no URL that can be called", "write it in ASCII, a port as a number")
        case HTTPException():
            what = f"what answers does not speak HTTP ({error!r:.100})"
            return NoAnswer(what, "see what listens there")
    what = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return NoAnswer(what, "see whether it runs, and can be reached from here")
