# remove FILTER: the container goes, what it has written outside of volumes with it.
#
# Exit codes: 0, also where there is none; 1 the engine does not answer; that of `docker rm`.

# shellcheck source=containers.sh
. ./containers.sh
id=$(container_id "$1") || exit 1
[ -z "$id" ] || docker rm "$id"
