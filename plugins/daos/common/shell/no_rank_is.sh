# no_rank_is STATE: is no rank of the system in this state, as `dmg system query` says it?
#
# Where no server answers, there is none. Runs inside the admin's image.
# Exit codes: 0 none; 1 some are.

ranks=$(dmg system query 2>/dev/null) || exit 0
case $ranks in *"$1"*) exit 1 ;; esac
