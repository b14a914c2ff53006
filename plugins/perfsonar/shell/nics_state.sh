# nics_state COUNT INTERFACE...
# Prints how the interfaces stand: a word, and what there is to say.
# shellcheck source=nics_lib.sh
. ./nics_lib.sh
nics_state "$@"
