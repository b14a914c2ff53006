"""Huge pages: at least 4096 of 2048 KiB, at once and after the next boot."""

from fairlead.api import Check, Step

from .hardware import HUGE, Hardware

SYSCTL = "/etc/sysctl.d/60-daos-hugepages.conf"
# COUNT FILE: has the host as many, and lastingly?
HAS = '[ "$(cat /proc/sys/vm/nr_hugepages)" -ge "$1" ] && grep -qx "vm.nr_hugepages = $1" "$2" 2>/dev/null || exit 1'
# COUNT FILE: so be it. The file remembers how many there were.
SET = """set -eu; was=$(cat /proc/sys/vm/nr_hugepages)
mkdir -p "${2%/*}"; [ ! -e "$2" ] || cp "$2" "$2.before"
printf '%s\\n' "# Written by fairlead for DAOS; before it there were $was." "vm.nr_hugepages = $1" >"$2.new"; mv "$2.new" "$2"
[ "$was" -ge "$1" ] || echo "$1" >/proc/sys/vm/nr_hugepages
now=$(cat /proc/sys/vm/nr_hugepages)
if [ "$now" -lt "$1" ]; then
  echo 1 >/proc/sys/vm/compact_memory; echo "$1" >/proc/sys/vm/nr_hugepages
  now=$(cat /proc/sys/vm/nr_hugepages)
fi
[ "$now" -ge "$1" ] || { echo "the kernel found room for $now of $1 huge pages: memory is in use, or in pieces" >&2; exit 1; }"""
UNSET = """was=$(sed -n 's/^# Written by fairlead for DAOS; before it there were \\([0-9]*\\)\\.$/\\1/p' "$2" 2>/dev/null)
rm -f "$2.new"
if [ -e "$2.before" ]; then mv "$2.before" "$2"; else rm -f "$2"; fi
[ -z "$was" ] || echo "$was" >/proc/sys/vm/nr_hugepages"""
MOUNT = "set -eu; mkdir -p /dev/hugepages; mountpoint -q /dev/hugepages || mount -t hugetlbfs hugetlbfs /dev/hugepages"


def check(host: Hardware, wanted: int) -> Check:
    words = (str(wanted), SYSCTL)
    usual = host.size == HUGE
    fix = Step(
        name="huge pages",
        unless=("sh", "-c", HAS, "pages", *words),
        do=("sh", "-c", SET, "pages", *words),
        undo=("sh", "-c", UNSET, "pages", *words),
    )
    return Check(
        name="huge pages",
        ok=usual and host.pages is not None and host.pages >= wanted,
        wanted=f"{wanted} of {HUGE} KiB",
        found=f"{'not known' if host.pages is None else host.pages} of {HUGE} KiB"
        + ("" if usual else f"; the default size is {host.size} KiB"),
        why="engines do their input and output in them",
        remedy=f"vm.nr_hugepages = {wanted}, at once and in {SYSCTL}"
        if usual
        else "boot with default_hugepagesz=2M",
        fix=(fix,) if usual else (),
    )


def mount(host: Hardware) -> Check:
    return Check(
        name="/dev/hugepages",
        ok=host.has_mount,
        wanted="a directory, hugetlbfs",
        found="there" if host.has_mount else "not there",
        why="the container gets it",
        remedy="mount -t hugetlbfs hugetlbfs /dev/hugepages",
        fix=(
            Step(
                name="/dev/hugepages",
                unless=("sh", "-c", "[ -d /dev/hugepages ] || exit 1", "mount"),
                do=("sh", "-c", MOUNT, "mount"),
                undo=("true",),
            ),
        ),
    )
