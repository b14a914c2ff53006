# ADDRESS NEIGHBOUR: what hangs on the name eth0 besides address and routes.
ip address add "$1/24" dev eth0 label eth0:1
ip neigh replace "$2" lladdr 02:00:00:00:00:09 dev eth0 nud permanent
ip rule add iif eth0 table 77 priority 100
echo 2 >/proc/sys/net/ipv4/conf/eth0/rp_filter
echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_ignore
