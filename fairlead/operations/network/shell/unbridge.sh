# unbridge NAME PORT
# All is as it was before bridge. 0 also where nothing was begun. 1: something is not as it was, and
# where it is written how it was.
# shellcheck source=bridge_lib.sh
. ./bridge_lib.sh
name=$1 port=$2
saved=/var/lib/fairlead/backups/net/$name
[ -d "$saved" ] || exit 0
ip -6 -force -batch "$saved/back6" 2>"$saved/errors"
ip -4 -force -batch "$saved/back4" 2>>"$saved/errors"
# shellcheck disable=SC2086 # the words of a command
while read -r words; do ip $words 2>>"$saved/errors"; done <"$saved/neighbours"
[ ! -f "$saved/settings" ] || set_all "$name" <"$saved/settings"
if [ -f "$saved/zone" ]; then
  read -r now before <"$saved/zone"
  if [ -n "$before" ]; then firewall-cmd -q --zone="$before" --change-interface="$name"
  else firewall-cmd -q --zone="$now" --remove-interface="$name"; fi 2>>"$saved/errors"
fi
if [ "$(listing "$name" "$port")" != "$(cat "$saved/listing")" ]; then
  cat "$saved/errors" >&2
  echo "$port is not as it was; $saved/listing says how it was" >&2
  exit 1
fi
rm -rf "$saved"
