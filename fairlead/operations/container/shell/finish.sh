# finish ENGINE OLD-CONTAINER NAME PREVIOUS-FILTER ROOT OLD-IMAGE TAG SPARE
# The container kept becomes the previous one, and its state likewise; the one before that goes
# last. TAG: a name that keeps its image from pruning; one that the engine has lost gets none, and the
# container runs without. SPARE: the name that kept it so far. ROOT: "" where it has no state.
set -eu
# shellcheck source=../../shell/lib.sh
. ../../shell/lib.sh
# shellcheck source=previous_lib.sh
. ./previous_lib.sh
engine=$1 old=$2 name=$3 filter=$4 root=$5 image=$6 tag=$7 spare=$8
"$engine" rm -v "$name.before" >/dev/null 2>&1 || :
before=$(container_id "$engine" "$filter")
if [ "$before" != "$old" ]; then
  [ -z "$before" ] || "$engine" rename "$before" "$name.before"
  "$engine" rename "$old" "$name.previous"
fi
has_lost "$engine" "$image" || "$engine" tag "$image" "$tag"
"$engine" rmi "$spare" >/dev/null 2>&1 || :
if [ -n "$root" ]; then
  replace_previous "$root"
  clear_notes "$root"
fi
"$engine" rm -v "$name.before" >/dev/null 2>&1 || :
