# WORK whole|bare WORD...: runs the words as the first process of namespaces of its own, in which
# every file system but WORK is read-only; `whole`: the tree has its /proc. Whatever they leave
# running ends with them.
trap "exit 143" TERM INT HUP
umask 022
work=$1 kind=$2
shift 2
export TMPDIR=/tmp HOME=/root LC_ALL=C
mount --make-rprivate / && mount -t proc proc /proc && mount --bind "$work" "$work" || exit 1
while read -r _ _ _ _ at _; do
  case $at/ in
    "$work"/* | /proc/* | /sys/* | /dev/*) ;;
    *) mount -o remount,bind,ro "$(printf %b "$at")" 2>/dev/null ;;
  esac
done </proc/self/mountinfo
for at in /tmp /var/tmp; do
  case $work/ in
    "$at"/*) ;;
    *) mount -t tmpfs -o mode=1777 tmpfs "$at" || exit 1 ;;
  esac
done
for at in / /etc /usr /var/lib; do
  [ ! -w "$at" ] || {
    echo "$at of this host cannot be closed to what is built" >&2
    exit 1
  }
done
[ "$kind" = bare ] || mount -t proc proc "$work/tree/proc" || exit 1
cd / && "$@"
rc=$?
exit $rc
