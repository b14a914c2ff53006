# nics_gone KEPT BEFORE COUNT INTERFACE...
# All is as it was before the first nics. What there is now is written to KEPT, for unnics.
# shellcheck source=nics_lib.sh
. ./nics_lib.sh
set -eu
umask 077
kept=$1 before=$2
shift 2
save "$kept" "$@"
if [ -d "$before" ]; then
  restore "$before" "$1"
  mv "$before" "$kept/before"
else
  clear_numbers "$1"
fi
