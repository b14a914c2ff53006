# attach ENGINE BRIDGE LINK MAC ADDRESS GATEWAY CONTAINER
# A pair of interfaces, one end on the bridge, the other as eth0 inside, with address and route.
# 1: the container does not run, or there is no such bridge.
set -eu
# shellcheck source=veth_lib.sh
. ./veth_lib.sh
pid=$(process_id)
[ "$pid" != 0 ] || { echo "$name does not run" >&2; exit 1; }
mtu=$(ip -o link show dev "$bridge" | about mtu) || :
[ -n "$mtu" ] || { echo "there is no bridge $bridge" >&2; exit 1; }
if ! is_paired; then
  ip link delete dev "$link" 2>/dev/null || :
  inside link delete dev eth0 2>/dev/null || :
  ip link add name "$link" mtu "$mtu" type veth peer name eth0 address "$mac" mtu "$mtu" netns "$pid"
fi
ip link set dev "$link" master "$bridge" up
inside -batch - <<END
link set dev lo up
link set dev eth0 address $mac
addr flush dev eth0 scope global
addr add $address brd + dev eth0
link set dev eth0 up
route replace default via $gateway dev eth0
END
