# bridge_state NAME PORT ADDRESS GATEWAY
# Prints how the bridge stands: a word, and what there is to say.
# shellcheck source=bridge_lib.sh
. ./bridge_lib.sh
bridge_state "$@"
