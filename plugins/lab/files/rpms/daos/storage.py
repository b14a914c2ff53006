"""The stand-in for what a daos_server refuses of its host and its storage, and for the
daos_nvme.conf that its engines read.

Sources: prepBdevStorage() in server_utils.go, IsTHPEnabled() of sysfs, UpgradeBdevConfig() in
storage/provider.go, backend_json.go and config.go of DAOS at v2.6.5 and v2.8.0.
"""

import json
from pathlib import Path

from wire import HOME, NUMBERS, fail

LAYOUT = NUMBERS[1] // 2  # 2.4 makes pools of layout 2, 2.6 of 3, 2.8 of 4
IS_28 = NUMBERS >= (2, 8)
THP = Path("/sys/kernel/mm/transparent_hugepage/enabled")
BDEVS = ("nvme", "file", "kdev")
RETRIES, VMD = ("transport_retry_count", "vmd_enable") if IS_28 else ("retry_count", "enable_vmd")


def refuse_storage(read: dict) -> None:
    """What ends a server before its engines start."""
    if IS_28:
        refuse_deprecated(read)
    if has_transparent_pages(read):
        print(
            'ERROR: server: code = 623 description = "transparent hugepage (THP) enabled on '
            'storage server, DAOS requires THP to be disabled"',
            flush=True,
        )
        fail(
            "daos_server",
            "code = 623 resolution = \"disable THP by adding 'transparent_hugepage=never' kernel "
            'parameter in the grub configuration file then reboot and restart daos_server"',
        )
    has_roles = any("bdev_roles" in tier for tier in bdevs(read))
    if bool(read.get("control_metadata")) != has_roles:
        fail("daos_server", "control_metadata wants bdev_roles, and bdev_roles control_metadata")
    if log := read.get("control_log_file"):
        try:
            with Path(log).open("a") as file:
                file.write("DAOS Control Server starts\n")
        except OSError as error:
            fail("daos_server", f"create log file: {error}")


def has_transparent_pages(read: dict) -> bool:
    """Are there such as this version refuses?"""
    if NUMBERS < (2, 6, 5) or read.get("disable_hugepages") or read.get("allow_thp"):
        return False
    return "[never]" not in THP.read_text().split()


def refuse_deprecated(read: dict) -> None:
    """Load() of config/server.go: an old key is a notice, an old beside a new one an error."""
    for old, new in (("access_points", "mgmt_svc_replicas"), ("enable_hotplug", "disable_hotplug")):
        if old in read and new in read:
            fail("daos_server", f"{old} is deprecated; please use {new} instead")
        if old in read:
            print(f"NOTICE: {old} is deprecated; please use {new} instead", flush=True)
    replicas = read.get("mgmt_svc_replicas") or read.get("access_points")
    if not replicas:
        print("NOTICE: no mgmt_svc_replicas: localhost:10001", flush=True)


def bdevs(read: dict) -> list[dict]:
    tiers = [tier for engine in read.get("engines") or () for tier in engine.get("storage") or ()]
    return [tier for tier in tiers if tier.get("class") in BDEVS]


def nvme_files(read: dict) -> list[Path]:
    """Where the daos_nvme.conf of each engine with block devices lies."""
    metadata = (read.get("control_metadata") or {}).get("path")
    files = []
    for number, engine in enumerate(read.get("engines") or ()):
        tiers = engine.get("storage") or ()
        if any(tier.get("class") in BDEVS for tier in tiers):
            mount = next((tier["scm_mount"] for tier in tiers if "scm_mount" in tier), "/mnt/daos0")
            root = Path(metadata) / f"daos_control/engine{number}" if metadata else Path(mount)
            files.append(root / "daos_nvme.conf")
    return files


def write_nvme(read: dict) -> None:
    for file in nvme_files(read):
        options = {"method": "bdev_nvme_set_options", "params": {RETRIES: 4}}
        vmd = {"method": VMD, "params": {}}
        subsystems = [
            {"subsystem": "bdev", "config": [options]},
            {"subsystem": "vmd", "config": [vmd]},
        ]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(
            json.dumps({"daos_data": {"config": []}, "subsystems": subsystems}, indent=2)
        )


def is_understood(file: Path) -> bool:
    text = file.read_text()
    return f'"{RETRIES}"' in text and f'"{VMD}"' in text


def engines_faults(read: dict) -> str:
    """Why the engines do not run; "": they do."""
    for file in nvme_files(read):
        if not file.exists():
            return f"failed to open SPDK config at {file}"
        if not is_understood(file) and IS_28:
            print("NOTICE: The bdev config file was unparsable; regenerating it.", flush=True)
            write_nvme(read)
        elif not is_understood(file):
            return f"{file}: Failed to parse SPDK configuration: unknown method or parameter"
    plugin = "ucx" if str(read.get("provider", "")).startswith("ucx") else "ofi"
    library = Path(f"/usr/lib64/mercury/libna_plugin_{plugin}.so")
    if IS_28 and not library.exists():
        return f"na_plugin_open() Could not open lib {library}"
    if (HOME / "engine-broken").exists():
        return "DER_INIT(-1015): the engine of this release does not join"
    return ""
