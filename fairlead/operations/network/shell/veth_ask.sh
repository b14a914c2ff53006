# veth_ask ENGINE BRIDGE LINK MAC ADDRESS GATEWAY CONTAINER MENDED
# Does it hang there as it has to? 0 yes; 1 no, and the state is one of the words of MENDED; 2 no,
# and what is in the way is told on stderr.
# shellcheck source=veth_lib.sh
. ./veth_lib.sh
# shellcheck source=judge.sh
. ./judge.sh
judge "$(veth_state)" "$8"
