"""One call of a URL, whose answer is short."""

import json
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

LARGEST = 1 << 16  # bytes that are read of an answer


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
    try:
        with urlopen(request, timeout=timeout, context=trust) as answer:
            return answer.status, answer.read(LARGEST).decode(errors="replace")
    except HTTPError as error:
        return error.code, error.read(LARGEST).decode(errors="replace")
