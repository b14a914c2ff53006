# veth_state ENGINE BRIDGE LINK MAC ADDRESS GATEWAY CONTAINER
# Prints how the container hangs on the bridge: a word, and what there is to say.
# shellcheck source=veth_lib.sh
. ./veth_lib.sh
veth_state
