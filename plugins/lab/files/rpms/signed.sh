#!/bin/sh
# Makes a repository of packages, signed with a key of its own, in the tree of the stand-in for Rocky Linux. signed.sh BASE.tar.gz OUT FOLDER [FILE...]
# FOLDER and the FILEs are /tmp/sources there; its build.sh makes packages below /repository, comps.xml (if there is one) says their groups.
# OUT/RPM-GPG-KEY is the public key.
set -eu
umask 022
export LC_ALL=C
BASE=$1 OUT=$2 FOLDER=$3
shift 3
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

tar -C "$WORK" -xzf "$BASE"
mknod -m 666 "$WORK/dev/null" c 1 3
mknod -m 666 "$WORK/dev/urandom" c 1 9
cp -R "$FOLDER" "$WORK/tmp/sources"
[ $# = 0 ] || cp "$@" "$WORK/tmp/sources"
# In a PID namespace of its own, so that the agent that gpg leaves behind ends with it.
# shellcheck disable=SC2016
unshare --pid --fork --kill-child chroot "$WORK" sh -ec '
  gpg --batch --passphrase "" --quick-generate-key "fairlead, a stand-in" rsa2048 sign never
  sh -e /tmp/sources/build.sh
  rpmsign --define "__gpg /usr/bin/gpg" --define "_gpg_name fairlead" --addsign /repository/*/*.rpm
  groups=/tmp/sources/comps.xml; [ -f "$groups" ] || groups=
  createrepo_c --quiet ${groups:+-g "$groups"} /repository
  gpg --armor --export >/repository/RPM-GPG-KEY' </dev/null >"$WORK/log" 2>&1 || { tail -n 5 "$WORK/log" >&2; exit 1; }
rm -rf "$OUT.new"
mkdir -p "$(dirname "$OUT")"
mv "$WORK/repository" "$OUT.new"
rm -rf "$OUT"
mv "$OUT.new" "$OUT"
