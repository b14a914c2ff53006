#!/usr/bin/env python3
"""A stand-in for the OpenSVC agents, for lab hosts: small, and no cluster.

Installed as svcmgr it is that of 2014, as `om` 2.1, as `om3` 3. It keeps the real ones' files,
verbs, exit codes and shapes of output. What it has of them, seen in agents that were driven
(2014: dfbd13a1a, 2.1: 17db875b9) or read in the sources of 3 (om3 c979e4c01):

1.  2.1: `docker ...` wakes no engine, and loses docker's exit code; `start` of a container wakes
    it, with 5 seconds to answer, its words in /dev/null.
2.  2.1 and 3: a status is that of the last action, or of the last `--refresh`, and for ever so;
    it ends with 0 whatever it tells.
3.  2.1 and 3: no terminal unless the file says `tty` and `interactive`. 2014: always both.
4.  2.1: `sync#i0` where there are several nodes: `warn` or `down` while the service is up, and so
    is overall; avail is not.
5.  2.1 and 3: a stop of the whole service freezes it where `orchestrate` is start or ha; a start
    leaves it so.
6.  2.1: the engine gets -H, --data-root, -p, --exec-root and --exec-opt: a daemon.json that has one
    of them too ends it at once.
7.  2014: the first `install` of a service ends with 1 and has done its work; links are absolute;
    `run_command` is one word; an ID is compared without `sha256:`, hence `warn` for ever; the
    engine is `docker -d -g`, which ended with Docker 1.8; remarks begin with "# "; resources come
    in no order; a stop does not wait for its engine and ends with 1.
8.  3: a status is a list of {path, node, config, status, monitor}; the node's frozen_at comes
    first, the overall of what is encapsulated before its own; no `resources` where there are none.
    The network is found in `--net NAME` alone: else `--net none` comes beside it. `create` refuses
    what exists, and gives a new id, but with `--restore`; it freezes `orchestrate = ha` alone.
    `config validate` ends with 0 and prints its alerts.
9.  All: mount points are made and stay. 2.1 freezes what is new. What it does not know in a file
    it leaves out with a warning and exit code 0. A container that is there is started as it was
    made. A busy file system is freed by killing whoever uses it.

What it starts and stops stands in VAR/NAME.log, in order. /run/opensvc-lies holds words that make
it worse: `slow`, `hang` (a start never ends), `idle` (it only says that it acts), `mute` (its
status is no JSON), `drops=RID` (left out of the file, with a warning), `hides=RID` (without one),
`encap` (3: something encapsulated is up, whatever the service is).
"""

import configparser
import hashlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

HERE = Path(sys.argv[0])
GENERATION = {"om": "2.1", "om3": "3"}.get(HERE.name, "legacy")
LEGACY = GENERATION == "legacy"
ETC, VAR, SUFFIX = (
    ("/opt/opensvc/etc", "/opt/opensvc/var", ".env")
    if LEGACY
    else ("/etc/opensvc", "/var/lib/opensvc/svc", ".conf")
)
LIES = Path("/run/opensvc-lies").read_text().split() if Path("/run/opensvc-lies").exists() else []
CONF = {
    "DEFAULT": "id app env nodes orchestrate container_data_dir",
    "container": "type image command run_args netns tty interactive",
    "disk": "type name",
}
COMMON = {"ip": "ipname ipdev netmask", "fs": "mnt dev type mnt_opt"}
KNOWN = (
    COMMON
    | {
        "legacy": {
            "DEFAULT": "autostart_node app service_type nodes docker_data_dir",
            "container": "type run_image run_command run_args",
            "vg": "vgname",
        },
        "2.1": CONF,
        "3": CONF | {"DEFAULT": "id app env nodes orchestrate"},
    }[GENERATION]
)
OLD = {
    "service_type": "env",
    "docker_data_dir": "container_data_dir",
}  # read by 2.1 all the same, with a warning


def run(*words, env=None):
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=env and os.environ | env,
    )
    if done.returncode:
        print(f"E {shlex.join(words)}: {done.stderr.strip()}", file=sys.stderr)
    return done


class Service:
    """One file of the agent, and what it describes."""

    def __init__(self, name):
        self.name, self.path, self.var = name, Path(ETC, name + SUFFIX), Path(VAR, name)
        self.warnings = []
        if not self.path.exists():
            print(f"{name}: object not found", file=sys.stderr)
            sys.exit(2 if GENERATION == "3" else 1)
        parser = configparser.RawConfigParser(
            default_section="none", inline_comment_prefixes=(";",)
        )
        parser.optionxform = str
        parser.read(self.path)
        self.parts = {
            title: dict(parser[title])
            for title in parser.sections()
            if self.knows(title, parser[title])
        }
        head = self.parts.get("DEFAULT", {})
        self.data = (
            ""
            if GENERATION == "3"
            else head.get("docker_data_dir") or head.get("container_data_dir", "")
        )
        self.env = {"DOCKER_HOST": f"unix://{self.var}/docker.sock"} if self.data else {}

    def knows(self, title, words):
        if f"hides={title}" in LIES:
            return False
        known = None if f"drops={title}" in LIES else KNOWN.get(title.partition("#")[0])
        if known is None:
            self.warnings.append(f"ignored section {title}")
            return False
        for word in words:
            if word in OLD and GENERATION == "2.1":
                self.warnings.append(f"deprecated {word}, use {OLD[word]}")
            elif word not in known.split():
                self.warnings.append(f"ignored option {title}.{word}")
        return True

    def of(self, kind):
        return [title for title in self.parts if title.startswith(kind + "#")]

    # the engine

    def docker(self, *words):
        host = ("-H", self.env["DOCKER_HOST"]) if LEGACY and self.env else ()
        return run("docker", *host, *words, env=self.env)

    def alive(self):
        return (
            subprocess.run(
                ["docker", "version"], capture_output=True, env=os.environ | self.env, timeout=10
            ).returncode
            == 0
        )

    def wake(self):
        """The engine as the agent starts it: five seconds, and nobody reads what it says."""
        if not self.data or self.alive():
            return
        self.var.mkdir(parents=True, exist_ok=True)
        pid = self.var / "docker.pid"
        pid.unlink(missing_ok=True)
        host, data = f"unix://{self.var}/docker.sock", self.data
        own = (
            ("docker", "-H", host, "-r=false", "-d", "-g", data, "-p", str(pid))
            if LEGACY
            else (
                *("dockerd", "-H", host, "--data-root", data, "-p", str(pid)),
                *("--exec-root", f"/var/lib/opensvc/dockerx/{self.parts['DEFAULT'].get('id')}"),
                *("--exec-opt", "native.cgroupdriver=cgroupfs"),
            )
        )
        subprocess.run(
            ["setsid", "-f", *own],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(5):
            time.sleep(1)
            if self.alive():
                return

    def end(self, wait=True):
        """The engine ends with its last container."""
        pid = self.var / "docker.pid"
        if self.data and pid.exists() and not self.docker("ps", "-q").stdout.strip():
            number = int(pid.read_text())
            os.kill(number, signal.SIGTERM)
            while wait and Path(f"/proc/{number}").exists():
                time.sleep(0.1)

    # resources

    def container(self, rid):
        return f"{self.name}.{rid.replace('#', '.')}"

    def image(self, rid):
        return self.parts[rid].get("run_image") or self.parts[rid].get("image")

    def number(self, rid):
        """The ID of a container that runs, "" where it does not."""
        if not self.alive():
            return ""
        return self.docker("ps", "-q", "--filter", f"name=^{self.container(rid)}$").stdout.strip()

    def is_up(self, rid):
        kind, part = rid.partition("#")[0], self.parts[rid]
        if kind == "container":
            return self.number(rid) != ""
        if kind == "fs":
            return any(
                line.split()[1] == part["mnt"]
                for line in Path("/proc/mounts").read_text().splitlines()
            )
        if kind == "ip":
            return f" {socket.gethostbyname(part['ipname'])}/" in run("ip", "-o", "addr").stdout
        return (self.var / f"{rid}.up").exists()  # no LVM here

    def start(self, rid):
        part = self.parts[rid]
        if rid.startswith("container"):
            return self.run_container(rid, part)
        if rid.startswith("fs"):
            Path(part["mnt"]).mkdir(parents=True, exist_ok=True)
            kind = () if part["type"] == "none" else ("-t", part["type"])
            return (
                run(
                    "mount", *kind, "-o", part.get("mnt_opt", "rw"), part["dev"], part["mnt"]
                ).returncode
                == 0
            )
        if rid.startswith("ip"):
            return (
                run(
                    "ip",
                    "addr",
                    "add",
                    f"{socket.gethostbyname(part['ipname'])}/{part.get('netmask', '24')}",
                    "dev",
                    part["ipdev"],
                ).returncode
                == 0
            )
        self.var.mkdir(parents=True, exist_ok=True)
        print(f"vgchange -a y {part.get('vgname') or part['name']}")
        return (self.var / f"{rid}.up").write_text("") == 0

    def network(self, netns):
        """container#1 is the network of that one."""
        is_of_another = netns.startswith("container#")
        return f"container:{self.container(netns)}" if is_of_another else netns

    def run_container(self, rid, part):
        self.wake()
        name, words = self.container(rid), shlex.split(part.get("run_args", ""))
        if self.docker("ps", "-aq", "--filter", f"name=^{name}$").stdout.strip():
            return self.docker("start", name).returncode == 0
        sources = [words[at + 1].partition(":")[0] for at, word in enumerate(words) if word == "-v"]
        if missing := [source for source in sources if not os.path.exists(source)]:
            print(f"E source dir of mapping {missing} does not exist", file=sys.stderr)
            return False
        if not LEGACY and not has_network(words):
            words += ["--net", self.network(part.get("netns", "none"))]
        command = shlex.split(part.get("command", ""))
        if LEGACY:
            words += ["-t", "-i"]
            command = [part["run_command"]] if part.get("run_command") else []
        else:
            words += [f"--{key}" for key in ("tty", "interactive") if part.get(key) == "true"]
        return (
            self.docker("run", "-d", f"--name={name}", *words, self.image(rid), *command).returncode
            == 0
        )

    def runs_its_image(self, rid):
        """2014 compares twelve characters of both, and one of them has `sha256:` today."""
        name, _, tag = self.image(rid).partition(":")
        lines = [line.split() for line in self.docker("images", name).stdout.splitlines()]
        ids = [line[2] for line in lines if line[:2] == [name, tag or "latest"]]
        inspected = json.loads(self.docker("inspect", self.container(rid)).stdout)
        return inspected[0]["Image"][:12] == (ids or [self.image(rid)])[0]

    def stop(self, rid):
        part = self.parts[rid]
        if rid.startswith("container"):
            done = self.docker("stop", "-t", "0", self.container(rid)).returncode == 0
            self.end(wait=not LEGACY)
            return done
        if rid.startswith("fs"):
            return self.unmount(part["mnt"])
        if rid.startswith("ip"):
            return (
                run(
                    "ip",
                    "addr",
                    "del",
                    f"{socket.gethostbyname(part['ipname'])}/{part.get('netmask', '24')}",
                    "dev",
                    part["ipdev"],
                ).returncode
                == 0
            )
        (self.var / f"{rid}.up").unlink()
        return True

    def unmount(self, mnt):
        """A busy one is freed by killing its users, as `fuser -kmv` does.

        2014 then gives up, 2.1 tries again.
        """
        if run("umount", mnt).returncode == 0:
            return True
        for link in Path("/proc").glob("[0-9]*/cwd"):
            try:
                where = os.readlink(link)
            except OSError:
                continue
            if where == mnt or where.startswith(mnt + "/"):
                os.kill(int(link.parts[2]), signal.SIGKILL)
        time.sleep(0.5)
        return not LEGACY and run("umount", mnt).returncode == 0

    # what it shows

    def label(self, rid):
        part = self.parts[rid]
        if rid.startswith("container"):
            number = self.number(rid)[:12]
            return f"{number}@{self.image(rid)}" if number else self.image(rid)
        words = {"fs": ("dev", "mnt"), "ip": ("ipname", "ipdev")}.get(
            rid.partition("#")[0], ("vgname", "name")
        )
        return "@".join(part[word] for word in words if word in part)

    def remark(self, rid, up):
        if not rid.startswith("container"):
            return ""
        if LEGACY and up:
            return "" if self.runs_its_image(rid) else "the running container is based on image"
        if up:
            return ""
        return "can not find container id" if self.alive() else "docker daemon is not running"

    def log(self, note):
        if LEGACY:
            return f"# {note}\n" if note else ""
        entry = f"info: {note}" if GENERATION == "2.1" else {"level": "info", "message": note}
        return [entry] if note else []

    def resource(self, rid):
        up = self.is_up(rid)
        note = self.remark(rid, up)
        more = (
            {"monitor": False, "disable": False, "encap": False}
            if LEGACY
            else {"type": rid.partition("#")[0], "provisioned": {"state": True}}
        )
        return {
            "status": "warn" if up and note else "up" if up else "down",
            "label": self.label(rid),
            "log": self.log(note),
            "optional": False,
        } | more

    def synced(self, avail):
        """2.1: the resource that hands the file to the other nodes, which never gets there."""
        return {
            "status": {"up": "down", "down": "n/a"}.get(avail, "warn"),
            "label": "rsync svc config to nodes",
            "log": ["warn: passive node needs update"],
            "optional": True,
            "type": "sync.rsync",
        }

    def order(self):
        rids = [rid for rid in self.parts if rid != "DEFAULT"]
        if LEGACY:
            rids.sort(key=lambda rid: hashlib.md5(rid.encode()).hexdigest())
        return rids

    def status(self):
        resources = {rid: self.resource(rid) for rid in self.order()}
        states = {part["status"] for part in resources.values()}
        avail = states.pop() if len(states) == 1 else "warn" if states else "n/a"
        overall = avail
        if GENERATION == "2.1" and len(self.parts["DEFAULT"].get("nodes", "").split()) > 1:
            resources["sync#i0"] = self.synced(avail)
            overall = "warn" if avail == "up" else avail
        head = {"avail": avail, "overall": overall, "resources": resources}
        if LEGACY:
            return head | {"sync": "n/a", "hb": "n/a", "encap": []}
        if GENERATION == "2.1":
            return head | {
                "frozen": frozen(self.name),
                "provisioned": True,
                "kind": "svc",
                "env": "DEV",
                "updated": time.time(),
                "optional": "n/a",
            }
        return self.states_of_3(avail, resources)

    def states_of_3(self, avail, resources):
        never = "0001-01-01T00:00:00Z"
        inner = {"avail": "up", "overall": "up", "frozen_at": never, "hostname": "inner"}
        status = {
            "avail": avail,
            **({"encap": {"container#1": inner}} if "encap" in LIES else {}),
            "frozen_at": "2026-01-01T00:00:00Z" if frozen(self.name) else never,
            "last_started_at": never,
            "overall": avail,
            "provisioned": "true",
            **({"resources": resources} if resources else {}),
            "updated_at": never,
        }
        return [
            {
                "path": self.name,
                "node": {"name": socket.gethostname(), "frozen_at": never},
                "config": {"checksum": "0", "path": self.name},
                "status": status,
                "monitor": {"state": "idle", "is_ha_leader": False},
            }
        ]

    @property
    def cache(self):
        return self.var / "status.json"

    def known_status(self, refresh):
        """What is printed: 2.1 and 3 keep it until something is done, or the file is newer."""
        is_kept = not LEGACY and not refresh and self.cache.exists()
        if is_kept and self.cache.stat().st_mtime >= self.path.stat().st_mtime:
            return json.loads(self.cache.read_text())
        return self.refreshed()

    def refreshed(self):
        now = self.status()
        if not LEGACY:
            self.var.mkdir(parents=True, exist_ok=True)
            self.cache.write_text(json.dumps(now))
        return now


def has_network(words):
    """3 looks for the word --net alone, 2.1 for --net=NAME too."""
    starts = ("--net=",) if GENERATION == "2.1" else ()
    return any(word == "--net" or word.startswith(starts or "--net \0") for word in words)


def flag(name):
    return Path(VAR, f"FROZEN.{name}") if LEGACY else Path(VAR, name, "frozen")


def frozen(name):
    return flag(name).stat().st_mtime if flag(name).exists() else 0


def freeze(name, is_frozen):
    flag(name).parent.mkdir(parents=True, exist_ok=True)
    flag(name).write_text("") if is_frozen else flag(name).unlink(missing_ok=True)


def install(name, source):
    """Overwrites silently; what it warns of is left out, and the exit code is 0."""
    path = Path(ETC, name + SUFFIX)
    text, anew = Path(source).read_text(), not path.exists()
    restores = "--restore" in sys.argv
    if GENERATION == "3" and not anew and "--force" not in sys.argv and not restores:
        print(f"{name}: already exists", file=sys.stderr)
        return 1
    if LEGACY and "service_type" not in text:
        print("type is not a known service type", file=sys.stderr)
        return 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if LEGACY else with_id(text, path, restores))
    path.chmod(0o644 if LEGACY else 0o600)
    if LEGACY:
        Path(ETC, f"{name}.dir").mkdir(exist_ok=True)
        for link, to in ((f"{name}.d", f"{ETC}/{name}.dir"), (name, "/opt/opensvc/bin/svcmgr")):
            if not Path(ETC, link).exists():
                Path(ETC, link).symlink_to(to)
        return 1 if anew else 0
    if anew and (GENERATION == "2.1" or "orchestrate = ha" in text):
        freeze(name, True)
    for warning in Service(name).warnings if GENERATION == "2.1" else ():
        print(f"W {name}: {warning}", file=sys.stderr)
    return 0


def with_id(text, path, restores):
    """2.1 keeps the id of the file that is there; 3 gives another one, unless it restores."""
    match = re.search(r"(?m)^id *= *(.*)$", text)
    if not match and path.exists() and GENERATION == "2.1":
        match = re.search(r"(?m)^id *= *(.*)$", path.read_text())
    own = match.group(1) if match and (GENERATION == "2.1" or restores) else str(uuid.uuid4())
    text = re.sub(r"(?m)^id *=.*\n", "", text)
    return text.replace("[DEFAULT]\n", f"[DEFAULT]\nid = {own}\n", 1)


def alerts(service):
    """3: a list, whatever is in it the exit code is 0."""
    print(
        json.dumps(
            [
                {
                    "path": service.name,
                    "level": "warning",
                    "kind": "unknown keyword",
                    "key": warning.split()[-1],
                    "driver": "",
                    "comment": "",
                }
                for warning in service.warnings
            ]
        )
    )
    return 0


def act(service, verb, rids):
    """Those of the resources that are not so already, in order; a stop goes backwards."""
    if "hang" in LIES and verb == "start":
        time.sleep(700)
    if "idle" in LIES:
        return 0
    order = {kind: number for number, kind in enumerate(("ip", "vg", "disk", "fs", "container"))}
    wants_freeze = service.parts["DEFAULT"].get("orchestrate") in ("start", "ha")
    if verb == "stop" and not rids and wants_freeze and not LEGACY:
        freeze(service.name, True)
    resources = sorted(
        (rid for rid in service.parts if rid != "DEFAULT" and matches(rid, rids)),
        key=lambda rid: order[rid.partition("#")[0]],
    )
    if any(not any(matches(name, [rid]) for name in service.parts) for rid in rids):
        return 1
    good = True
    for rid in (
        resources
        if verb == "start"
        else [
            rid
            for kind in ("container", "fs", "disk", "vg", "ip")
            for rid in reversed(resources)
            if rid.startswith(kind)
        ]
    ):
        if service.is_up(rid) == (verb == "start"):
            print(f"{service.name}.{rid}: already {verb}{'p' * (verb == 'stop')}ed")
            continue
        service.var.mkdir(parents=True, exist_ok=True)
        with open(f"{service.var}.log", "a") as log:
            log.write(f"{verb} {rid}\n")
        if not (service.start(rid) if verb == "start" else service.stop(rid)):
            good = False
            if verb == "start":
                return 1
    if verb == "stop" and LEGACY and not rids:
        service.end(wait=False)
    print(
        "E [Errno 2] No such file or directory", file=sys.stderr
    )  # there is no daemon, and that is no failure
    return 0 if good else 1


def matches(rid, rids):
    return not rids or any(rid == name or rid.partition("#")[0] == name for name in rids)


def passed_on(service, words):
    """2.1 loses docker's exit code, and wakes nothing."""
    if LEGACY:
        service.wake()
    code = subprocess.run(["docker", *words], env=os.environ | service.env).returncode
    return code if LEGACY else 0


def option(words, flag_):
    return words[words.index(flag_) + 1] if flag_ in words else ""


def main(words):
    time.sleep(1.5 if "slow" in LIES else 0.05)
    if words[:1] == ["--version"]:
        return 1
    name = (
        HERE.name
        if LEGACY and HERE.name != "svcmgr"
        else option(words, "-s")
        if LEGACY
        else words[0]
    )
    words = words if LEGACY else words[1:]
    local = LEGACY or "--local" in words or words[:1] == ["instance"]
    words = words[1:] if words[:1] == ["instance"] else words
    if "install" in words or words[:1] == ["create"]:
        return install(name, option(words, "--envfile") or option(words, "--config"))
    service = Service(name)
    refresh = "--refresh" in words
    words = [word for word in words if word != "--refresh"]
    match words:
        case (
            ["json_status"] | ["print", "status", "--format", "json"] | ["status", "-o", "json"]
        ) if "mute" in LIES:
            print("[Errno 2] No such file or directory")
            return 0
        case ["json_status"] | ["print", "status", "--format", "json"] | ["status", "-o", "json"]:
            print(json.dumps(service.known_status(refresh), indent=None if LEGACY else 4))
            return 0
        case ["status"]:
            codes = {"up": 0, "down": 1, "warn": 2, "n/a": 3}
            return codes[service.status()["overall"]] if GENERATION != "3" else 2
        case ["config", "validate", "-o", "json"]:
            return alerts(service)
        case ["config", "validate"]:
            return 0
        case ["validate", "config"]:
            print("\n".join(f"W {warning}" for warning in service.warnings))
            return len(service.warnings)
        case ["docker", *rest] if GENERATION != "3":
            return passed_on(service, rest)
        case ["freeze" | "thaw" | "unfreeze" as verb, *_]:
            freeze(name, verb == "freeze")
            service.refreshed()
            return 0
        case ["startvg"] if LEGACY:
            return act(service, "start", ["vg"])
        case ["startfs"]:
            return act(service, "start", ["fs", "vg"] if LEGACY and service.of("vg") else ["fs"])
        case ["startip"] if LEGACY:
            return act(service, "start", ["ip"])
        case ["start" | "stop" as verb, *rest]:
            if not local:
                print("[Errno 2] No such file or directory", file=sys.stderr)
                return 1
            code = act(service, verb, [rid for rid in option(rest, "--rid").split(",") if rid])
            service.refreshed()
            return code
    print(f"{words}: no such action", file=sys.stderr)
    return 1


sys.exit(main(sys.argv[1:]))
