# firewall FILE UNIT TABLE KEPT
# The table is as FILE says, now and after a boot. What there was is written to KEPT before, for unfirewall.
# shellcheck source=firewall_lib.sh
. ./firewall_lib.sh
set -eu
umask 077
kept=$4
rm -rf "$kept" "$kept.new"
mkdir -p "$kept.new"
listed >"$kept.new/table" || :
! is_enabled || : >"$kept.new/enabled"
sync "$kept.new/table" 2>/dev/null || sync
mv "$kept.new" "$kept"
nft -f "$file"
systemctl daemon-reload
systemctl enable "${unit##*/}"
systemctl restart "${unit##*/}"
