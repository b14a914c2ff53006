# halt_engine SOCKET: tells the engine on it to end. Exit code: 0, also where there is none.

# shellcheck source=engines.sh
. ./engines.sh
pkill -TERM -f "$(engine_on "$1")" || :
