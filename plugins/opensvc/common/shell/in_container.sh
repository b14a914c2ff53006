# in_container VERB FILTER WORD...: does something with a container of a service.
#
# VERB: `logs`, or `exec` with its options, such as `exec -it`. FILTER: of `docker container ls`:
# the container is found by the name that the agent gives it. WORD...: options of `logs`, or what
# is run inside.
# Exit codes: that of docker; 1 there is no such container; 2 the engine does not answer.

verb=$1 filter=$2
shift 2
id=$(docker container ls -aq --filter "$filter") || exit 2
[ -n "$id" ] || {
  echo "the service has no such container here: inv opensvc.status" >&2
  exit 1
}
# shellcheck disable=SC2086
case $verb in
  logs) exec docker logs "$@" "$id" ;;
  *) exec docker $verb "$id" "$@" ;;
esac
