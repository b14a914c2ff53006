# has_no_sessions ENGINE SERVICE: has nobody a session of this Compose service open?
#
# Exit codes: 0 nobody; 1 somebody; 2 the engine does not answer.

# shellcheck source=sessions.sh
. ./sessions.sh
ids=$(sessions "$1" "$2") || exit 2
[ -z "$ids" ]
