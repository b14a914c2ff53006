# firewall_gone FILE UNIT TABLE KEPT BESIDE
# The table is gone, and so are FILE, UNIT and BESIDE; what they were is kept in KEPT, for firewall_again.
# shellcheck source=firewall_lib.sh
. ./firewall_lib.sh
set -eu
kept=$4 beside=$5
rm -rf "$kept"
mkdir -p "$kept"
listed >"$kept/table" || :
[ ! -e "$unit" ] || systemctl disable --now "${unit##*/}"
[ ! -e "$file" ] || mv "$file" "$kept/file"
[ ! -e "$unit" ] || mv "$unit" "$kept/unit"
[ ! -e "$beside" ] || mv "$beside" "$kept/beside"
load ""
systemctl daemon-reload
