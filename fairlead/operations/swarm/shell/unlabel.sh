# unlabel ROOT STACK LABEL
# Those nodes have the label that had it before.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=nodes_lib.sh
. ./nodes_lib.sh
[ -f "$root/$stack.nodes" ] || exit 0
# shellcheck disable=SC2046 # one word for each node
label_nodes "$root/$stack.want" "$1" $(cat "$root/$stack.nodes") && rm -f "$root/$stack.nodes"
