#!/bin/sh
# A stand-in for systemd as the first process of a container. It wants what the real one wants, or ends; runs the units that are enabled; ends by SIGRTMIN+3 alone.
die() {
  echo "systemd (a stand-in): $1"
  exit 1
}
# shellcheck disable=SC2016 # its own words
[ $$ = 1 ] || die 'Trying to run as user instance, but $XDG_RUNTIME_DIR is not set.'
for at in /run /tmp; do grep -q " $at tmpfs " /proc/mounts || die "Failed to mount tmpfs at $at"; done
grep -q ' /sys/fs/cgroup[ /]' /proc/mounts || die "Failed to allocate manager object: no cgroups"
trap '' TERM
# shellcheck disable=SC2172 # no name of it that every shell has
trap 'systemctl stop xcatd; echo "systemd (a stand-in): Powering off."; exit 0' 37
[ -s /etc/machine-id ] || cat /proc/sys/kernel/random/uuid >/etc/machine-id
for unit in /etc/systemd/system/multi-user.target.wants/*; do
  [ ! -e "$unit" ] || systemctl start "${unit##*/}" &
done
while :; do
  sleep 60 &
  wait $!
done
