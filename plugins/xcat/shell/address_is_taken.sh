# BRIDGE PORT ADDRESS: prints taken, free or unknown, asked by the bridge, or by its port where there
# is no bridge yet. The function `taken` stands before it (the core's, of its bridge).
device=$1 port=$2 address=$3
ip link show dev "$device" >/dev/null 2>&1 || device=$port
[ -z "$(ip -4 -o addr show to "$address/32")" ] || { echo taken; exit; }
taken "$device" "$address"
