# unnics KEPT BEFORE
# All is as it was before nics, or before nics_gone. 0 also where nothing was begun.
# shellcheck source=nics_lib.sh
. ./nics_lib.sh
kept=$1 before=$2
[ -d "$kept" ] || exit 0
[ ! -d "$kept/before" ] || mv "$kept/before" "$before"
[ ! -e "$kept/first" ] || rm -rf "$before"
restore "$kept" 0 || exit 1
rm -rf "$kept"
