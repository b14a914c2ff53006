"""What the stand-ins of DAOS have in common: configuration, certificates, and one question
and answer over a socket. They store no data."""

import json
import os
import socket
import ssl
import sys
from pathlib import Path

import yaml

VERSION = Path(__file__).with_name("version").read_text().strip()
PORT = 10001
SECONDS = 10


def fail(program: str, why: str, code: int = 1):
    """Ends as DAOS's programs do: a line on stderr, 1."""
    print(f"ERROR: {program}: {why}", file=sys.stderr)
    raise SystemExit(code)


def config(program: str, name: str) -> dict:
    """/etc/daos/NAME, with the certificates that are the default."""
    path = Path("/etc/daos") / name
    try:
        read = yaml.safe_load(path.read_text()) or {}
    except (OSError, yaml.YAMLError) as error:
        fail(program, f"failed to load config from {path}: {error}")
    part = {"dmg": "admin", "daos_agent": "agent", "daos_server": "server"}[program]
    certs = {
        "ca_cert": "daosCA.crt",
        "cert": f"{part}.crt",
        "key": f"{part}.key",
        "client_cert_dir": "clients",
    }
    files = {key: f"/etc/daos/certs/{file}" for key, file in certs.items()}
    return read | {
        "transport_config": files | {"allow_insecure": False} | (read.get("transport_config") or {})
    }


def contexts(program: str, transport: dict) -> tuple[ssl.SSLContext, ssl.SSLContext] | None:
    """(of the side that listens, of the side that calls), both with our certificate; None where
    authentication is off."""
    if transport["allow_insecure"]:
        return None
    try:
        mode = os.stat(transport["key"]).st_mode & 0o777
        if mode & ~0o500:
            fail(
                program,
                f"{transport['key']}: incorrect permissions: {mode:04o}, at most 0400 is allowed",
            )
        shaken(
            context(transport, listens=True),
            context(transport, listens=False),
            program == "daos_server",
        )
        return context(transport, listens=True), context(transport, listens=False)
    except (OSError, ssl.SSLError) as error:
        fail(program, f"the certificates of {transport['cert']} cannot be used: {error}")


def context(transport: dict, listens: bool) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if listens else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False  # the name of the certificate is the part it plays, not the host's
    made.load_cert_chain(transport["cert"], transport["key"])
    made.load_verify_locations(transport["ca_cert"])
    made.verify_mode = ssl.CERT_REQUIRED
    return made


def shaken(listens: ssl.SSLContext, calls: ssl.SSLContext, serves: bool) -> None:
    """A handshake with oneself: what others would refuse is refused here already, such as a
    certificate that has expired."""
    (listens if serves else calls).verify_mode = ssl.CERT_NONE
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [calls.wrap_bio(back, there), listens.wrap_bio(there, back, server_side=True)]
    while sides:
        for side in list(sides):
            try:
                side.do_handshake()
                sides.remove(side)
            except ssl.SSLWantReadError:
                pass


def name(certificate: dict | None) -> str:
    """The common name of a peer."""
    return next(
        (
            value
            for part in (certificate or {}).get("subject", ())
            for key, value in part
            if key == "commonName"
        ),
        "",
    )


def answered(line, asked: dict) -> dict:
    """One question, one answer: {"code": 0, "text": ...}."""
    line.sendall(json.dumps(asked | {"version": VERSION}).encode() + b"\n")
    with line.makefile("rb") as said:
        return json.loads(said.readline() or b'{"code": 1, "text": "the connection was closed"}')


def asked_of(host: str, port: int, calls: ssl.SSLContext | None, asked: dict) -> dict:
    """What a server answers; code 1 where none does, or another than a server."""
    host, _, own = host.partition(":")
    try:
        with socket.create_connection((host, int(own or port)), SECONDS) as line:
            if calls is None:
                return answered(line, asked)
            with calls.wrap_socket(line) as sealed:
                if name(sealed.getpeercert()) != "server":
                    return {"code": 1, "text": f"{host}: the certificate is not a server's"}
                return answered(sealed, asked)
    except (OSError, ValueError) as error:
        return {
            "code": 1,
            "text": f"{host}:{own or port}: unable to contact the DAOS Management Service: {error}",
        }
