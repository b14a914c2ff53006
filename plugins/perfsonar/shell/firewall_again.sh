# firewall_again FILE UNIT TABLE KEPT BESIDE
# What firewall_gone took is there again.
# shellcheck source=firewall_lib.sh
. ./firewall_lib.sh
kept=$4 beside=$5
[ -e "$kept/table" ] || exit 0
[ ! -e "$kept/file" ] || mv "$kept/file" "$file"
[ ! -e "$kept/unit" ] || mv "$kept/unit" "$unit"
[ ! -e "$kept/beside" ] || mv "$kept/beside" "$beside"
load "$(cat "$kept/table")" || exit 1
systemctl daemon-reload
[ ! -e "$unit" ] || systemctl enable --now "${unit##*/}"
rm -rf "$kept"
