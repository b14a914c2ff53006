# units_off UNIT...
# None of the units runs or comes back at boot. What they have started goes on by itself: a word of
# ours beside each, gone afterwards, takes from it what it does when it stops, and kills nothing.
set -eu
# shellcheck source=units_aside.sh
. ./units_aside.sh
trap 'for unit; do nothing_aside "$unit"; done; systemctl daemon-reload' EXIT
for unit; do
  aside "$unit" 'ExecStop=' 'ExecStopPost=' 'KillMode=none'
done
systemctl daemon-reload
for unit; do
  systemctl disable "$unit"
  systemctl stop "$unit"
  systemctl reset-failed "$unit" 2>/dev/null || :
done
