"""What the stand-ins of DAOS have in common: configuration, certificates, and one question
and answer over a socket. They store no data."""

import json
import os
import socket
import ssl
import sys
from pathlib import Path

import yaml

HOME = Path(__file__).parent
VERSION = Path(__file__).with_name("version").read_text().strip()
NUMBERS = tuple(int(part) for part in VERSION.split("."))
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
    refuse_unknown(program, path, read)
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


# Which keys each program knows, and since when: `yaml:"..."` in DAOS's sources at the tags.
COMMON = "name port transport_config"
KEYS = {
    "dmg": {(2, 4): f"{COMMON} hostlist"},
    "daos_agent": {
        (2, 4): f"{COMMON} access_points runtime_dir log_file control_log_mask cache_expiration "
        "disable_caching disable_auto_evict exclude_fabric_ifaces fabric_ifaces",
        (2, 6): "enable_evict_on_start telemetry_port telemetry_enabled telemetry_retain",
        (2, 8): "credential_config include_fabric_ifaces telemetry_enabled_procs "
        "telemetry_disabled_procs",
    },
    "daos_server": {
        (2, 4): f"{COMMON} access_points socket_dir engines provider crt_timeout disable_srx "
        "fabric_auth_key bdev_exclude client_env_vars control_log_file control_log_json "
        "control_log_mask control_metadata core_dump_filter disable_hugepages disable_vfio "
        "disable_vmd enable_hotplug fault_cb fault_path firmware_helper_log_file helper_log_file "
        "hyperthreads nr_hugepages system_ram_reserved telemetry_port",
        (2, 6, 5): "allow_thp",
        (2, 8): "mgmt_svc_replicas disable_hotplug allow_numa_imbalance control_iface "
        "disable_engine_auto_restart engine_auto_restart_min_delay support_config",
    },
}


def refuse_unknown(program: str, path: Path, read: dict) -> None:
    """The files are read strictly: yaml.UnmarshalStrict()."""
    known = {
        key for since, keys in KEYS[program].items() if since <= NUMBERS for key in keys.split()
    }
    for key in read:
        if key not in known:
            fail(
                program,
                f'parse of "{path}" failed; config contains invalid parameters and may be out of '
                f"date: yaml: unmarshal errors: field {key} not found",
            )


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


def attach_info(hosts: list, read: dict, calls: ssl.SSLContext | None, part: str) -> dict:
    """What the first server that can be reached says of itself."""
    for host in hosts:
        asked = {"do": "attach info", "component": part}
        said = asked_of(host, read.get("port", PORT), calls, asked)
        if "unable to contact" not in said["text"]:
            break
    return said


def server_version(program: str, said: dict) -> None:
    """`server-version`, which is there from 2.6.1 on; the words are those of VersionString()."""
    if NUMBERS < (2, 6, 1):
        fail(program, "Unknown command `server-version'")
    if said["code"]:
        fail(program, f"GetAttachInfo failed: {said['text']}")
    print(f"DAOS Control Server version {said['text']}")


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
