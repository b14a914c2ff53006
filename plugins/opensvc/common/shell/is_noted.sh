# is_noted FILTER NOTE HASH: does the file NOTE say this of the container that is there?
#
# Exit codes: 0 yes; 1 no; 2 the engine does not answer.

# shellcheck source=containers.sh
. ./containers.sh
id=$(container_id "$1") || exit 2
[ "$(cat "$2" 2>/dev/null)" = "$id $3" ]
