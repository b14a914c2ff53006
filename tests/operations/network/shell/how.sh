# Prints how a host's network stands, without what the kernel says otherwise each time.
{
  ip -4 -o addr
  ip -6 -o addr show permanent scope global
  ip -4 route show table all
  ip -6 route show proto boot
  ip -o link
  for family in 4 6; do
    ip -$family rule
    ip -$family neigh show nud permanent
    ip -$family neigh show proxy
  done
  ip addrlabel list | grep dev
  for device in eth0 br0; do grep -sH '' /proc/sys/net/ipv[46]/conf/$device/*; done | grep -v '/mtu:'
} | sed 's/^[0-9]*: //; s/ *linkdown//; s/ tentative//; s/ state .*//; s/NO-CARRIER,//; s/,LOWER_UP//' |
  sed 's/ qdisc.*noop//; s/ qdisc noqueue//' | sort
