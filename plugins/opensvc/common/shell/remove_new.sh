# remove_new FILTER NOTE: the container goes, unless NOTE says that it was there before this run; also
# one that its engine, woken again, has started by itself (--restart=always).
#
# Exit codes: 0, also where none goes; 1 the engine does not answer; that of `docker rm`.

# shellcheck source=containers.sh
. ./containers.sh
id=$(container_id "$1") || exit 1
# shellcheck disable=SC2034
read -r noted hash 2>/dev/null <"$2" || noted=
[ -z "$id" ] || [ "$id" = "$noted" ] || docker rm -f "$id"
