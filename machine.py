"""What ./inv demo and ./inv test need of this machine, and how a Debian gets it. Knows nothing of fairlead."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

APT = Path("/etc/apt")
PACKAGES = (
    *(
        "busybox-static",
        "curl",
        "debootstrap",
        "dnf",
        "dnsmasq-base",
        "docker-registry",
        "docker.io",
    ),
    *("golang-github-containers-common", "gpg", "gpg-agent", "iproute2", "iptables", "podman"),
    *(
        "openssh-client",
        "openssh-server",
        "openssl",
        "procps",
        "python3-venv",
        "rpm",
        "shellcheck",
        "skopeo",
        "sudo",
        "tini",
        "tmux",
        "xz-utils",
    ),
)
COMPOSE = "docker-compose"
COMMANDS = (
    "dockerd",
    "tini",
    "sshd",
    "ip",
    "iptables",
    "debootstrap",
    "docker-registry",
    "sudo",
    "curl",
    "openssl",
)
NEXT = (
    "trixie"  # bookworm has Compose 1.29; the plugin for 2.16 and newer comes from the next release
)
NAME = f"fairlead-{NEXT}"


def lacks() -> str:
    """One sentence that says why there can be no lab here; "" where there can be."""
    if platform.system() != "Linux":
        return f"the lab needs Linux, and this is {platform.system()}; everything that needs no lab works here"
    if os.geteuid() != 0:
        return "the lab needs root (it makes hosts out of namespaces); run it as root, everything that needs no lab works without"
    absent = [
        name
        for name in COMMANDS
        if shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None
    ]
    return (
        f"the lab needs {', '.join(absent)}; on Debian, ./inv test and ./inv demo install them"
        if absent
        else ""
    )


def prepare() -> str:
    """Install what is missing, where that is possible: root on Debian. What lacks() says after that."""
    if platform.system() == "Linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        wanted = missing()
        if wanted:
            _install(wanted)
    return lacks()


def missing() -> tuple[str, ...]:
    """The packages that are not installed, as apt-get is to be asked for them."""
    found = _versions((*PACKAGES, COMPOSE))
    wanted = tuple(name for name in PACKAGES if name not in found)
    return wanted if modern(found.get(COMPOSE, "0")) else (*wanted, COMPOSE)


def modern(version: str) -> bool:
    """Is it Compose 2.16 or newer? A Debian version, an epoch before it or not."""
    numbers = re.findall(r"[0-9]+", version.partition(":")[2] or version)
    return tuple(map(int, numbers[:2])) >= (2, 16)


def _versions(names: Iterable[str]) -> dict[str, str]:
    form = "${db:Status-Status} ${Package} ${Version}\n"
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", form, *names], capture_output=True, text=True, check=False
    )
    return {
        words[1]: words[2]
        for words in map(str.split, done.stdout.splitlines())
        if words[0] == "installed"
    }


def _install(wanted: tuple[str, ...]) -> None:
    print(f"fairlead: installing with apt-get: {' '.join(wanted)}", file=sys.stderr)
    old = COMPOSE in wanted and _codename() == "bookworm"
    if old:
        add_next_release(APT)
    _apt("update")
    _apt(
        "install",
        "-y",
        "--no-install-recommends",
        *(f"{name}/{NEXT}" if old and name == COMPOSE else name for name in wanted),
    )


def _apt(*words: str) -> None:
    """apt-get, its words on stderr; waits for another that holds the lock."""
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words]
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=quiet, check=False
    )
    if done.returncode:
        sys.exit(
            f"fairlead: {' '.join(command)} ended with {done.returncode} (its words are above); install the packages yourself, then call again"
        )


def _codename() -> str:
    found = re.search(
        r"^VERSION_CODENAME=\"?(\w+)", Path("/etc/os-release").read_text("utf-8"), re.MULTILINE
    )
    return found[1] if found else ""


def add_next_release(apt: Path) -> None:
    """Make the next release known to apt, from the mirror that is there already; with a pin of 100 nothing comes from it unasked."""
    texts = [path.read_text("utf-8") for path in sources(apt)]
    if not any(re.search(rf"^(Suites:|deb ).*\b{NEXT}\b", text, re.MULTILINE) for text in texts):
        uri, key = next(filter(None, map(mirror, texts)))
        signed = f"Signed-By: {key}\n" if key else ""
        (apt / "sources.list.d" / f"{NAME}.sources").write_text(
            f"Types: deb\nURIs: {uri}\nSuites: {NEXT}\nComponents: main\n{signed}", "utf-8"
        )
    (apt / "preferences.d" / NAME).write_text(
        f"Package: *\nPin: release n={NEXT}\nPin-Priority: 100\n", "utf-8"
    )


def sources(apt: Path) -> list[Path]:
    more = apt / "sources.list.d"
    return [
        path
        for path in [
            apt / "sources.list",
            *sorted(more.glob("*.sources")),
            *sorted(more.glob("*.list")),
        ]
        if path.is_file()
    ]


def mirror(text: str) -> tuple[str, str] | None:
    """(URI, Signed-By) of the archive that bookworm comes from, in either format of apt's sources; None where it is not."""
    for stanza in re.split(r"\n\s*\n", text):
        keys = {
            key.lower(): value.strip()
            for key, value in re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", stanza, re.MULTILINE)
        }
        if "bookworm" in keys.get("suites", "").split() and "deb" in keys.get("types", "").split():
            return keys["uris"].split()[0], keys.get("signed-by", "")
    for options, uri in re.findall(
        r"^deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+bookworm\s", text, re.MULTILINE
    ):
        return uri, "".join(re.findall(r"signed-by=(\S+)", options))
    return None
