# inside FILTER WORD...: runs words in a container that runs.
#
# Exit codes: that of the words; 1 it does not run.

id=$(docker container ls -q --filter "$1")
shift
[ -n "$id" ] || {
  echo "it does not run" >&2
  exit 1
}
exec docker exec "$id" "$@"
