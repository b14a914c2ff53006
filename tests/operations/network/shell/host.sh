# A host in a network namespace of its own: eth0 has a cable to `peer`, both are up; what is kept
# below /var/lib goes with it.
set -e
mount -t tmpfs t /var/lib
echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad 2>/dev/null || :
ip link set lo up
ip link add eth0 type veth peer name peer
ip link set peer up
ip link set eth0 up
set +e
