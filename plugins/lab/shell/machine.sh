# ROOT NETWORK ID PACKAGE:COMMAND...: what this machine has and lacks, one `key value` a line.
root=$1 network=$2 id=$3
shift 3
echo "uid $(id -u)"
for pair; do
  command -v "${pair#*:}" >/dev/null || echo "missing ${pair%:*}"
done
if command -v busybox >/dev/null && head -c 1024 "$(command -v busybox)" | grep -qa ld-linux; then
  echo missing busybox-static
fi
{ grep -qw overlay /proc/filesystems || modprobe -n -q overlay; } && echo overlay yes
if [ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ]; then echo cgroup v2; else echo cgroup v1; fi
while [ ! -e "$root" ]; do root=$(dirname "$root"); done
echo "filesystem $(stat -fc %T "$root")"
ip -4 route show root "$network.0/24" 2>/dev/null | sed -n "/ dev $id /!s/^/route /p"
exit 0
