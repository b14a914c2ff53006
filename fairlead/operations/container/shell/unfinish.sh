# unfinish ENGINE OLD-CONTAINER NAME PREVIOUS-FILTER ROOT COPIED
# What finish did, undone. COPIED: "" where there was no copy of the state.
# shellcheck source=previous_lib.sh
. ./previous_lib.sh
engine=$1 old=$2 name=$3 root=$5 copied=$6
now=$("$engine" container inspect --format '{{.Name}}' "$old") || exit 1
if [ "${now#/}" = "$name.previous" ]; then "$engine" rename "$old" "$name.kept" || exit 1; fi
if "$engine" container inspect "$name.before" >/dev/null 2>&1; then
  "$engine" rename "$name.before" "$name.previous" || exit 1
fi
[ -n "$root" ] || exit 0
restore_previous "$root" "$copied"
