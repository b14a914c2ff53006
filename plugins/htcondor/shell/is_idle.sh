# NODE: exit code 0: it is drained and has no job, 1: not so, 2: not known.
# shellcheck source=startd.sh
. ./startd.sh
startd "$1" || exit 2
idle
