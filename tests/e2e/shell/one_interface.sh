# Nothing of two_interfaces is left, nor of what a test that failed left of ours.
ip link delete eth1
systemctl disable fairlead-perfsonar-firewall
rm -f /etc/network/interfaces /usr/local/sbin/ip
pkill -f 'http.server 7777'
nft delete table inet fairlead_perfsonar
for number in 1 2; do ip rule delete priority 20$number; ip route flush table 30$number; done
rm -rf /etc/systemd/system/nftables.service.d
rm -f /etc/nftables/fairlead-perfsonar.nft /etc/systemd/system/fairlead-perfsonar-firewall.service /etc/sysctl.d/90-fairlead-perfsonar-nics.conf
