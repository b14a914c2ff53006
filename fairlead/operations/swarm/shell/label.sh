# label ROOT STACK LABEL NODE...
# Exactly these nodes have the label; those that had it are noted.
# shellcheck source=stack_lib.sh
. ./stack_lib.sh
# shellcheck source=nodes_lib.sh
. ./nodes_lib.sh
labelled_nodes "$1" >"$root/$stack.nodes" || exit 1
label_nodes "$root/$stack.want" "$@"
