# bridge_ask MENDED NAME PORT ADDRESS GATEWAY
# Is the bridge as it has to be? 0 yes; 1 no, and the state is one of the words of MENDED; 2 no, and
# what is in the way is told on stderr.
# shellcheck source=bridge_lib.sh
. ./bridge_lib.sh
# shellcheck source=judge.sh
. ./judge.sh
mended=$1
shift
judge "$(bridge_state "$@")" "$mended"
