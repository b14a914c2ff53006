# is_gone ROOT STACK
# Is nothing left of the stack? 0 yes, 1 no.
# shellcheck source=removal_lib.sh
. ./removal_lib.sh
is_gone
