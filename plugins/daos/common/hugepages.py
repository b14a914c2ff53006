"""Huge pages: at least 4096 of 2048 KiB, at once and after the next boot."""

from fairlead.api import Check, Step, script

from .hardware import HUGE, Hardware

SYSCTL = "/etc/sysctl.d/60-daos-hugepages.conf"

sh = script.beside(__file__)


def check(host: Hardware, count: int) -> Check:
    """Has the host this many huge pages? The fix sets them, where their size is the default."""
    is_usual = host.size == HUGE
    known = "not known" if host.pages is None else host.pages
    other_size = "" if is_usual else f"; the default size is {host.size} KiB"
    setting = f"vm.nr_hugepages = {count}, at once and in {SYSCTL}"
    return Check(
        name="huge pages",
        ok=is_usual and host.pages is not None and host.pages >= count,
        wanted=f"{count} of {HUGE} KiB",
        found=f"{known} of {HUGE} KiB{other_size}",
        why="engines do their input and output in them",
        remedy=setting if is_usual else "boot with default_hugepagesz=2M",
        fix=(_set(count),) if is_usual else (),
    )


def _set(count: int) -> Step:
    words = (str(count), SYSCTL)
    return Step(
        name="huge pages",
        unless=sh("has_hugepages", *words),
        do=sh("set_hugepages", *words),
        undo=sh("unset_hugepages", *words),
    )


def mount(host: Hardware) -> Check:
    """Is hugetlbfs where the container gets it from?"""
    fix = Step(
        name="/dev/hugepages",
        unless=("sh", "-c", "[ -d /dev/hugepages ] || exit 1", "mount"),
        do=sh("mount_hugepages"),
        undo=("true",),
    )
    return Check(
        name="/dev/hugepages",
        ok=host.has_mount,
        wanted="a directory, hugetlbfs",
        found="there" if host.has_mount else "not there",
        why="the container gets it",
        remedy="mount -t hugetlbfs hugetlbfs /dev/hugepages",
        fix=(fix,),
    )
