# is_gone ROOT STACK
# Is nothing left of the stack? 0 yes, 1 no, 2 the swarm does not answer.
# shellcheck source=removal_lib.sh
. ./removal_lib.sh
is_gone
