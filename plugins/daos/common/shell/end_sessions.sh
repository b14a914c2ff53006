# end_sessions ENGINE SERVICE: stops the sessions of this Compose service.
#
# Exit codes: 0 none is left; 1 the engine does not answer; that of `stop`, where it fails.

# shellcheck source=sessions.sh
. ./sessions.sh
ids=$(sessions "$1" "$2") || exit 1
# shellcheck disable=SC2086
[ -z "$ids" ] || "$1" stop -t 5 $ids
