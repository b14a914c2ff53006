# Two routers, of eth0 and of eth1, and somebody (198.51.100.9) who can be reached by both but answers only to what
# comes by the one of eth1: $far runs a command there. $other: the process that keeps his network.
unshare -n sleep 60 &
other=$!
sleep 0.3
far="nsenter -t $other -n"
ip link set peer1 netns $other
$far ip link set lo up
$far ip link set peer1 up
$far ip addr add 10.2.0.1/24 dev peer1
$far ip addr add 198.51.100.9/32 dev lo
$far ip route replace 10.2.0.0/24 dev peer1 src 198.51.100.9
ip route add 10.1.0.1 dev eth0 2>/dev/null
