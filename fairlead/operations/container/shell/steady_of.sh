# steady_of ENGINE NAME-FILTER SECONDS
# As steady, for the one container that a filter means. 0 yes, 1 no, or there is none.
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
container=$(container_id "$1" "$2") || exit 1
[ -n "$container" ] || { echo "there is no such container" >&2; exit 1; }
set -- "$1" "$container" "$3"
# shellcheck source=steady.sh
. ./steady.sh
