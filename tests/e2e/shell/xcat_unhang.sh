# ADDRESS NEIGHBOUR: what xcat_hanging did, undone, wherever it hangs now.
for device in eth0 br0; do
  ip rule delete iif $device table 77 2>/dev/null
  ip neigh delete "$2" dev $device 2>/dev/null
  ip address delete "$1/24" dev $device 2>/dev/null
done
echo 0 >/proc/sys/net/ipv4/conf/eth0/rp_filter
echo 0 >/proc/sys/net/ipv4/conf/eth0/arp_ignore
