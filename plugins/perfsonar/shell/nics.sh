# nics KEPT BEFORE COUNT INTERFACE...
# Each interface answers by its own gateway, and the first is the default. What there was is written to KEPT, for unnics, and
# the first time to BEFORE, for nics_gone. 1: it is not so afterwards, and why.
# shellcheck source=nics_lib.sh
. ./nics_lib.sh
set -eu
umask 077
kept=$1 before=$2 count=$3
shift 3
save "$kept" "$count" "$@"
[ -d "$before" ] || { cp -r "$kept" "$before.new" && mv "$before.new" "$before" && : >"$kept/first"; }
while read -r file value; do
  grep -q "^$file " "$before/settings" || echo "$file $value" >>"$before/settings"
done <"$kept/settings"
set_one() { settings "$@" | while read -r key value; do echo "$value" >"$(setting "$2" "$key")"; done; }
each set_one "$@"
route_one() {
  table=$((300 + $1))
  printf '%s\n' "route add $5 dev $2 scope link src ${3%/*} table $table" "route add default via $4 dev $2 table $table" \
    "rule add from ${3%/*} table $table priority $((200 + $1))"
}
{
  if ! one_default "$@"; then
    defaults | sed 's/^/route delete /'
    echo "route add default via $3 dev $1"
  fi
  each route_one "$@"
} >"$kept/go"
clear_numbers "$(cat "$kept/numbers")"
ip -4 -batch "$kept/go"
state=$(nics_state "$count" "$@")
[ "${state%% *}" = ok ] || { echo "${state#* }" >&2; exit 1; }
