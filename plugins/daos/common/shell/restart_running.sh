# restart_running ENGINE NAME-FILTER: restarts a container that runs, which then reads its
# certificates again.
#
# Exit codes: 0, also where none runs; 1 the engine does not answer; that of `restart`.

id=$("$1" container ls -q --filter "$2") || exit 1
[ -z "$id" ] || "$1" restart "$id" >/dev/null
