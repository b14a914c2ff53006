# BRIDGE: prints its first IPv4 address with the length, and `there` where there is such an
# interface. Exit code 0 where there is one.
bridge=$1
ip -o -4 addr show dev "$bridge" 2>/dev/null | awk '{ print $4; exit }'
ip link show dev "$bridge" >/dev/null 2>&1 && echo there
