#!/bin/sh
# PID 1 of one lab host: makes the host's own view of the machine's files, or of a release's tree, enters it and hands over to tini or systemd.
# init.sh ROOT NETWORK HOST v1|v2 ID. Called in new mount, uts, ipc and pid namespaces; what it mounts goes with them. ROOT/HOST/make says what the host is.
set -eu
ROOT=$1 NET=$2 HOST=$3 CGROUP=$4 ID=$5
D=$ROOT/$HOST M=$ROOT/$HOST/mnt
LOWER=/ INIT=tini
while read -r key value; do case $key in tree) LOWER=$value ;; init) INIT=$value ;; esac; done <"$D/make"

read -r line </proc/self/stat # the machine's /proc is still here: this is our number outside
echo "${line%% *} $(echo "${line##*) }" | cut -d' ' -f20) $(cat /proc/sys/kernel/random/boot_id)" >"$D/pid"

mount -t overlay "$ID-$HOST" -o "lowerdir=$LOWER,upperdir=$D/disk/upper,workdir=$D/disk/work" "$M"
mkdir -p "$M/root" "$M/home" "$M/var/log" "$M/var/lib/docker" "$M/var/lib/containers" "$M/var/lib/containerd" "$M/var/lib/fairlead" "$M/run" "$M/tmp" "$M/.old"

# Only what a Debian has is seen of the machine; nothing of it can be written.
for top in "$M"/*/; do
  [ "$LOWER" = / ] || break
  case $(basename "$top") in
    bin | boot | dev | etc | home | lib* | opt | proc | root | run | sbin | srv | sys | tmp | usr | var) ;;
    *) [ ! -d "/$(basename "$top")" ] || mount -t tmpfs -o ro,size=4k hidden "$top" ;; # what the host made itself stays
  esac
done
for dir in "$ROOT" /boot /srv; do [ "$LOWER" != / ] || [ ! -d "$M$dir" ] || mount -t tmpfs -o ro,size=4k hidden "$M$dir"; done
for dir in root:root home:home log:var/log kept:var/tmp docker:var/lib/docker containers:var/lib/containers containerd:var/lib/containerd state:var/lib/fairlead; do mount --bind "$D/disk/${dir%%:*}" "$M/${dir#*:}"; done
chmod 700 "$M/root" "$M/var/lib/fairlead"
chmod 1777 "$M/var/tmp"

mount -t proc proc "$M/proc"
mount -t sysfs sysfs "$M/sys"
mount -t tmpfs -o mode=755,size=1m dev "$M/dev"
mkdir "$M/dev/pts" "$M/dev/shm" "$M/dev/net"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$M/dev/pts"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229 net/tun:10:200; do
  (IFS=:; set -- $node; mknod -m 666 "$M/dev/$1" c "$2" "$3")
done
mknod -m 660 "$M/dev/loop-control" c 10 237
for loop in 0 1 2 3 4 5 6 7; do mknod -m 660 "$M/dev/loop$loop" b 7 $loop; done
ln -s pts/ptmx "$M/dev/ptmx"
ln -s /proc/self/fd "$M/dev/fd"
for std in 0:stdin 1:stdout 2:stderr; do ln -s "/proc/self/fd/${std%:*}" "$M/dev/${std#*:}"; done
! grep -qw hugetlbfs /proc/filesystems || { mkdir "$M/dev/hugepages"; mount -t hugetlbfs hugetlbfs "$M/dev/hugepages"; } # the machine's pages
for dir in dev/shm run tmp; do mount -t tmpfs tmpfs "$M/$dir"; done
chmod 1777 "$M/tmp" "$M/dev/shm"
chmod 755 "$M/run"
if [ "$CGROUP" = v2 ]; then mount -t cgroup2 cgroup2 "$M/sys/fs/cgroup"; else mount --rbind /sys/fs/cgroup "$M/sys/fs/cgroup"; fi

# The first boot installs; later ones find the disk as it was.
[ -e "$D/installed" ] || { sh "$ROOT/lib/install.sh" "$ROOT" "$NET" "$HOST" "$ID"; : >"$D/installed"; }
mkdir -p "$M/run/sshd"
hostname "$HOST"
# What systemd would set of the whole machine it may not: kernel settings, devices. The network's are the host's own.
if [ "$INIT" = systemd ]; then
  mount --bind "$M/proc/sys" "$M/proc/sys"
  mount --bind "$M/proc/sys/net" "$M/proc/sys/net"
  mount -o remount,bind,ro "$M/proc/sys"
  mount -o remount,bind,ro "$M/sys"
  : >"$M/dev/console"
  mount --bind /dev/null "$M/dev/console"
fi

cat /proc/sys/kernel/random/uuid >"$D/boot_id" # each boot has one, as on a machine of its own
mount --bind "$D/boot_id" "$M/proc/sys/kernel/random/boot_id"

cd "$M"
pivot_root . .old
umount -l /.old
rmdir /.old
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ "$INIT" = tini ] || exec env -i PATH=$path container=lab /lib/systemd/systemd
rm -rf /var/lib/cni/networks # as systemd-tmpfiles does at boot (tmpfiles.d/podman.conf): leases of containers that do not run
# shellcheck disable=SC2016
exec env -i PATH=$path HOME=/root \
  tini -s -- sh -c '/usr/sbin/sshd -E /var/log/sshd.log; start-dockerd
  for unit in /etc/systemd/lab.wants/*; do [ ! -e "$unit" ] || systemctl start "${unit##*/}"; done; exec sleep infinity'
