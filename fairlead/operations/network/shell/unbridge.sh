# unbridge NAME PORT
# All is as it was before bridge. 0 also where nothing was begun. 1: something is not as it was, and
# where it is written how it was.
# shellcheck source=bridge_lib.sh
. ./bridge_lib.sh
name=$1 port=$2
saved=/var/lib/fairlead/backups/net/$name
[ -d "$saved" ] || exit 0
ip -4 -force -batch "$saved/back4" 2>"$saved/errors"
ip -6 -force -batch "$saved/back6" 2>>"$saved/errors"
if [ "$(listing "$name" "$port")" != "$(cat "$saved/listing")" ]; then
  cat "$saved/errors" >&2
  echo "$port is not as it was; $saved/listing says how it was" >&2
  exit 1
fi
rm -rf "$saved"
