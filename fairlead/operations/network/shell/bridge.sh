# bridge NAME PORT ADDRESS GATEWAY
# The bridge takes over the addresses and routes of its port, and what else hangs on the port's name:
# labels, rules of routing, permanent neighbours, the kernel's settings, firewalld's zone. What to put
# back is written down first: lines for `ip -batch`, below /var/lib/fairlead/backups/net/NAME. One
# batch for each family does the whole of it, in a few milliseconds; a new bridge has its settings
# before. 1: it is not as it has to be afterwards, and why.
#
# The order counts, as measured: the port first, then the bridge up, the address on both for a
# moment, with what the kernel knows of the neighbours; any other order lost a packet in every second
# run, this one in 2 of 10 where twice as many programs want the processors as there are.
set -eu
umask 077
# shellcheck source=bridge_lib.sh
. ./bridge_lib.sh
name=$1 port=$2 address=$3 gateway=$4
saved=/var/lib/fairlead/backups/net/$name
rm -rf "$saved" "$saved.new" "$saved.neighbours"
mkdir -p "$saved.new"
# who answered a moment ago, to be asked should all be put back
for device in "$port" "$name"; do
  ip -4 neigh show dev "$device" nud reachable 2>/dev/null |
    awk -v device="$device" 'NR <= 4 { print device, $1 }'
done >"$saved.neighbours"
listing "$name" "$port" >"$saved.new/listing"
is_link "$name" && is_new='' || is_new=yes
master=$(about master "$port")
batch=$saved.new

make_links() {
  if [ -z "$is_new" ] && [ "$(about stp_state "$name")" = 0 ]; then
    echo "link set dev $name type bridge forward_delay 0"
  fi
  [ -n "$master" ] || echo "link set dev $port master $name"
  printf 'link set dev %s up\n' "$port" "$name"
}
unmake_links() {
  if [ -n "$is_new" ]; then
    echo "link delete dev $name"
    return
  fi
  [ -n "$master" ] || echo "link set dev $port nomaster"
  is_up "$name" || echo "link set dev $name down"
}
# missing FAMILY WHAT: what the port has of it, and the bridge has not
missing() {
  theirs=$("$2" "$1" "$name")
  "$2" "$1" "$port" | grep -vxF "${theirs:-no such line}"
}
only_of_6() { [ "$1" != 6 ] || labels "$2"; }
# move_to_bridge FAMILY ADDRESS GATEWAY
move_to_bridge() {
  addresses "$1" "$port" | sed "s/^/addr replace /; s/ label $port/ label $name/; s/$/ dev $name/"
  [ -z "$2" ] || has_address 4 "$name" "$2" || has_address 4 "$port" "$2" ||
    echo "addr replace $2 brd + dev $name"
  ip "-$1" neigh show dev "$port" |
    sed -n "/PERMANENT/d; s/^\([^ ]*\) lladdr \([^ ]*\) .*/neigh replace \1 lladdr \2 nud reachable dev $name/p"
  neighbours "$1" "$port" | sed "s/^/neigh replace /; s/$/ dev $name/"
  routes "$1" "$port" | sed "s/^/route replace /; s/$/ dev $name/"
  rules "$1" "$port" | with_name "$port" "$name" | sed 's/^/rule add /'
  rules "$1" "$port" | sed 's/^/rule delete /'
  missing "$1" only_of_6 | sed "s/^/addrlabel add /; s/$/ dev $name/"
  [ -z "$3" ] || echo "route replace default via $3 dev $name"
  echo "addr flush dev $port scope global"
}
# move_back FAMILY ADDRESS GATEWAY
move_back() {
  if [ -z "$is_new" ]; then
    addresses "$1" "$port" | while read -r own _; do
      has_address "$1" "$name" "$own" || echo "addr delete $own dev $name"
    done
  fi
  [ -z "$2" ] || has_address 4 "$name" "$2" || echo "addr delete $2 dev $name"
  [ -z "$3" ] || has_gateway "$name" "$3" || echo "route delete default via $3 dev $name"
  rules "$1" "$port" | with_name "$port" "$name" | sed 's/^/rule delete /'
  rules "$1" "$port" | sed 's/.*/rule delete &\nrule add &/'
  missing "$1" only_of_6 | sed "s/^/addrlabel delete /; s/$/ dev $name/"
  addresses "$1" "$port" | sed "s/^/addr replace /; s/$/ dev $port/"
  routes "$1" "$port" | sed "s/^/route replace /; s/$/ dev $port/"
}
# neighbours_back FAMILY: lines for an `ip` each, for it ends at a neighbour that it cannot change
neighbours_back() {
  if [ -z "$is_new" ]; then
    missing "$1" neighbours | sed "s/ lladdr .*//; s/^/-$1 neigh delete /; s/$/ dev $name/"
    neighbours "$1" "$name" | sed "s/^/-$1 neigh replace /; s/$/ dev $name/"
  fi
  neighbours "$1" "$port" | sed "s/^/-$1 neigh replace /; s/$/ dev $port/"
}
# take_settings: those of the port, where the bridge takes its place
take_settings() {
  [ -n "$is_new" ] || [ -n "$(addresses 4 "$port")$(addresses 6 "$port")" ] || return 0
  [ -n "$is_new" ] || settings "$name" >"$saved/settings"
  sync "$saved/settings" 2>/dev/null || :
  differing "$port" "$name" | set_all "$name"
}
# take_zone: the bridge comes into the zone of the port
take_zone() {
  zone=$(zone "$port")
  [ -n "$zone" ] && [ "$(zone "$name")" != "$zone" ] || return 0
  printf '%s\n' "$zone $(zone "$name")" >"$saved/zone"
  firewall-cmd -q --zone="$zone" --change-interface="$name"
}
{ make_links; move_to_bridge 4 "$address" "$gateway"; } >"$batch/go4"
move_to_bridge 6 '' '' >"$batch/go6"
{ move_back 4 "$address" "$gateway"; unmake_links; } >"$batch/back4"
move_back 6 '' '' >"$batch/back6"
{ neighbours_back 4; neighbours_back 6; } >"$batch/neighbours"
sync "$batch/back4" 2>/dev/null || sync
mv "$batch" "$saved"
if [ -n "$is_new" ]; then
  ip link add name "$name" address "$(about link/ether "$port")" mtu "$(about mtu "$port")" \
    type bridge forward_delay 0 stp_state 0
fi
take_settings
take_zone
ip -4 -batch "$saved/go4"
[ "$(wc -l <"$saved/go6")" = 1 ] || ip -6 -batch "$saved/go6"
state=$(bridge_state "$@")
[ "${state%% *}" = ok ] || { echo "${state#* }" >&2; exit 1; }
