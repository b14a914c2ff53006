# look ENGINE WHICH FORMAT
# Prints a line in FORMAT for each container that look_lib.sh finds; nothing for none. 2: the engine
# does not answer.
# shellcheck source=look_lib.sh
. ./look_lib.sh
look "$@"
