# nics_ask MENDED COUNT INTERFACE...
# Are the interfaces as they have to be? 0 yes; 1 no, and what is lacking is one of the words of MENDED; 2 no, and
# what is in the way is told on stderr.
# shellcheck source=nics_lib.sh
. ./nics_lib.sh
# shellcheck source=../../../fairlead/operations/network/shell/judge.sh
. ../../../fairlead/operations/network/shell/judge.sh
mended=$1
shift
judge "$(nics_state "$@")" "$mended"
