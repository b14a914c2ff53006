# NETWORK HOST: a host as it was, without workers, their network and what they mount.
network=$1 host=$2
docker ps -aq | xargs -r docker rm -fv >/dev/null
docker network ls -q --filter label=fairlead.spec | xargs -r docker network rm >/dev/null
rm -f /etc/containers/networks/*.json
umount /cvmfs 2>/dev/null
rm -rf /cvmfs /opt/glite /etc/grid-security /home/atlas001 /var/log/vn0*
[ ! -f /run/names.pid ] || kill "$(cat /run/names.pid)"
: >/etc/resolv.conf
[ ! -e /sys/class/net/br0 ] || {
  systemctl stop docker
  ip link delete br0
  ip address replace "$network.${host#n}/24" brd + dev eth0
  ip link set eth0 up
  systemctl start docker
}
