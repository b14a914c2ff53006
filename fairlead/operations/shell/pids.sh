# pids ENGINE CONTAINER
# Prints the processes of a container as the host numbers them, among other words. 1: it does not
# run. `podman top` knows those of the first process's control group alone, and a systemd inside
# makes groups of its own.
engine=$1 container=$2
[ "$engine" = podman ] || exec docker top "$container" -eo pid
first=$(podman container inspect --format '{{.State.Pid}}' "$container") || exit 1
space=$(readlink "/proc/$first/ns/pid") || exit 1
find /proc/[0-9]*/ns/pid -printf '%p %l\n' 2>/dev/null |
  awk -F'[/ ]' -v space="$space" '$NF == space { print $3 }'
