#!/bin/sh
# The stand-in for rockylinux/rockylinux: names itself, on the tree that rpms/rocky.sh made. make.sh TREE BASE.tar.gz VERSION FLAVOR yes|no(broken)
set -eu
TREE=$1 VERSION=${3%.*}
mkdir -p "$TREE/etc"
echo "Rocky Linux release $VERSION (a stand-in)" >"$TREE/etc/rocky-release"
ln -s rocky-release "$TREE/etc/redhat-release"
echo "A stand-in for rockylinux/rockylinux:$VERSION, made by fairlead's lab: a Debian with Debian's own dnf and rpm." >"$TREE/etc/fairlead-stand-in"
case $VERSION in
  9.*) # EL9 has one file for all, and `crb` in it where EL8 had PowerTools
    mkdir -p "$TREE/etc/yum.repos.d"
    : >"$TREE/etc/yum.repos.d/.wh.Rocky-PowerTools.repo"
    for id in crb devel; do
      printf '[%s]\nname=Rocky Linux 9 - %s (a stand-in)\nbaseurl=file:///usr/lib/stand-in/rocky\ngpgcheck=0\nenabled=0\n\n' "$id" "$id"
    done >"$TREE/etc/yum.repos.d/rocky.repo"
    ;;
esac
printf 'NAME="Rocky Linux"\nVERSION="%s"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="%s"\nPLATFORM_ID="platform:el%s"\nPRETTY_NAME="Rocky Linux %s (a stand-in)"\n' \
  "$VERSION" "$VERSION" "${VERSION%.*}" "$VERSION" >"$TREE/etc/os-release"
find "$TREE" -type d -exec chmod 755 {} +
find "$TREE" -type f -exec chmod 644 {} +
echo '"Cmd":["/bin/bash"]'
