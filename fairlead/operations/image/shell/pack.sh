# WORK METHOD: notes in WORK/packages which packages the tree holds, and makes the tarball.
set -e
work=$1 method=$2 tree=$1/tree
if [ "$method" = debootstrap ]; then
  # shellcheck disable=SC2016
  chroot "$tree" dpkg-query -W -f '${Package}=${Version}\n' >"$work/packages"
else
  rpm --root "$tree" -qa --qf '%{NAME}=%{VERSION}-%{RELEASE}\n' | grep -v '^gpg-pubkey=' \
    >"$work/packages"
fi
LC_ALL=C sort -u -o "$work/packages" "$work/packages"
[ -s "$work/packages" ] || {
  echo "the tree holds no package" >&2
  exit 1
}
set -- --numeric-owner --one-file-system '--exclude=./proc/*' '--exclude=./sys/*' -C "$tree"
! tar --help | grep -q -e --xattrs-include || set -- "$@" --xattrs '--xattrs-include=*'
tar "$@" -czf "$work/image.tar.gz" .
echo "$(($(stat -c %s "$work/image.tar.gz") / 1000000)) MB, $(wc -l <"$work/packages") packages"
