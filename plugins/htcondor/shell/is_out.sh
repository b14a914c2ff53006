# NODE: exit code 0: it takes no new jobs, 1: it does, 2: not known.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
out
