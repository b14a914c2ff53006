# INTERFACES: eth1 with a cable that ends nowhere, ifupdown's file, and somebody who listens on port 7777.
ip link add eth1 type veth peer name peer1
ip link set peer1 up
ip link set eth1 up
ip addr add 192.0.2.2/24 dev eth1
mkdir -p /etc/network
[ -e /etc/network/interfaces ] || printf %s "$1" >/etc/network/interfaces
setsid -f python3 -m http.server 7777 >/dev/null 2>&1
