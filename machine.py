"""What ./inv demo and ./inv test need of this machine, and how a Debian gets it.

Knows nothing of fairlead.
"""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

APT = Path("/etc/apt")
PACKAGES = (
    *("busybox-static", "certbot", "curl", "debootstrap", "dnf", "dnsmasq-base"),
    *("docker-registry", "docker.io", "fish", "golang-github-containers-common", "gpg"),
    *("gpg-agent", "iproute2", "iptables", "nftables", "openssh-client", "openssh-server"),
    *("openssl", "pebble", "podman", "procps", "python3-venv", "rpm", "shellcheck", "skopeo"),
    *("sudo", "tini", "tmux", "xz-utils", "zsh"),
)
COMPOSE = "docker-compose"
COMMANDS = (
    *("dockerd", "tini", "sshd", "ip", "iptables", "debootstrap", "docker-registry"),
    *("sudo", "curl", "openssl"),
)
# bookworm has Compose 1.29; the plugin for 2.16 and newer comes from the next release.
NEXT = "trixie"
NAME = f"fairlead-{NEXT}"


def lacks() -> str:
    """One sentence that says why there can be no lab here; "" where there can be."""
    if platform.system() != "Linux":
        return (
            f"the lab needs Linux, and this is {platform.system()}; "
            "everything that needs no lab works here"
        )
    if os.geteuid() != 0:
        return (
            "the lab needs root (it makes hosts out of namespaces); run it as root, "
            "everything that needs no lab works without"
        )
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    absent = [name for name in COMMANDS if shutil.which(name, path=path) is None]
    if absent:
        return (
            f"the lab needs {', '.join(absent)}; on Debian, ./inv test and ./inv demo install them"
        )
    return ""


def prepare() -> str:
    """Install what is missing, where that is possible: root on Debian. Then as lacks()."""
    if platform.system() == "Linux" and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = missing()
        if packages:
            _install(packages)
    return lacks()


def missing() -> tuple[str, ...]:
    """The packages that are not installed, as apt-get is to be asked for them."""
    installed = _versions((*PACKAGES, COMPOSE))
    packages = tuple(name for name in PACKAGES if name not in installed)
    return packages if modern(installed.get(COMPOSE, "0")) else (*packages, COMPOSE)


def modern(version: str) -> bool:
    """Is it Compose 2.16 or newer? A Debian version, an epoch before it or not."""
    numbers = re.findall(r"[0-9]+", version.partition(":")[2] or version)
    return tuple(map(int, numbers[:2])) >= (2, 16)


def _versions(names: Iterable[str]) -> dict[str, str]:
    """Package -> version, of those that are installed."""
    form = "${db:Status-Status} ${Package} ${Version}\n"
    command = ["dpkg-query", "-W", "-f", form, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {words[1]: words[2] for words in lines if words[0] == "installed"}


def _install(packages: tuple[str, ...]) -> None:
    print(f"fairlead: installing with apt-get: {' '.join(packages)}", file=sys.stderr)
    if COMPOSE in packages and _codename() == "bookworm":
        add_next_release(APT)
        packages = tuple(f"{name}/{NEXT}" if name == COMPOSE else name for name in packages)
    _apt("update")
    _apt("install", "-y", "--no-install-recommends", *packages)


def _apt(*words: str) -> None:
    """Run apt-get, its output on stderr; waits for another that holds the lock."""
    command = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300", *words]
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=environment, check=False
    )
    if done.returncode:
        sys.exit(
            f"fairlead: {' '.join(command)} ended with {done.returncode} (its words are above); "
            "install the packages yourself, then call again"
        )


def _codename() -> str:
    text = Path("/etc/os-release").read_text("utf-8")
    match = re.search(r"^VERSION_CODENAME=\"?(\w+)", text, re.MULTILINE)
    return match[1] if match else ""


def add_next_release(apt: Path) -> None:
    """Make the next release known to apt, from the mirror that is there already.

    With a pin of 100 nothing comes from it unasked.
    """
    texts = [path.read_text("utf-8") for path in sources(apt)]
    suite = re.compile(rf"^(Suites:|deb ).*\b{NEXT}\b", re.MULTILINE)
    if not any(map(suite.search, texts)):
        uri, key = next(filter(None, map(mirror, texts)))
        signed = f"Signed-By: {key}\n" if key else ""
        (apt / "sources.list.d" / f"{NAME}.sources").write_text(
            f"Types: deb\nURIs: {uri}\nSuites: {NEXT}\nComponents: main\n{signed}", "utf-8"
        )
    (apt / "preferences.d" / NAME).write_text(
        f"Package: *\nPin: release n={NEXT}\nPin-Priority: 100\n", "utf-8"
    )


def sources(apt: Path) -> list[Path]:
    """The files that say where packages come from."""
    folder = apt / "sources.list.d"
    paths = [
        apt / "sources.list",
        *sorted(folder.glob("*.sources")),
        *sorted(folder.glob("*.list")),
    ]
    return [path for path in paths if path.is_file()]


def mirror(text: str) -> tuple[str, str] | None:
    """(URI, Signed-By) of the archive that bookworm comes from; None where there is none.

    In either format of apt's sources.
    """
    for keys in _stanzas(text):
        if "bookworm" in keys.get("suites", "").split() and "deb" in keys.get("types", "").split():
            return keys["uris"].split()[0], keys.get("signed-by", "")
    line = re.search(r"^deb\s+(?:\[([^]]*)\]\s+)?(\S+)\s+bookworm\s", text, re.MULTILINE)
    if not line:
        return None
    return line[2], "".join(re.findall(r"signed-by=(\S+)", line[1] or ""))


def _stanzas(text: str) -> Iterator[dict[str, str]]:
    """The stanzas of a deb822 file, keys in small letters."""
    for stanza in re.split(r"\n\s*\n", text):
        pairs = re.findall(r"^([A-Za-z-]+):[ \t]*(.*)$", stanza, re.MULTILINE)
        yield {key.lower(): value.strip() for key, value in pairs}
