# NODE MARK: exit code 0: it is not drained, or by somebody else whose reason does not begin with
# MARK, 1: it is ours to give back, 2: not known.
# shellcheck source=of_node.sh
. ./of_node.sh
of_node "$1" || exit 2
case $state in *DRAIN*) ;; *) exit 0 ;; esac
case $reason in "$2"*) exit 1 ;; esac
