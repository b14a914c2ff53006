# NODE REASON: it takes no new jobs; those that run may end.
# shellcheck source=of_node.sh
. ./of_node.sh
of_node "$1" || exit 2
out && exit 0
timeout 60 scontrol update NodeName="$1" State=DRAIN Reason="$2"
