# A host in a network namespace of its own: eth0 and eth1 have a cable each; what is kept below /var/lib goes
# with it. `show` prints how its network stands.
set -e
mount -t tmpfs t /var/lib
ip link set lo up
for number in 0 1; do
  ip link add eth$number type veth peer name peer$number
  ip link set peer$number up
  ip link set eth$number up
done
set +e
show() {
  {
    ip -4 rule
    ip -4 route show table all
    for device in eth0 eth1; do
      for key in rp_filter arp_ignore arp_announce arp_filter; do
        grep -sH '' /proc/sys/net/ipv4/conf/$device/$key
      done
    done
  } | sed 's/ *linkdown//; s/ *$//' | sort
}
