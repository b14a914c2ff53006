#!/bin/sh
# What makes one lab host's disk its own, once: names, keys, users, sshd, the engine, a clock. install.sh ROOT NETWORK HOST ID
set -eu
ROOT=$1 NET=$2 HOST=$3 ID=$4
M=$ROOT/$HOST/mnt
INIT=tini STORE=
while read -r key value; do case $key in init) INIT=$value ;; store) STORE=$value ;; esac; done <"$ROOT/$HOST/make"

: >"$M/etc/resolv.conf" # no names from outside, and nobody waits for them
echo "$HOST" >"$M/etc/hostname"
{
  printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n'
  echo "$NET.253 registry-1.docker.io index.docker.io" # the lab's registry, under the name that an image without one is pulled from
  for number in $(seq 99); do echo "$NET.$number ${HOST%%[0-9]*}$number"; done # higher ones may be addresses of what runs on hosts
} >"$M/etc/hosts"

# op: sudo without a password. opw: with one, `lab-password`. opt: without, but only from a terminal.
# shellcheck disable=SC2016
hash='$6$fairlead$9Po0LgxQHkf1gyRKYJAn7ZNIB4EYnMglmdCzZGGsKrsGPMgQ6LWRfuylT2odbge1xBGg0yeOZjc0YNDZ.UtUD.'
ours() { kept=$(grep -Ev '^op[wt]?:' "$M/etc/$1" || true); { echo "$kept"; cat; } >"$M/etc/$1"; } # FILE, our lines on stdin
for user in op:3001 opw:3002 opt:3003; do echo "${user%:*}:x:${user#*:}:${user#*:}:lab user:/home/${user%:*}:/bin/bash"; done | ours passwd
for user in op:3001 opw:3002 opt:3003; do echo "${user%:*}:x:${user#*:}:"; done | ours group
for user in op:'*' opw:"$hash" opt:'*'; do echo "$user:19700:0:99999:7:::" ; done | ours shadow
for user in op:3001 opw:3002 opt:3003; do mkdir -p "$M/home/${user%:*}"; chown "${user#*:}:${user#*:}" "$M/home/${user%:*}"; done
mkdir -p "$M/etc/sudoers.d"
printf '%s\n' 'op ALL=(ALL:ALL) NOPASSWD: ALL' 'opw ALL=(ALL:ALL) ALL' 'opt ALL=(ALL:ALL) NOPASSWD: ALL' 'Defaults:opt requiretty' >"$M/etc/sudoers.d/lab"
chmod 440 "$M/etc/sudoers.d/lab"

rm -f "$M"/etc/ssh/ssh_host_*
cp "$ROOT/$HOST/hostkey" "$M/etc/ssh/ssh_host_ed25519_key"
chmod 600 "$M/etc/ssh/ssh_host_ed25519_key"
cp "$ROOT/key.pub" "$M/etc/ssh/lab_keys"
cat >"$M/etc/ssh/sshd_config" <<END
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/lab_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
LogLevel VERBOSE
UseDNS no
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
END

mkdir -p "$M/etc/docker" "$M/usr/local/sbin" "$M/usr/local/bin"
# The engine trusts Docker Hub by the system's certificates alone, not by its own certs.d; curl by their bundle.
mkdir -p "$M/etc/ssl/certs"
cp "$ROOT/registry/tls.crt" "$M/etc/ssl/certs/fairlead-lab.pem"
[ ! -s "$M/etc/ssl/certs/ca-certificates.crt" ] || cat "$ROOT/registry/tls.crt" >>"$M/etc/ssl/certs/ca-certificates.crt"
# A group of the lab's own where no systemd makes one.
groups='"cgroup-parent": "/'$ID/$HOST'", "exec-opts": ["native.cgroupdriver=cgroupfs"], "pidfile": "/run/docker.pid",'
[ "$INIT" = tini ] || groups=
features=
[ "$STORE" != containerd ] || features='"features": {"containerd-snapshotter": true},'
cat >"$M/etc/docker/daemon.json" <<END
{
  $groups
  $features
  "insecure-registries": ["$NET.253:5000"]
}
END
# Podman wants a limit of processes for each container; the cgroup v2 of a host may have no such controller.
mkdir -p "$M/etc/containers"
printf '[containers]\npids_limit = 0\n' >"$M/etc/containers/containers.conf"
# -f: the engine becomes a child of PID 1, which buries it; else one that was killed stays a zombie and the next will not start.
start='exec setsid -f dockerd </dev/null >>/var/log/dockerd.log 2>&1'
[ "$INIT" = tini ] || start='exec systemctl start docker'
printf '#!/bin/sh\n%s\n' "$start" >"$M/usr/local/sbin/start-dockerd"
chmod 755 "$M/usr/local/sbin/start-dockerd"
stand_ins='clock:chronyc clock:timedatectl'
if [ "$INIT" = systemd ]; then
  mkdir -p "$M/var/log/journal"
else
  stand_ins="$stand_ins systemctl:systemctl journalctl:journalctl"
fi
for pair in $stand_ins; do
  cp "$ROOT/lib/${pair%:*}.sh" "$M/usr/local/bin/${pair#*:}"
  chmod 755 "$M/usr/local/bin/${pair#*:}"
done
