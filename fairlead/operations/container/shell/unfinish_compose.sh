# unfinish_compose ROOT COPIED
# What finish_compose did, undone. COPIED: "" where there was no copy of the state.
# shellcheck source=previous_lib.sh
. ./previous_lib.sh
restore_previous "$1" "$2"
