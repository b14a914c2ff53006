# restarts FILTER: prints "NAME COUNT" for each container: how often its engine has started it anew.
#
# Exit codes: 0, also for none; 1 the engine does not answer.

# shellcheck source=containers.sh
. ./containers.sh
ids=$(container_id "$1") || exit 1
# shellcheck disable=SC2086 # IDs
[ -z "$ids" ] || docker container inspect --format '{{.Name}} {{.RestartCount}}' $ids
