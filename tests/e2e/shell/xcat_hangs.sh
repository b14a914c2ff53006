# DEVICE: prints what hangs on its name.
ip -o -4 address show dev "$1" | grep -o "$1:1"
ip neigh show dev "$1" nud permanent | sed "s/^/$1 /; s/ *$//"
ip rule show | grep " iif $1 "
grep -H '' "/proc/sys/net/ipv4/conf/$1/rp_filter" "/proc/sys/net/ipv4/conf/$1/arp_ignore"
