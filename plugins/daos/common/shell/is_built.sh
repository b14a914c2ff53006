# is_built ENGINE RECORD IMAGE PARENT COMPOSE-FILE FOLDER WORD...
#
# Is the image the one that was made from all this as it is now? (image_inputs.sh, record_build.sh)
# Exit codes: 0 yes; 1 no; 2 the engine does not answer.

record=$2 image=$3
# shellcheck source=image_inputs.sh
. ./image_inputs.sh
is=$(image_id "$image") || exit 2
[ -n "$is" ] && [ -f "$record" ] || exit 1
[ "$(cat "$record")" = "$(inputs "$@") $is" ]
