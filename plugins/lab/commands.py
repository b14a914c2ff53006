"""Command lines of files/*.sh, as argv. Each runs on the machine that carries the lab."""

from fairlead.api import Argv

from .site import Lab

# Before the lab's files are there, nothing is up: the answer is no, not a failure.
_ASK = '[ -f "$1" ] || exit 1; exec sh "$@"'
_NOTED = '[ -f "$1" ] && [ "$(cat "$1")" = "$2" ]'
_UNPACK = 'set -eu; mkdir -p "$1/lib.new"; tar -xf - -C "$1/lib.new"; rm -rf "$1/lib"; mv "$1/lib.new" "$1/lib"; echo "$2" >"$1/lib/digest"'
# ROOT NETWORK-ID: is nothing there, in the file system, among namespaces and links?
_NOTHING = 'if [ -e "$1" ] || ip netns list | grep -q "^$2-" || ip link show "$2" >/dev/null 2>&1; then exit 1; fi'
_STATUS = 'if [ -f "$1" ]; then exec sh "$@"; else echo power none; fi'

# PACKAGE:COMMAND..., network: what is missing on this machine, one `key value` a line.
MACHINE = """
root=$1 net=$2 id=$3; shift 3
echo "uid $(id -u)"
for pair; do command -v "${pair#*:}" >/dev/null || echo "missing ${pair%:*}"; done
! command -v busybox >/dev/null || ! head -c 1024 "$(command -v busybox)" | grep -qa ld-linux || echo missing busybox-static
{ grep -qw overlay /proc/filesystems || modprobe -n -q overlay; } && echo overlay yes
[ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] && echo cgroup v2 || echo cgroup v1
while [ ! -e "$root" ]; do root=$(dirname "$root"); done
echo "filesystem $(stat -fc %T "$root")"
ip -4 route show root "$net.0/24" 2>/dev/null | sed -n "/ dev $id /!s/^/route /p"
exit 0
"""


def identity(section: Lab) -> str:
    """The name that everything of this lab has outside its root: fl77.0."""
    return "fl" + section.network.partition(".")[2]


def lab(section: Lab, verb: str, *words: str) -> Argv:
    """`lab.sh VERB WORDS`, which does it."""
    return ("sh", f"{section.root}/lib/lab.sh", section.root, section.network, verb, *words)


def asks(section: Lab, verb: str, *words: str) -> Argv:
    """`lab.sh VERB WORDS`, a question; no where there is no lab at all."""
    return ("sh", "-c", _ASK, *lab(section, verb, *words))


def status(section: Lab, host: str) -> Argv:
    return ("sh", "-c", _STATUS, *lab(section, "status", host))


def nothing_left(section: Lab) -> Argv:
    return ("sh", "-c", _NOTHING, "lab", section.root, identity(section))


def unpack(section: Lab, digest: str) -> Argv:
    """Puts the archive on stdin in place whole."""
    return ("sh", "-c", _UNPACK, "lab", section.root, digest)


def unpacked(section: Lab, digest: str) -> Argv:
    return ("sh", "-c", _NOTED, "lab", f"{section.root}/lib/digest", digest)


def publish(section: Lab, name: str, version: str, flavor: str, broken: bool, spec: str) -> Argv:
    """`name` is IMAGE:TAG."""
    image, _, tag = name.rpartition(":")
    words = (
        section.root,
        section.network,
        section.cache,
        image,
        tag,
        version,
        flavor,
        "yes" if broken else "no",
        spec,
    )
    return ("sh", f"{section.root}/lib/publish.sh", *words)


def published(section: Lab, name: str, spec: str) -> Argv:
    return ("sh", "-c", _NOTED, "lab", f"{section.root}/published/{name}", spec)
