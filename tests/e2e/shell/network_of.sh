# Rules, routes and the kernel's settings, and the tables of nftables but for what an engine makes for a container.
ip -4 rule
ip -4 route show table all | grep -v linkdown
grep -H '' /proc/sys/net/ipv4/conf/eth[01]/rp_filter
nft list tables
