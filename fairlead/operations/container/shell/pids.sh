# pids ENGINE WHICH FORMAT CONTAINER
# Prints the processes of a container as the host numbers them, among other words. WHICH, FORMAT: as
# look_lib.sh takes them; the process comes last. 1: it does not run. Neither `docker top` nor that of
# podman is needed: they know those of the first process's control group alone, and a systemd inside
# makes groups of its own. Where that is not to be seen (we are not root), or the container has the
# host's processes (--pid=host), its engine is asked.
# shellcheck source=look_lib.sh
. ./look_lib.sh
first=$(look "$1" "$2" "$3" | awk -F '\t' -v name="$4" '$1 == name { print $NF }')
[ "${first:-0}" -gt 0 ] || exit 1
space=$(readlink "/proc/$first/ns/pid")
case $space in "" | "$(readlink /proc/self/ns/pid)") exec "$1" top "$4" -eo pid ;; esac
find /proc/[0-9]*/ns/pid -printf '%p %l\n' 2>/dev/null |
  awk -F'[/ ]' -v space="$space" '$NF == space { print $3 }'
