# evict: takes every open connection to a pool away, by `dmg pool evict`.
#
# Runs inside the admin's image. (pools.sh)
# Exit codes: 0; 1 a pool could not be evicted.

# shellcheck source=pools.sh
. ./pools.sh
code=0
for label in $(labels); do dmg pool evict "$label" || code=1; done
exit "$code"
