# engine_gone SOCKET: does no engine run on it any more?
#
# Exit codes: 0 none; 1 one does.

# shellcheck source=engines.sh
. ./engines.sh
! pgrep -f "$(engine_on "$1")" >/dev/null
