#!/bin/sh
# Makes a Debian tree into a stand-in for Rocky Linux 8: dnf and rpm are real, with a database of their own and a repository within the image.
# rocky.sh TREE
set -eu
TREE=$1
HERE=$(dirname "$0")
REPOSITORY=/usr/lib/stand-in/rocky
LISTS=$TREE/tmp/lists

mkdir -p "$TREE/etc/rpm" "$TREE/etc/yum.repos.d" "$TREE/etc/security/limits.d" "$TREE$REPOSITORY" "$LISTS"
echo '%_dbpath /var/lib/rpm' >"$TREE/etc/rpm/macros" # Debian's rpm has it below ~
printf '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\nskip_if_unavailable=False\n' >"$TREE/etc/dnf/dnf.conf"
repository() { # FILE ID ENABLED
  printf '[%s]\nname=%s 8 (a stand-in)\nbaseurl=file://%s\ngpgcheck=0\nenabled=%s\n' "$2" "$1" "$REPOSITORY" "$3" >"$TREE/etc/yum.repos.d/$1.repo"
}
repository Rocky-BaseOS baseos 1
repository Rocky-AppStream appstream 1
repository Rocky-PowerTools powertools 0
repository epel epel 1

# What becomes a package of the repository is no longer in the tree: who does not install it does not have it.
files() { # DEBIAN-PACKAGE: what it carries, by the paths that /usr has today
  chroot "$TREE" dpkg -L "$1" | sed '/^\/usr\/share/d; s,^/\(bin\|sbin\|lib\)/,/usr/\1/,' | while read -r path; do [ -d "$TREE$path" ] || echo "$path"; done
}
cp "$HERE/rocky.fio" "$TREE/usr/bin/fio"
chmod 755 "$TREE/usr/bin/fio"
echo /usr/bin/fio >"$LISTS/fio"
echo /etc/yum.repos.d/epel.repo >"$LISTS/epel-release"
for name in kmod sudo; do files "$name" >"$LISTS/$name"; done
files xz-utils >"$LISTS/xz"
ln -s fusermount "$TREE/usr/bin/fusermount3"
{ for name in bindfs fuse libfuse2; do files "$name"; done; echo /usr/bin/fusermount3; } >"$LISTS/fuse3"
files dnf-plugins-core >"$TREE/tmp/plugins"
grep 'config_manager\|dnfpluginscore' "$TREE/tmp/plugins" >"$LISTS/dnf-plugins-core" # what else Debian has there, Rocky does not switch on

cp "$HERE/rocky.spec" "$TREE/tmp/rocky.spec"
chroot "$TREE" rpmbuild --quiet -bb --define '_topdir /tmp/top' --define "_rpmdir $REPOSITORY" --define 'lists /tmp/lists' --define '__os_install_post %{nil}' /tmp/rocky.spec
cat "$LISTS"/* "$TREE/tmp/plugins" | sed "s,^,$TREE," | xargs rm -f
chroot "$TREE" createrepo_c --quiet "$REPOSITORY"
chroot "$TREE" rpmdb --initdb
chroot "$TREE" dnf --quiet --assumeyes --releasever=8 install rocky-release
chroot "$TREE" dnf --quiet clean all
for path in "$TREE/tmp" "$TREE/var/log" "$TREE/var/cache/debconf"; do find "$path" -mindepth 1 -delete; done
rm -rf "$TREE"/usr/share/perl* "$TREE"/usr/lib/*/perl "$TREE/usr/share/zoneinfo" "$TREE/usr/share/info" "$TREE/var/lib/dpkg/info"
