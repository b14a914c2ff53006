# NODE: exit code 0: no job is on it, 1: there are some, 2: not known.
# shellcheck source=running.sh
. ./running.sh
running "$1" || exit 2
[ -z "$jobs" ]
