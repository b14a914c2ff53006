# record_build ENGINE RECORD IMAGE PARENT COMPOSE-FILE FOLDER WORD...
#
# Writes into the file RECORD what the image was made from. Fails where there is no such image.

record=$2 image=$3
# shellcheck source=image_inputs.sh
. ./image_inputs.sh
set -eu
umask 077
is=$(image_id "$image")
[ -n "$is" ]
mkdir -p "${record%/*}"
printf '%s %s\n' "$(inputs "$@")" "$is" >"$record.new"
mv "$record.new" "$record"
