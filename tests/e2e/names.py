"""A name server on the lab's switch, for containers that ask which name their address has: it knows one name, and gives it to every address."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.e2e.inv import NETWORK

ADDRESS = f"{NETWORK}.254"
PTR = 12


def answer(query: bytes, name: str) -> bytes:
    """The reply to a query of one question: a PTR record of this name, or for other types none. RFC 1035, 4.1."""
    end = query.index(b"\0", 12) + 5
    known = int.from_bytes(query[end - 4 : end - 2], "big") == PTR
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    record = b"\xc0\x0c" + PTR.to_bytes(2, "big") + b"\0\1" + (60).to_bytes(4, "big") + len(labels).to_bytes(2, "big") + labels
    return query[:2] + b"\x81\x80\0\1" + (b"\0\1" if known else b"\0\0") + b"\0\0\0\0" + query[12:end] + (record if known else b"")


@contextmanager
def serving(name: str) -> Iterator[str]:
    """Its address, until the block ends. The lab has to be up."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((ADDRESS, 53))
        server.settimeout(0.2)
        going = [True]
        thread = Thread(target=_serve, args=(server, name, going), daemon=True)
        thread.start()
        try:
            yield ADDRESS
        finally:
            going.clear()
            thread.join()


def _serve(server: socket.socket, name: str, going: list[bool]) -> None:
    while going:
        try:
            query, whom = server.recvfrom(512)
        except TimeoutError:
            continue
        server.sendto(answer(query, name), whom)
