"""A package depot: one folder of this machine, by HTTP on the lab's switch, for lab hosts and the
containers that run or are built on them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.e2e.inv import NETWORK

PORT = 8080  # always the same: an address is part of what an image is built from


@dataclass(frozen=True)
class Depot:
    """`folder/NAME` is what `url/NAME` gives, folders listed and symbolic links followed.

    `requests`: the paths that were asked for, in order.
    """

    folder: Path
    url: str = f"http://{NETWORK}.254:{PORT}"
    requests: list[str] = field(default_factory=list)


class Shelf(SimpleHTTPRequestHandler):
    def __init__(self, *args, requests: list[str], **more):
        self.requests = requests
        super().__init__(*args, **more)

    def log_message(self, format: str, *args) -> None:
        self.requests.append(self.path)


@contextmanager
def serving(folder: Path) -> Iterator[Depot]:
    """A depot of this folder, until the block ends. The lab has to be up: the address is its
    switch's."""
    depot = Depot(folder)
    shelf = partial(Shelf, requests=depot.requests, directory=str(folder))
    with ThreadingHTTPServer((f"{NETWORK}.254", PORT), shelf) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield depot
        finally:
            server.shutdown()
