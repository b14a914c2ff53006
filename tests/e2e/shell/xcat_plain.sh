# ADDRESS GATEWAY OTHER INTERFACES: nothing of xCAT stands; the address is where it was.
address=$1 gateway=$2 other=$3 interfaces=$4
iptables -F INPUT
docker ps -aq | xargs -r docker rm -fv >/dev/null
docker network rm br0 >/dev/null 2>&1
ip link set eth0 nomaster
for link in br0 br9; do ip link delete $link 2>/dev/null; done
ip address replace "$address/24" dev eth0
ip route replace default via "$gateway"
ip route replace 192.0.2.0/24 via "$other"
rm -rf /var/lib/xcat-docker
printf %s "$interfaces" >/etc/network/interfaces
