# firewalled FILE UNIT TABLE
# Is the table as FILE says, now and after a boot? 0 yes, 1 no, 2 nft refuses FILE, and why.
# shellcheck source=firewall_lib.sh
. ./firewall_lib.sh
[ -f "$file" ] || exit 1
text=$(meant) || exit 2
[ "$(listed)" = "$text" ] || exit 1
is_enabled || exit 1
