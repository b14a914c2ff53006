# engine_again
# The way back: whatever its state, it runs with the files that are there now.
# shellcheck source=engine_lib.sh
. ./engine_lib.sh
reset_and_restart || exit 1
retry 60 1 answers
