# NODE: exit code 0: it takes jobs, 1: it takes none, 2: not known.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
[ -n "$slots" ] && [ -z "$draining" ]
