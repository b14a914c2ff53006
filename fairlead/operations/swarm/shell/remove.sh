# remove ROOT STACK
# The stack is gone with its networks. 1: it is not gone after a minute, and what is left.
# shellcheck source=removal_lib.sh
. ./removal_lib.sh
remove 60
