#!/bin/sh
# Makes the tree of a Debian release that hosts stand on, once: with Docker, Compose, Podman, sshd and systemd of that release. tree.sh TREE RELEASE
# TREE is there whole or not at all; the lock is the kernel's and ends with us.
set -eu
umask 022
export LC_ALL=C
TREE=$1 RELEASE=$2
LIB=$(dirname "$0")
CACHE=$(dirname "$TREE")
# shellcheck source=debian.sh
. "$LIB/debian.sh"

PACKAGES="systemd,systemd-sysv,dbus,tini,openssh-server,sudo,iproute2,iptables,nftables,procps,kmod,curl,ca-certificates,openssl,less,xz-utils,\
iputils-ping,python3,docker.io,podman,netavark,aardvark-dns,runc,busybox-static,dnsmasq-base,docker-registry"
[ "$RELEASE" = bookworm ] || PACKAGES=$PACKAGES,crun,docker-cli,docker-compose

# Nothing that belongs to the whole machine: its devices, kernel settings, clock, disks; and no getty.
MASKED="systemd-udevd.service systemd-udev-trigger.service systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-modules-load.service
  systemd-sysctl.service systemd-binfmt.service systemd-random-seed.service systemd-pstore.service systemd-timesyncd.service systemd-journald-audit.socket
  systemd-hwdb-update.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount
  getty@tty1.service console-getty.service fstrim.timer e2scrub_all.timer apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer
  netavark-dhcp-proxy.service netavark-dhcp-proxy.socket netavark-firewalld-reload.service sshd-keygen.service"

# compose_plugin TREE: bookworm's own Compose is 1.29; the plugin comes from the next release, by an apt that knows nothing else.
compose_plugin() {
  tree=$1 apt=$WORK/apt
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(source_of_apt) trixie main" >"$apt/list"
  set -- -q -o Dir::Etc::SourceList="$apt/list" -o Dir::Etc::SourceParts=- -o Dir::Etc::Preferences=- -o Dir::Etc::PreferencesParts=- \
    -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" -o APT::Sandbox::User=root
  { apt-get "$@" update && (cd "$apt" && apt-get "$@" download docker-compose); } >"$WORK/log" 2>&1 || failed
  dpkg -x "$apt"/docker-compose_*.deb "$tree"
  rm -rf "$apt"
}

# runc_alone TREE: bookworm's crun, which podman brings, raises a limit that a machine in a sandbox may not raise.
runc_alone() { dpkg --root="$1" --purge crun >"$WORK/log" 2>&1 || failed; }

# What every host has of its own is nobody's: keys, identity, sources of packages.
anonymous() {
  : >"$1/etc/machine-id"
  rm -f "$1"/etc/ssh/ssh_host_* "$1/var/lib/dbus/machine-id" "$1"/etc/apt/sources.list "$1/etc/resolv.conf" "$1/etc/hostname"
  rm -f "$1/etc/systemd/system/multi-user.target.wants/docker-registry.service" # a registry is whose site has one
  for unit in $MASKED; do ln -sf /dev/null "$1/etc/systemd/system/$unit"; done
}

failed() { tail -n 5 "$WORK/log" >&2; echo "lab: the tree of $RELEASE could not be made; its log ends above" >&2; exit 1; }

mkdir -p "$CACHE"
exec 9>"$TREE.lock"
flock 9
[ ! -d "$TREE" ] || exit 0
rm -rf --one-file-system "$TREE".new.* # of makers that were killed: none works now, for we have the lock
WORK=$(mktemp -d "$TREE.new.XXXXXX")
trap 'rm -rf --one-file-system "$WORK"' EXIT
echo "lab: a tree of $RELEASE is made, some four minutes; next time it is there"
{
  bootstrap "$CACHE" "$RELEASE" "$WORK/tree" "$PACKAGES" "$WORK/log" || failed
  [ "$RELEASE" != bookworm ] || { compose_plugin "$WORK/tree"; runc_alone "$WORK/tree"; }
  anonymous "$WORK/tree"
} 9>&-
sync -f "$WORK"
mv -T "$WORK/tree" "$TREE"
