# nobody_connects: is there no pool that anybody could be connected to, or no server that answers?
#
# Runs inside the admin's image. (pools.sh)
# Exit codes: 0 none; 1 there are pools.

# shellcheck source=pools.sh
. ./pools.sh
[ -z "$(labels)" ]
