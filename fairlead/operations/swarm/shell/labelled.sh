# labelled ROOT STACK LABEL NODE...
# Do exactly these nodes have the label? 0 yes, 1 no, 2 the swarm does not answer.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=nodes_lib.sh
. ./nodes_lib.sh
label=$1
shift
now=$(labelled_nodes "$label") || exit 2
[ "$now" = "$(node_ids "$@")" ]
