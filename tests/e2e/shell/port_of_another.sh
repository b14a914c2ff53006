# ADDRESS: eth0 is a port of br9, which has the address.
ip link add br9 address "$(cat /sys/class/net/eth0/address)" type bridge
ip link set br9 up
ip link set eth0 master br9
ip addr flush dev eth0
ip addr add "$1/24" brd + dev br9
sleep 0.2
