"""The root tree of an image on the host that builds: made from nothing, stanza by stanza, slimmed, and packed. Source: the document, 7.

WORK is SCRATCH/NAME: the tree and what belongs to it. Nothing outside of it can be written while a tree is made.
"""

from collections.abc import Iterator

from fairlead.api import Argv, Command, Step, then

from ..site import File, Recipe
from . import recipes

# WORK whole|bare WORD...: the words, in namespaces of their own in which every other file system is read-only; `whole`: the tree has its /proc.
# Whatever they leave running ends with them.
WALL = """exec unshare --mount --pid --fork sh -c 'trap "exit 143" TERM INT HUP
umask 022
work=$1 kind=$2; shift 2
export TMPDIR=/tmp HOME=/root LC_ALL=C
mount --make-rprivate / && mount -t proc proc /proc && mount --bind "$work" "$work" || exit 1
while read -r _ _ _ _ at _; do
  case $at/ in "$work"/* | /proc/* | /sys/* | /dev/*) ;; *) mount -o remount,bind,ro "$(printf %b "$at")" 2>/dev/null ;; esac
done </proc/self/mountinfo
for at in /tmp /var/tmp; do case $work/ in "$at"/*) ;; *) mount -t tmpfs -o mode=1777 tmpfs "$at" || exit 1 ;; esac; done
for at in / /etc /usr /var/lib; do [ ! -w "$at" ] || { echo "$at of this host cannot be closed to what is built" >&2; exit 1; }; done
[ "$kind" = bare ] || mount -t proc proc "$work/tree/proc" || exit 1
cd / && "$@"; rc=$?
exit $rc' wall "$@" </dev/null"""
FED = WALL.removesuffix(" </dev/null")  # its stdin is the words'
# WORK
BEGIN = 'umask 022; rm -rf --one-file-system "$1" && mkdir -p "${1%/*}" && mkdir -m 0700 "$1" && mkdir "$1/tree"'
CLEAR = 'rm -rf --one-file-system "$1"'
PUT = 'mkdir -p "${1%/*}" && cat >"$1"'
# TREE: the bare minimum of devices
DEVICES = """mkdir -p "$1/dev" && while read -r name mode major minor; do
  [ -e "$1/dev/$name" ] || mknod -m "$mode" "$1/dev/$name" c "$major" "$minor" || exit 1
done <<'END'
console 600 5 1
full 666 1 7
null 666 1 3
ptmx 666 5 2
random 666 1 8
tty 666 5 0
tty0 666 4 0
urandom 666 1 9
zero 666 1 5
END"""
# WORK STANZA: the size so far, told and noted.
SIZE = """kib=$(du -skx "$1/tree" | cut -f1) && mb=$(((kib * 1024 + 500000) / 1000000))
printf '%s=%sMB\\n' "$(printf %s "$2" | tr ' ' _)" "$mb" >>"$1/sizes"; echo "$mb MB so far" """
# KEYRING TREE: keys of the mirror for the tree's own apt; no service starts in a tree.
PREPARE = """umask 022; [ -z "$1" ] || cp "$1" "$2/etc/apt/trusted.gpg.d/mirror.${1##*.}" || exit 1
printf '#!/bin/sh\\nexit 101\\n' >"$2/usr/sbin/policy-rc.d" && chmod 755 "$2/usr/sbin/policy-rc.d"
exec chroot "$2" apt-get -o APT::Update::Error-Mode=any update"""
# In the tree. PATH...: these, and what installers leave behind.
SLIM = """rm -rf -- "$@" && rm -f /usr/sbin/policy-rc.d /etc/hostname
for at in /var/cache/apt /var/lib/apt/lists /var/cache/dnf /var/cache/yum /var/cache/ldconfig; do rm -rf -- "${at:?}"/*; done
[ ! -d /var/log ] || find /var/log -type f -exec sh -c 'for file; do : >"$file"; done' clear {} +"""
# In the tree. FILE SHADOW REST LINE...: appended; who is there already has to be the same.
ACCOUNTS = """file=$1 shadow=$2 rest=$3; shift 3
for line; do
  name=${line%%:*}
  if is=$(grep "^$name:" "$file"); then
    [ "$is" = "$line" ] || { echo "$file has $is already, and the site wants $line" >&2; exit 1; }
  else
    printf '%s\\n' "$line" >>"$file" || exit 1
    [ ! -f "$shadow" ] || grep -q "^$name:" "$shadow" || printf '%s%s\\n' "$name" "$rest" >>"$shadow" || exit 1
  fi
done"""
# In the tree. PATH MODE; the content on stdin
FILE = 'mkdir -p "${1%/*}" && cat >"$1" && chmod "$2" "$1"'
# WORK METHOD: which packages it holds, and the tarball.
PACK = """set -e; tree=$1/tree
if [ "$2" = debootstrap ]; then chroot "$tree" dpkg-query -W -f '${Package}=${Version}\\n' >"$1/packages"
else rpm --root "$tree" -qa --qf '%{NAME}=%{VERSION}-%{RELEASE}\\n' | grep -v '^gpg-pubkey=' >"$1/packages"; fi
LC_ALL=C sort -u -o "$1/packages" "$1/packages"
[ -s "$1/packages" ] || { echo "the tree holds no package" >&2; exit 1; }
set -- "$1" --numeric-owner --one-file-system --exclude=./proc/* --exclude=./sys/* -C "$tree"
! tar --help | grep -q -e --xattrs-include || set -- "$@" --xattrs '--xattrs-include=*'
work=$1; shift
tar "$@" -czf "$work/image.tar.gz" .
echo "$(($(stat -c %s "$work/image.tar.gz") / 1000000)) MB, $(wc -l <"$work/packages") packages" """

BUILD = 7200  # seconds


def walled(work: str, *words: str, whole: bool = False, fed: bool = False) -> Argv:
    """The words, with nothing but WORK to write to."""
    return ("sh", "-c", FED if fed else WALL, "wall", work, "whole" if whole else "bare", *words)


def _inside(work: str, program: str, *words: str, fed: bool = False) -> Argv:
    """A constant program in the tree itself: a link there leads nowhere else."""
    return walled(work, "chroot", f"{work}/tree", "sh", "-c", program, "tree", *words, fed=fed)


def steps(recipe: Recipe, name: str, work: str, unless: Command | None) -> Iterator[Step]:
    """From nothing to a tarball; each is skipped where `unless` says that the image is there. What fails takes the tree with it."""

    def step(what: str, do: Command, **more: object) -> Step:
        gone_with_the_tree = ("true",)
        return Step(
            name=f"{name}: {what}",
            unless=unless,
            do=do,
            **({"timeout": BUILD, "undo": gone_with_the_tree} | more),
        )

    yield step("tree", ("sh", "-c", BEGIN, "begin", work), undo=("sh", "-c", CLEAR, "clear", work))
    if recipe.method == "debootstrap":
        packages, made = (
            f"is there a suite {recipe.release} at {recipe.mirror}?",
            recipes.base(recipe, f"{work}/tree"),
        )
        first = then(
            walled(work, *made),
            walled(work, "sh", "-c", PREPARE, "prepare", recipe.keyring, f"{work}/tree"),
            _size(work, "base"),
        )
        yield step("base", first, progress=True, show_output=True, remedy=packages)
    yield step("devices", ("sh", "-c", DEVICES, "devices", f"{work}/tree"))
    if recipe.method != "debootstrap" and recipe.mirror:
        yield step(
            "mirror",
            ("sh", "-c", PUT, "put", f"{work}/repositories/mirror.repo"),
            stdin=recipes.repository(recipe),
        )
    for stanza in recipes.stanzas(recipe):
        install = walled(
            work, *recipes.line(recipe, work, stanza), whole=recipe.method == "debootstrap"
        )
        remedy = f"its packages are {', '.join(recipes.contents(stanza))}"
        yield step(
            f"stanza {stanza.name}",
            then(install, _size(work, stanza.name)),
            progress=True,
            show_output=True,
            remedy=remedy,
        )
    yield step(
        "slim", then(_inside(work, SLIM, *recipe.expunge), _size(work, "slim")), show_output=True
    )
    yield from (step(what, do) for what, do in _accounts(recipe, work))
    yield from (
        step(f"file {file.path}", _file(work, file), stdin=file.content)
        for file in recipes.files(recipe)
    )
    yield step(
        "tarball", walled(work, "sh", "-c", PACK, "pack", work, recipe.method), show_output=True
    )


def _size(work: str, stanza: str) -> Argv:
    return ("sh", "-c", SIZE, "size", work, stanza)


def _accounts(recipe: Recipe, work: str) -> Iterator[tuple[str, Argv]]:
    if recipe.group:
        yield "groups", _inside(work, ACCOUNTS, "/etc/group", "/etc/gshadow", ":!::", *recipe.group)
    if recipe.passwd:
        yield (
            "users",
            _inside(work, ACCOUNTS, "/etc/passwd", "/etc/shadow", ":!!:::::::", *recipe.passwd),
        )


def _file(work: str, file: File) -> Argv:
    return _inside(work, FILE, file.path, file.mode, fed=True)
