# pids ENGINE WHICH FORMAT CONTAINER
# Prints the processes of a container as the host numbers them, among other words, and those of its
# engine's that hold its ports for it. WHICH, FORMAT: as look_lib.sh takes them; the process comes
# last. 1: it does not run. Neither `docker top` nor that of podman is needed: they know those of the
# first process's control group alone, and a systemd inside makes groups of its own. Where that is not
# to be seen (we are not root), or the container has the host's processes (--pid=host), its engine is
# asked.
# shellcheck source=look_lib.sh
. ./look_lib.sh

# monitor PID: Podman's conmon, the parent of a container's first process, holds its ports
monitor() {
  parent=$(awk '/^PPid:/ { print $2 }' "/proc/$1/status" 2>/dev/null)
  [ "$(cat "/proc/${parent:-0}/comm" 2>/dev/null)" != conmon ] || echo "$parent"
}

# proxies ENGINE CONTAINER: Docker's, one for each port; their lines name the container's address
proxies() {
  every=$(grep -lsx docker-proxy /proc/[0-9]*/comm)
  [ -n "$every" ] || return 0
  format='{{range .NetworkSettings.Networks}}{{println .IPAddress}}{{end}}'
  for address in $("$1" container inspect --format "$format" "$2" 2>/dev/null); do
    for file in $every; do
      pid=${file#/proc/} pid=${pid%/comm}
      ! tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF " -container-ip $address " ||
        echo "$pid"
    done
  done
}

first=$(look "$1" "$2" "$3" | awk -F '\t' -v name="$4" '$1 == name { print $NF }')
[ "${first:-0}" -gt 0 ] || exit 1
monitor "$first"
proxies "$1" "$4"
space=$(readlink "/proc/$first/ns/pid")
case $space in "" | "$(readlink /proc/self/ns/pid)") exec "$1" top "$4" -eo pid ;; esac
find /proc/[0-9]*/ns/pid -printf '%p %l\n' 2>/dev/null |
  awk -F'[/ ]' -v space="$space" '$NF == space { print $3 }'
