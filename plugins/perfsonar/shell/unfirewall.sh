# unfirewall FILE UNIT TABLE KEPT
# The table, or none, is as it was before firewall. 0 also where nothing was begun.
# shellcheck source=firewall_lib.sh
. ./firewall_lib.sh
kept=$4
[ -d "$kept" ] || exit 0
load "$(cat "$kept/table")" || exit 1
[ -e "$kept/enabled" ] || systemctl disable --now "${unit##*/}" 2>/dev/null
rm -rf "$kept"
