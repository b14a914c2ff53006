"""The stand-in for daos_server: a control plane that keeps the names of pools and containers
where the real one keeps its metadata."""

import json
import os
import signal
import ssl
import sys
import uuid
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Lock

from storage import LAYOUT, engines_faults, refuse_storage, write_nvme
from wire import HOME, NUMBERS, PORT, SECONDS, VERSION, config, contexts, fail, name

ADMIN = (
    "attach info",
    "storage format",
    "system query",
    "system stop",
    "system start",
    "system exclude",
    "pool create",
    "pool list",
    "pool query",
    "pool destroy",
    "pool evict",
    "pool upgrade",
    "pool get-prop",
)
AGENT = (
    "attach info",
    "system query",
    "pool list",
    "pool query",
    "pool autotest",
    "container create",
    "container list",
    "container query",
    "container destroy",
)
NONEXIST = (
    19,
    "DER_NONEXIST(-1005): The specified entity does not exist",
)  # 19 is what -1005 is as an exit code
EXIST = (1, "DER_EXIST(-1004): Entity already exists")
UNINITIALIZED = (1, "system is uninitialized (storage format required?)")


class Metadata:
    """One file, as whole after a power cut as before."""

    def __init__(self, folder: Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.file, self.lock = folder / "stand-in.json", Lock()
        self.held = (
            json.loads(self.file.read_text())
            if self.file.exists()
            else {"formatted": "", "stopped": False, "pools": {}}
        )
        self.held["stopped"] = False  # a server that starts starts its engines
        self.read: dict = {}
        self.fault = ""  # why the engine does not run

    @property
    def rank(self) -> str:
        if self.held.get("excluded"):
            return "AdminExcluded"
        if self.held["stopped"]:
            return "Stopped"
        return "Errored" if self.fault else "Joined"

    def start_engines(self) -> None:
        """Each engine reads daos_nvme.conf; one that cannot ends."""
        self.fault = engines_faults(self.read) if self.held["formatted"] else ""
        if self.fault:
            print(f"ERROR: engine 0 exited: {self.fault}", flush=True)

    def keep(self) -> None:
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(self.held, indent=1))
        new.rename(self.file)


def folder(read: dict) -> Path:
    """Where metadata lies: control_metadata, else the first memory tier of the first engine."""
    tiers = [
        tier for engine in read.get("engines") or [{}] for tier in engine.get("storage") or [{}]
    ]
    mounts = [tier["scm_mount"] for tier in tiers if "scm_mount" in tier]
    return Path(
        (read.get("control_metadata") or {}).get("path") or next(iter(mounts), "/mnt/daos0")
    )


def together(who: str, version: str) -> bool:
    """interop.go: agents are within 2 minor versions, all others of the same release."""
    other = tuple(int(part) for part in version.split("."))
    if who == "agent":
        return other[0] == NUMBERS[0] and abs(other[1] - NUMBERS[1]) <= 2
    return other[:2] == NUMBERS[:2]


def answer(metadata: Metadata, who: str, asked: dict) -> tuple[int, str]:
    """(exit code, text). `who` is the name on the certificate; "" where authentication is off."""
    do, held = asked["do"], metadata.held
    if do not in {"admin": ADMIN, "agent": AGENT, "": (*ADMIN, *AGENT)}.get(who, ()):
        return 1, f"the component {who!r} is not allowed to {do}"
    part = who or asked.get("component", "server")
    if not together(part, asked["version"]):
        return (
            1,
            f'server: code = 600 description = "components server:{VERSION} and '
            f'{part}:{asked["version"]} are not compatible"',
        )
    if do == "storage format":
        return formatted(metadata, asked)
    if not held["formatted"]:
        return UNINITIALIZED
    if do == "attach info":  # servers before 2.6.1 say no version in it
        return 0, VERSION if NUMBERS >= (2, 6, 1) else "0.0.0"
    if do.startswith("system"):
        return system(metadata, do)
    if metadata.rank not in ("Joined", "AdminExcluded"):
        return 1, f"no rank serves pools: rank 0 is {metadata.rank}"
    return (pools if do.startswith("pool") else containers)(metadata, do, asked)


def formatted(metadata: Metadata, asked: dict) -> tuple[int, str]:
    if metadata.held["formatted"] and not asked["force"]:
        return (
            1,
            "instance 0: request to format already-formatted storage and reformat not specified",
        )
    metadata.held = {"formatted": VERSION, "stopped": False, "pools": {}}
    write_nvme(metadata.read)
    metadata.start_engines()
    metadata.keep()
    return 0, "Format Summary:\n  1 instance: SCM and NVMe formatted"


def system(metadata: Metadata, do: str) -> tuple[int, str]:
    if do == "system exclude":
        metadata.held["excluded"] = True
    elif do != "system query":
        metadata.held["stopped"] = do == "system stop"
        if do == "system start":
            metadata.start_engines()
    if do != "system query":
        metadata.keep()
    return 0, metadata.rank


def listed(metadata: Metadata) -> dict:
    """As `dmg --json pool list` has it."""
    held = metadata.held["pools"].items()
    return {
        "status": 0,
        "pools": [
            {
                "uuid": pool["uuid"],
                "label": label,
                "state": "Ready",
                "rebuild": {"status": 0, "state": "idle"},
                "pool_layout_ver": layout(pool),
                "upgrade_layout_ver": LAYOUT,
            }
            for label, pool in sorted(held)
        ],
    }


def layout(pool: dict) -> int:
    return pool.get("layout", 2)


def unreadable(pool: dict, asked: dict) -> tuple[int, str] | None:
    """pool_connect_handler() and ds_pool_svc_load(): layouts that a release or a client does not
    know."""
    if layout(pool) > LAYOUT:
        return 1, f"incompatible layout version: {layout(pool)} larger than {LAYOUT}"
    if "libdaos" in asked:
        minor = int(asked["libdaos"].split(".")[1])
        client = minor // 2  # 2.4 has layout 2, 2.6 3, 2.8 4
        if layout(pool) > client:
            return (
                1,
                f"DER_NOTSUPPORTED(-1010): cannot connect, pool layout version({layout(pool)}) > "
                f"max client supported pool layout version({client}), try to upgrade client "
                "firstly",
            )
    return None


def pools(metadata: Metadata, do: str, asked: dict) -> tuple[int, str]:
    held = metadata.held["pools"]
    if do == "pool list":
        return 0, "\n".join(["Pool  State", *(f"{label}  Ready" for label in sorted(held))])
    label = asked["pool"]
    if do == "pool create":
        if label in held:
            return EXIST
        held[label] = {
            "uuid": str(uuid.uuid4()),
            "size": asked["size"],
            "user": asked["user"],
            "group": asked["group"],
            "layout": LAYOUT,
            "containers": {},
        }
    elif label not in held:
        return NONEXIST
    if do == "pool destroy":
        pool = held.pop(label)
    elif refusal := unreadable(held[label], asked):
        return refusal
    else:
        pool = held[label]
    if do == "pool upgrade":
        if layout(pool) < LAYOUT - 1:
            return 1, f"DER_NOTSUPPORTED(-1010): layout {layout(pool)} cannot become {LAYOUT}"
        pool["layout"] = LAYOUT
    metadata.keep()
    if do == "pool get-prop":
        return 0, "Upgrade Status (upgrade_status) completed"
    if do == "pool evict":
        return 0, "Pool-evict command succeeded"
    return (
        0,
        f"Pool {pool['uuid']}, label {label}, size={pool['size']}, user={pool['user']}, "
        f"group={pool['group']}, state=Ready",
    )


def containers(metadata: Metadata, do: str, asked: dict) -> tuple[int, str]:
    pool = metadata.held["pools"].get(asked["pool"])
    if pool is None:
        return NONEXIST
    if refusal := unreadable(pool, asked):
        return refusal
    held = pool["containers"]
    if do == "container list":
        return 0, "\n".join(sorted(held))
    label = asked["container"]
    if do == "container create":
        if label in held:
            return EXIST
        held[label] = {"uuid": str(uuid.uuid4()), "type": asked["type"]}
    elif label not in held:
        return NONEXIST
    found = held.pop(label) if do == "container destroy" else held[label]
    metadata.keep()
    return (
        0,
        f"  Container UUID : {found['uuid']}\n  Container Label: {label}\n"
        f"  Container Type : {found['type']}",
    )


class Line(StreamRequestHandler):
    def handle(self) -> None:
        self.request.settimeout(SECONDS)
        try:
            self._handle(
                self.server.sealed.wrap_socket(self.request, server_side=True)
                if self.server.sealed
                else self.request
            )
        except (OSError, ValueError) as error:
            print(f"ERROR: {self.client_address[0]}: {error}", flush=True)

    def _handle(self, line) -> None:
        with line.makefile("rwb") as said:
            asked, metadata = json.loads(said.readline()), self.server.metadata
            who = name(line.getpeercert()) if self.server.sealed else ""
            if who == "agent" and line.getpeercert(binary_form=True) not in self.server.agents:
                code, text = 1, "the agent's certificate is not the one in client_cert_dir"
            else:
                with metadata.lock:
                    code, text = answer(metadata, who, asked)
            print(f"{asked['do']} by {who or 'anybody'}: {code} {asked}", flush=True)
            answered = {"code": code, "text": text}
            if asked["do"] == "pool list" and code == 0:
                answered["data"] = listed(metadata)
            said.write(json.dumps(answered).encode() + b"\n")


class Control(ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


def start() -> None:
    read = config("daos_server", "daos_server.yml")
    print(
        "DAOS Server config loaded from /etc/daos/daos_server.yml "
        "(a stand-in, which stores no data)",
        flush=True,
    )
    if (HOME / "broken").exists():
        fail("daos_server", "code = 622: the engine of this release does not start")
    refuse_storage(read)
    made = contexts("daos_server", read["transport_config"])
    with Control(("0.0.0.0", read.get("port", PORT)), Line) as control:
        control.metadata, control.sealed = Metadata(folder(read)), made and made[0]
        control.metadata.read = read
        control.metadata.start_engines()
        clients = Path(read["transport_config"]["client_cert_dir"])
        control.agents = {
            ssl.PEM_cert_to_DER_cert(file.read_text()) for file in clients.glob("*.crt")
        }
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        print(
            f"DAOS Control Server v{VERSION} (pid {os.getpid()}) listening on "
            f"0.0.0.0:{control.server_address[1]}",
            flush=True,
        )
        print(
            f"Rank 0 {control.metadata.rank.lower()}"
            if control.metadata.held["formatted"]
            else "SCM format required on instance 0",
            flush=True,
        )
        control.serve_forever()


if __name__ == "__main__":
    match [word for word in sys.argv[1:] if not word.startswith("-")]:
        case ["start"]:
            start()
        case ["version"]:
            print(f"DAOS Control Server v{VERSION}")
        case _:
            fail("daos_server", "the stand-in knows start and version")
