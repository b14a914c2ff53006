#!/bin/sh
# Makes the repository of the stand-ins, signed with a key of its own, by the real rpm of the stand-in for Rocky Linux. worker.sh BASE.tar.gz OUT
set -eu
umask 022
export LC_ALL=C
BASE=$1 OUT=$2
HERE=$(cd "$(dirname "$0")" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

tar -C "$WORK" -xzf "$BASE"
mknod -m 666 "$WORK/dev/null" c 1 3
mknod -m 666 "$WORK/dev/urandom" c 1 9
mkdir "$WORK/tmp/sources"
cp "$HERE/worker.spec" "$HERE/comps.xml" "$WORK/tmp"
cp /bin/busybox "$WORK/tmp/sources/busybox"
cp /usr/bin/tini-static "$WORK/tmp/sources/tini"
unshare --pid --fork --kill-child chroot "$WORK" sh -ec '
  gpg --batch --passphrase "" --quick-generate-key "fairlead tests, a stand-in" rsa2048 sign never
  rpmbuild -bb --define "_topdir /tmp/top" --define "_rpmdir /repository" --define "sources /tmp/sources" /tmp/worker.spec
  rpmsign --define "__gpg /usr/bin/gpg" --define "_gpg_name fairlead" --addsign /repository/*/*.rpm
  createrepo_c --quiet -g /tmp/comps.xml /repository
  gpg --armor --export >/repository/RPM-GPG-KEY' </dev/null >"$WORK/log" 2>&1 || { tail -n 5 "$WORK/log" >&2; exit 1; }
rm -rf "$OUT.new"
mv "$WORK/repository" "$OUT.new"
mv "$OUT.new" "$OUT"
