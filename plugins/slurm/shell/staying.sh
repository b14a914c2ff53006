# NODE: says why it takes no jobs.
# shellcheck source=of_node.sh
. ./of_node.sh
of_node "$1" || exit 2
printf '%s: %s\n' "$state" "${reason:-no reason}"
