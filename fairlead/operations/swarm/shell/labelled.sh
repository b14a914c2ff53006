# labelled ROOT STACK LABEL NODE...
# Do exactly these nodes, and perhaps some that are down, have the label? 0 yes, 1 no, 2 the swarm does not answer.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=nodes_lib.sh
. ./nodes_lib.sh
label=$1
shift
now=$(labelled_nodes "$label") || exit 2
# shellcheck disable=SC2046 # one word for each node
[ "$now" = "$(node_ids "$@" $(away "$label"))" ]
