# NODE: prints its state, its reason, then a line for each job that is on it. Exit code 2: not known.
# shellcheck source=of_node.sh
. ./of_node.sh
# shellcheck source=running.sh
. ./running.sh
of_node "$1" || exit 2
running "$1" || exit 2
printf '%s\n%s\n' "$state" "$reason"
[ -z "$jobs" ] || printf '%s\n' "$jobs"
