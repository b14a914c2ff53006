# NODE: exit code 0: it takes no new jobs, 1: it does, 2: not known.
# shellcheck source=of_node.sh
. ./of_node.sh
of_node "$1" || exit 2
out
