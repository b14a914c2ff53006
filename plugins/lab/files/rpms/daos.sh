#!/bin/sh
# Makes a repository of stand-in packages of DAOS, signed with a key of its own, in the tree of the stand-in for Rocky Linux. daos.sh BASE.tar.gz OUT
# OUT/RPM-GPG-KEY is the public key. 2.4.2 is broken: its server does not start.
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
cp -R "$HERE/daos" "$HERE/daos.spec" "$WORK/tmp"
# In a PID namespace of its own, so that the agent that gpg leaves behind ends with it.
in_tree() { unshare --pid --fork --kill-child chroot "$WORK" "$@" </dev/null >"$WORK/log" 2>&1 || { tail -n 5 "$WORK/log" >&2; echo "lab: $* failed" >&2; exit 1; }; }

in_tree gpg --batch --passphrase '' --quick-generate-key 'fairlead lab, a stand-in' rsa2048 sign never
for release in 2.4.0-2 2.4.1-1 2.4.2-1 2.6.0-1; do
  in_tree rpmbuild -bb --define '_topdir /tmp/top' --define '_rpmdir /repository' --define 'sources /tmp/daos' \
    --define "release_of_daos ${release%-*}" --define "build_of_daos ${release#*-}" --define "broken $([ "$release" = 2.4.2-1 ] && echo yes || echo no)" /tmp/daos.spec
done
in_tree sh -c 'rpmsign --define "__gpg /usr/bin/gpg" --define "_gpg_name fairlead" --addsign /repository/*/*.rpm && createrepo_c --quiet /repository && gpg --armor --export >/repository/RPM-GPG-KEY'
rm -rf "$OUT.new"
mkdir -p "$(dirname "$OUT")"
mv "$WORK/repository" "$OUT.new"
rm -rf "$OUT"
mv "$OUT.new" "$OUT"
