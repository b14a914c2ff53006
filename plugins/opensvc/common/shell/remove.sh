# remove FILTER: the container goes, what it has written outside of volumes with it; also one that its
# engine, woken again, has started by itself (--restart=always).
#
# Exit codes: 0, also where there is none; 1 the engine does not answer; that of `docker rm`.

# shellcheck source=containers.sh
. ./containers.sh
id=$(container_id "$1") || exit 1
[ -z "$id" ] || docker rm -f "$id"
