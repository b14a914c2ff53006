# is_in_service ENGINE FOLDER TAG IMAGE: do sessions begin from the files in FOLDER/next and IMAGE?
#
# Exit codes: 0 yes; 1 no; 2 the engine does not answer. (session_lib.sh)

# shellcheck source=session_lib.sh
. ./session_lib.sh
is_now || exit
tagged=$(image_id "$tag") || exit 2
[ "$tagged" = "$id" ]
