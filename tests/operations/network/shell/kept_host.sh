# PROGRAM NAME PORT: asks who keeps an interface of networkd's, with jumbo frames, a file laid over the
# other, and settings of its own; all in namespaces that go away.
ip link add eth0 type veth peer name peer
ip link set eth0 mtu 9000
mount -t tmpfs t /etc/sysctl.d
mount -t tmpfs t /run
printf '%s\n' '# eth0' 'net.ipv4.conf.eth0.rp_filter = 2' 'net.ipv4.conf.all.rp_filter = 1' \
  '-net/ipv6/conf/eth0/accept_ra = 0' 'net.ipv4.conf.eth01.rp_filter = 1' >/etc/sysctl.d/mine.conf
index=$(ip -o link show dev eth0 | sed 's/:.*//')
mkdir -p /run/systemd/netif/links /run/systemd/network/eth0.network.d
printf '[Network]\nAddress=10.5.106.1/24\n' >/run/systemd/network/eth0.network
printf '[Network]\nDNS=10.5.106.2\n' >/run/systemd/network/eth0.network.d/dns.conf
printf '%s\n' NETWORK_FILE=/run/systemd/network/eth0.network \
  'NETWORK_FILE_DROPINS="/run/systemd/network/eth0.network.d/dns.conf"' >"/run/systemd/netif/links/$index"
exec sh -c "$1" keeper "$2" "$3"
