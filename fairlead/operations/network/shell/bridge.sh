# bridge NAME PORT ADDRESS GATEWAY
# The bridge takes over the addresses and routes of its port. What to put back is written down
# first: lines for `ip -batch`, below /var/lib/fairlead/backups/net/NAME. One batch for each family
# does the whole of it, in a few milliseconds. 1: it is not as it has to be afterwards, and why.
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
  if [ -n "$is_new" ]; then
    echo "link add name $name address $(about link/ether "$port") mtu $(about mtu "$port") type bridge forward_delay 0 stp_state 0"
  elif [ "$(about stp_state "$name")" = 0 ]; then
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
# move_to_bridge FAMILY ADDRESS GATEWAY
move_to_bridge() {
  addresses "$1" "$port" | sed "s/^/addr replace /; s/$/ dev $name/"
  [ -z "$2" ] || has_address 4 "$name" "$2" || has_address 4 "$port" "$2" ||
    echo "addr replace $2 brd + dev $name"
  ip "-$1" neigh show dev "$port" |
    sed -n "s/^\([^ ]*\) lladdr \([^ ]*\) .*/neigh replace \1 lladdr \2 nud reachable dev $name/p"
  routes "$1" "$port" | sed "s/^/route replace /; s/$/ dev $name/"
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
  addresses "$1" "$port" | sed "s/^/addr replace /; s/$/ dev $port/"
  routes "$1" "$port" | sed "s/^/route replace /; s/$/ dev $port/"
}
{ make_links; move_to_bridge 4 "$address" "$gateway"; } >"$batch/go4"
move_to_bridge 6 '' '' >"$batch/go6"
{ move_back 4 "$address" "$gateway"; unmake_links; } >"$batch/back4"
move_back 6 '' '' >"$batch/back6"
sync "$batch/back4" 2>/dev/null || sync
mv "$batch" "$saved"
ip -4 -batch "$saved/go4"
[ "$(wc -l <"$saved/go6")" = 1 ] || ip -6 -batch "$saved/go6"
state=$(bridge_state "$@")
[ "${state%% *}" = ok ] || { echo "${state#* }" >&2; exit 1; }
