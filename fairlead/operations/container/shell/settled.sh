# settled ENGINE NAME-FILTER SECONDS
# 1: its engine has started it anew, and its main process has not lived for so long since then.
# 0: it stays up, or there is no such container.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
container=$(container_id "$1" "$2") && [ -n "$container" ] || exit 0
restarts=$("$1" container inspect --format '{{.RestartCount}}' "$container")
[ "${restarts:-0}" != 0 ] || exit 0
set -- "$1" "$container" "$3"
# shellcheck source=steady.sh
. ./steady.sh
