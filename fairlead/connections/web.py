"""One call of a URL, whose answer is short."""

import json
import ssl
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

LARGEST = 1 << 16  # bytes that are read of an answer
WELL = range(200, 300)  # what answers where it was done


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
    """The status and the answer. `ca`: a file of certificates. Raises OSError, ValueError."""
    data = json.dumps(body).encode() if body else None
    kind = {"Content-Type": "application/json"} if body else {}
    request = Request(url, data, {"Accept": "application/json", **kind, **headers}, method=method)
    trust = ssl.create_default_context(cafile=ca) if ca else None
    opener = build_opener(_NoRedirects, HTTPSHandler(context=trust))
    try:
        with opener.open(request, timeout=timeout) as answer:
            return answer.status, answer.read(LARGEST).decode(errors="replace")
    except HTTPError as error:
        return error.code, error.read(LARGEST).decode(errors="replace")
    except HTTPException as error:
        raise ConnectionError(f"what answers does not speak HTTP ({error!r:.100})") from None
